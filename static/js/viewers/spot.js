/** Shows words in flowing text: marks their places without touching the text, and scrolls to the first. */

import { soughtIn } from "./sought.js";

const NAME = "found";
const MOST = 200;

/**
 * Where words are in a row of texts. Pure.
 *
 * @param {string[]} texts  one that ends a line has its end  @param {string} words
 * @returns {{from: [number, number], to: [number, number]}[]}  text and offset; `to` is behind the last letter
 */
export function spotsIn(texts, words) {
  let number = 0;
  let before = 0;
  const spotOf = (at) => {
    while (at >= before + texts[number].length) {
      before += texts[number].length;
      number += 1;
    }
    return [number, at - before];
  };
  return soughtIn(texts.join(""), words, MOST).map(({ start, end }) => {
    const from = spotOf(start);
    const [last, offset] = spotOf(end - 1);
    return { from, to: [last, offset + 1] };
  });
}

/** The marks in one sheet. There may be others on the screen, with marks of their own. */
export class Marker {
  #sheet;
  #ranges = [];

  /** @param {HTMLElement} sheet */
  constructor(sheet) {
    this.#sheet = sheet;
  }

  /** Marks all places of `words`, and none elsewhere any more. @returns {Range[]} */
  mark(words) {
    this.clear();
    const { nodes, texts } = textsIn(this.#sheet);
    this.#ranges = spotsIn(texts, words).map((spot) => rangeOf(nodes, spot));
    for (const range of this.#ranges) highlight()?.add(range);
    return this.#ranges;
  }

  clear() {
    for (const range of this.#ranges) highlight()?.delete(range);
    this.#ranges = [];
  }
}

/** One for the whole document: that is what a style can name. */
function highlight() {
  if (CSS.highlights && !CSS.highlights.has(NAME)) CSS.highlights.set(NAME, new Highlight());
  return CSS.highlights?.get(NAME);
}

/**
 * Marks all places of `words` in `sheet` and scrolls `pane` to the first, until `signal` is aborted.
 * @returns {boolean}  whether there is any
 */
export function showWords(pane, sheet, words, signal) {
  const marker = new Marker(sheet);
  const [first] = marker.mark(words);
  if (!first) return false;
  signal.addEventListener("abort", () => marker.clear(), { once: true });
  // What was not laid out yet moves as it comes into view: the second time it is where it says.
  for (let turn = 0; turn < 2; turn += 1) {
    const { top } = first.getBoundingClientRect();
    pane.scrollTop += top - pane.getBoundingClientRect().top - pane.clientHeight * 0.3;
  }
  return true;
}

function textsIn(sheet) {
  const walker = document.createTreeWalker(sheet, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  const nodes = [];
  const texts = [];
  let line = null;
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.localName === "br") line = null;
    if (node.nodeType !== Node.TEXT_NODE) continue;
    const its = blockOf(node, sheet);
    if (its !== line && texts.length) texts[texts.length - 1] += "\n";
    line = its;
    nodes.push(node);
    texts.push(node.data);
  }
  return { nodes, texts };
}

/** What the line is in that a text is part of. */
function blockOf(node, sheet) {
  let block = node.parentElement;
  while (block !== sheet && getComputedStyle(block).display.startsWith("inline")) block = block.parentElement;
  return block;
}

function rangeOf(nodes, { from, to }) {
  const range = document.createRange();
  range.setStart(nodes[from[0]], from[1]);
  range.setEnd(nodes[to[0]], to[1]);
  return range;
}
