/**
 * Looks for words page by page, from the one being read, round to the one before it.
 *
 * The first place is known as soon as its page was read; the count grows while the rest is read.
 */

import { boxesOf, indexOf, placesOf } from "./search.js";

const MOST = 1000;

/** @typedef {{page: number, boxes: number[][], share: number}} Spot  share: height on the page, 0–1 */

export class Finder {
  #pdf;
  #onGrow;
  #texts = new Map();
  #spots = [];
  #current = null;
  #run = 0;

  words = "";
  isDone = true;

  /** @param {import("pdfjs-dist").PDFDocumentProxy} pdf  @param {() => void} onGrow */
  constructor(pdf, onGrow) {
    this.#pdf = pdf;
    this.#onGrow = onGrow;
  }

  get count() { return this.#spots.length; }
  get isCut() { return this.count >= MOST; }
  get current() { return this.#current; }
  get place() { return this.#spots.indexOf(this.#current) + 1; }

  /** The spots on a page (from 0). */
  on(page) {
    return this.#spots.filter((spot) => spot.page === page);
  }

  /** Begins anew; resolves when the first spot is known, or that there is none. */
  look(words, from) {
    this.words = words.trim();
    this.#spots = [];
    this.#current = null;
    this.#run += 1;
    this.isDone = this.words === "";
    this.#onGrow();
    if (this.isDone) return Promise.resolve();
    return new Promise((resolve) => void this.#read(from, this.#run, resolve));
  }

  /** To the next (1) or previous (-1) spot, round the end. */
  step(by) {
    if (this.count === 0) return;
    const at = this.#spots.indexOf(this.#current);
    this.#current = this.#spots[(at + by + this.count) % this.count];
  }

  close() {
    this.#run += 1;
    this.#texts.clear();
  }

  async #read(from, run, onFirst) {
    const count = this.#pdf.numPages;
    for (let step = 0; step < count && !this.isCut; step += 1) {
      const spots = await this.#spotsOn((from + step) % count);
      if (run !== this.#run) break;
      if (spots.length === 0) continue;
      this.#spots = [...this.#spots, ...spots].sort((one, other) => one.page - other.page);
      this.#current ??= spots[0];
      onFirst();
      this.#onGrow();
    }
    if (run === this.#run) {
      this.isDone = true;
      this.#onGrow();
    }
    onFirst();
  }

  async #spotsOn(page) {
    const text = await this.#textOf(page);
    return placesOf(text.index, this.words, MOST - this.count).map((place) => {
      const boxes = boxesOf(text.items, text.index, place);
      return { page, boxes, share: 1 - (boxes[0][3] - text.bottom) / text.height };
    });
  }

  /** A page whose text cannot be read has none: the search goes on. */
  async #textOf(number) {
    const known = this.#texts.get(number);
    if (known) return known;
    let items = [];
    let view = [0, 0, 1, 1];
    try {
      const page = await this.#pdf.getPage(number + 1);
      ({ view } = page);
      ({ items } = await page.getTextContent());
    } catch (error) {
      console.info(`page ${number + 1} cannot be searched: ${error?.message ?? error}`);
    }
    const text = { items, index: indexOf(items), bottom: view[1], height: view[3] - view[1] || 1 };
    this.#texts.set(number, text);
    return text;
  }
}
