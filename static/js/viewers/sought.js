/**
 * Where words that are sought are in a text. Pure.
 *
 * They are as the search tells them: between two of them may be anything that is no word, also the end
 * of a line or of a cell. What nobody sees in a word counts for nothing.
 */

const APART = "[\\s\\p{P}\\p{S}]+";
const UNSEEN = "\\p{Cf}*";
/** A longer text is only compared as it is: without regard to case and width it takes too long. */
const COMPARED = 400_000;

/**
 * @param {string} text  @param {string} words  @param {number} most
 * @returns {{start: number, end: number}[]}  one behind the other, `most` at most
 */
export function soughtIn(text, words, most) {
  const places = placesIn(text, words, most);
  if (places.length || text.length > COMPARED) return places;
  const plain = plainly(text);
  return placesIn(plain.text, plainly(words).text, most)
    .map(({ start, end }) => ({ start: plain.from[start], end: plain.from[end - 1] + 1 }));
}

function placesIn(text, words, most) {
  const pattern = patternOf(words);
  const places = [];
  for (let found = pattern?.exec(text); found && places.length < most; found = pattern.exec(text)) {
    places.push({ start: found.index, end: pattern.lastIndex });
  }
  return places;
}

/**
 * How these words may be written; null where there are none. No letter is syntax, and all else is left out.
 * @returns {RegExp | null}  for one text after the other its `lastIndex` has to be put back
 */
export function patternOf(words) {
  const runs = words.split(new RegExp(APART, "u")).filter(Boolean).map((run) => [...run].join(UNSEEN));
  return runs.length ? new RegExp(runs.join(`(?:${APART}|\\p{Cf})+`), "gu") : null;
}

/** A text without regard to case and width, and from where in it each of its characters is. */
function plainly(text) {
  const plain = { text: "", from: [] };
  for (let at = 0; at < text.length; at += 1) {
    const unit = text[at].normalize("NFKC").toLowerCase();
    plain.text += unit;
    for (let count = 0; count < unit.length; count += 1) plain.from.push(at);
  }
  return plain;
}
