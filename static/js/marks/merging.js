/** Two people wrote on one page at the same time: nothing that either of them drew is lost. Pure. */

/**
 * @param {PageMarks} base  what both began with
 * @param {PageMarks} mine
 * @param {PageMarks} theirs
 * @returns {PageMarks} theirs, with what I added, without what I took away
 *
 * @typedef {{strokes: object[], notes: object[]}} PageMarks
 */
export function merged(base, mine, theirs) {
  return {
    strokes: listOf(base.strokes, mine.strokes, theirs.strokes),
    notes: listOf(base.notes, mine.notes, theirs.notes),
  };
}

export function isSame(one, other) {
  return keyOf(one.strokes) === keyOf(other.strokes) && keyOf(one.notes) === keyOf(other.notes);
}

function listOf(base, mine, theirs) {
  const before = new Set(base.map(keyOf));
  const kept = new Set(mine.map(keyOf));
  const there = new Set(theirs.map(keyOf));
  const left = theirs.filter((one) => kept.has(keyOf(one)) || !before.has(keyOf(one)));
  return [...left, ...mine.filter((one) => !before.has(keyOf(one)) && !there.has(keyOf(one)))];
}

function keyOf(value) {
  return JSON.stringify(value, (_, part) => (isPlain(part) ? sorted(part) : part));
}

function isPlain(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** The terminal may give the fields of an object in another order. */
function sorted(object) {
  return Object.fromEntries(Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1)));
}
