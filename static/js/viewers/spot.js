/** Shows words in flowing text: marks their places without touching the text, and scrolls to the first. */

import { indexOf, placesOf } from "./pdf/search.js";

const NAME = "found";
const MOST = 200;
/** A longer text is only looked through letter by letter: comparing it without its spaces takes too long. */
const COMPARED = 400_000;

/**
 * Where words are in a row of texts. Pure.
 *
 * @param {string[]} texts  @param {string} words
 * @returns {{from: [number, number], to: [number, number]}[]}  text and offset; `to` is behind the last letter
 */
export function spotsIn(texts, words) {
  const exact = exactSpots(texts, words);
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  if (exact.length || length > COMPARED) return exact;
  const index = indexOf(texts.map((str) => ({ str })));
  return placesOf(index, words, MOST).map(({ start, end }) => ({
    from: [index.items[start], index.offsets[start]],
    to: [index.items[end - 1], index.offsets[end - 1] + 1],
  }));
}

function exactSpots(texts, words) {
  const spots = [];
  if (words === "") return spots;
  for (const [number, text] of texts.entries()) {
    for (let at = text.indexOf(words); at >= 0 && spots.length < MOST; at = text.indexOf(words, at + words.length)) {
      spots.push({ from: [number, at], to: [number, at + words.length] });
    }
  }
  return spots;
}

/** Marks all places of `words` in `sheet`, and none elsewhere any more. @returns {Range[]} */
export function markWords(sheet, words) {
  const nodes = textsIn(sheet);
  const ranges = spotsIn(nodes.map(({ data }) => data), words).map((spot) => rangeOf(nodes, spot));
  CSS.highlights?.set(NAME, new Highlight(...ranges));
  return ranges;
}

/**
 * Marks all places of `words` in `sheet` and scrolls `pane` to the first, until `signal` is aborted.
 * @returns {boolean}  whether there is any
 */
export function showWords(pane, sheet, words, signal) {
  const ranges = markWords(sheet, words);
  if (!ranges.length) return false;
  signal.addEventListener("abort", () => CSS.highlights?.delete(NAME), { once: true });
  // What was not laid out yet moves as it comes into view: the second time it is where it says.
  for (let turn = 0; turn < 2; turn += 1) {
    const { top } = ranges[0].getBoundingClientRect();
    pane.scrollTop += top - pane.getBoundingClientRect().top - pane.clientHeight * 0.3;
  }
  return true;
}

function textsIn(sheet) {
  const walker = document.createTreeWalker(sheet, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
}

function rangeOf(nodes, { from, to }) {
  const range = document.createRange();
  range.setStart(nodes[from[0]], from[1]);
  range.setEnd(nodes[to[0]], to[1]);
  return range;
}
