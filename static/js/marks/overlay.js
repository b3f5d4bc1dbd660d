/**
 * The marks over a viewer's pages: a layer for each page that shows and for its neighbours, no more.
 *
 * It needs of a viewer its `pane` and its events "ready" and "change", and changes nothing in it.
 */

import { keptPages } from "../viewers/pdf/states.js";
import { Layer } from "./layer.js";
import { pageUnder, ratioOf, spotIn } from "./spot.js";

export class Overlay {
  #viewer;
  #book;
  #onNote;
  #layers = new Map();
  #ended = new AbortController();

  /**
   * @param {{pane: import("../viewers/pane.js").Pane} & EventTarget} viewer
   * @param {import("./notebook.js").Notebook} book
   * @param {(page: number, note: object) => void} onNote
   */
  constructor(viewer, book, onNote) {
    this.#viewer = viewer;
    this.#book = book;
    this.#onNote = onNote;
    const { signal } = this.#ended;
    for (const name of ["ready", "change"]) viewer.addEventListener(name, () => this.#look(), { signal });
    book.addEventListener("page", ({ detail }) => this.#renew(detail), { signal });
    this.#look();
  }

  /** Where a spot of the screen is. @returns {{page: number, x: number, y: number} | null} */
  spotAt(clientX, clientY, page = null) {
    const { pane } = this.#viewer;
    const { left, top } = pane.sheet.getBoundingClientRect();
    const [x, y] = [clientX - left, clientY - top];
    const found = page ?? pageUnder(pane.boxes, pane.visible, x, y);
    const box = found === null ? null : pane.boxes[found];
    return box ? { page: found, ...spotIn(box, pane.turn, x, y) } : null;
  }

  /** The middle of what shows of the page that is read. */
  middle() {
    const { pane } = this.#viewer;
    const { left, top, width, height } = pane.element.getBoundingClientRect();
    return this.spotAt(left + width / 2, top + height / 2, pane.current);
  }

  /** Height by width of a page as it stands unturned. */
  ratio(page) {
    const { sizes, turn } = this.#viewer.pane;
    return sizes[page] ? ratioOf(sizes[page], turn) : 1;
  }

  /** Width of a page on the screen as it stands unturned, in CSS pixels. */
  widthOf(page) {
    const { boxes, turn } = this.#viewer.pane;
    return turn % 180 === 0 ? boxes[page].width : boxes[page].height;
  }

  /** How a page will look when a movement of the eraser has ended. */
  preview(page, strokes) {
    this.#layers.get(page)?.show({ ...this.#book.on(page), strokes });
  }

  close() {
    this.#ended.abort();
    for (const layer of this.#layers.values()) layer.drop();
    this.#layers.clear();
    this.#viewer.pane.sheet.classList.remove("has-light");
  }

  #look() {
    const { pane } = this.#viewer;
    if (!pane?.count) return;
    const kept = new Set(keptPages(pane.visible, pane.count));
    for (const [page, layer] of this.#layers) {
      if (kept.has(page)) continue;
      layer.drop();
      this.#layers.delete(page);
    }
    for (const page of kept) {
      const layer = this.#layers.get(page) ?? this.#add(page);
      layer.place(pane.boxes[page], pane.turn, this.ratio(page));
      if (!layer.elements[0].isConnected) pane.sheet.append(...layer.elements);
    }
    this.#blend();
  }

  #add(page) {
    const layer = new Layer(this.ratio(page), (note) => this.#onNote(page, note));
    this.#layers.set(page, layer);
    layer.show(this.#book.on(page));
    return layer;
  }

  #renew(page) {
    this.#layers.get(page)?.show(this.#book.on(page));
    this.#blend();
  }

  /** What shows through is blended with the pages alone, and only where there is something to blend. */
  #blend() {
    const hasLight = [...this.#layers.values()].some((layer) => layer.hasLight);
    this.#viewer.pane.sheet.classList.toggle("has-light", hasLight);
  }
}
