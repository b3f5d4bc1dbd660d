/**
 * A table of any length: only the rows in the window and some around it are in the document. The row of
 * names sticks to the upper edge, the row numbers to the left one; both ways it scrolls.
 */

import { element, fill, setText } from "../../element.js";
import { t } from "../../i18n.js";
import { watchGestures } from "../gestures.js";
import { Marker } from "../spot.js";
import { columnWidths, isNumber, keptRows, widthFor } from "./layout.js";

const SMALLEST = 0.6;
const LARGEST = 2.5;
const STEP = 1.15;
/** Height of a row, in em. */
const ROW_EM = 2.4;

/**
 * @typedef {{names: string[], rows: import("./layout.js").Row[], widths?: number[], last?: number}} Sheet
 *   widths: of the columns, in CSS pixels, where they are told; last: the largest row number there will be
 */

export class Grid {
  #options;
  #sheet = { names: [], rows: [] };
  #scale = 1;
  #shown = new Map();
  #asked = 0;
  #words = "";
  #widths = [];
  /** What the cell under the finger says, where it does not fit into it. */
  #wanted = null;
  #head = element("div.grid-row.grid-head", { role: "row" });
  #body = element("div.grid-body", { role: "rowgroup" });
  #full = element("p.grid-full", { role: "status", hidden: true });
  #table = element("div.grid-table", { role: "table" });
  #marker = new Marker(this.#table);

  /** @param {{label: string, onChange: () => void, onTap: () => void, signal: AbortSignal}} options */
  constructor(options) {
    this.#options = options;
    const { signal, label } = options;
    this.#table.setAttribute("aria-label", label);
    this.#table.append(element("div.grid-heads", { role: "rowgroup" }, this.#head), this.#body);
    this.scroller = element("div.grid-scroll", { tabindex: 0, role: "region", "aria-label": label }, this.#table);
    this.element = element("div.grid", {}, this.scroller, this.#full);
    this.scroller.addEventListener("scroll", () => this.#askToLook(), { passive: true, signal });
    this.scroller.addEventListener("pointerup", (event) => this.#tapped(event), { signal });
    this.scroller.addEventListener("keydown", (event) => this.#key(event), { signal });
    watchGestures(this.scroller, {
      onTap: () => this.#onTap(),
      onPinch: (factor) => this.zoomTo(this.#scale * factor),
    }, signal);
    const observer = new ResizeObserver(() => this.#askToLook());
    observer.observe(this.scroller);
    signal.addEventListener("abort", () => {
      observer.disconnect();
      this.#marker.clear();
    }, { once: true });
  }

  get scale() { return this.#scale; }

  get place() {
    return { row: this.scroller.scrollTop / this.#rowHeight, left: this.scroller.scrollLeft / this.#em, scale: this.#scale };
  }

  set place({ row = 0, left = 0, scale = 1 }) {
    this.zoomTo(scale);
    this.scroller.scrollTop = row * this.#rowHeight;
    this.scroller.scrollLeft = left * this.#em;
  }

  /** @param {Sheet} sheet  shown from its beginning */
  show(sheet) {
    this.#sheet = sheet;
    this.#clear();
    const digits = String(sheet.last ?? sheet.rows.at(-1)?.number ?? 1).length;
    const widths = columnWidths(sheet.names, sheet.rows, sheet.widths);
    this.#setWidths([Math.max(3.4, digits * 0.62 + 1.4), ...widths]);
    this.#table.setAttribute("aria-colcount", String(sheet.names.length + 1));
    const corner = cell(t("reader.table_number"), "columnheader", 1);
    fill(this.#head, corner, ...sheet.names.map((name, at) => cell(name, "columnheader", at + 2)));
    this.scroller.scrollTo(0, 0);
    this.grown();
  }

  /** There are more rows now. */
  grown() {
    const count = this.#sheet.rows.length;
    this.#table.setAttribute("aria-rowcount", String(count + 1));
    this.#body.style.height = `${(count * ROW_EM).toFixed(1)}em`;
    this.#askToLook();
  }

  /**
   * Marks these words wherever they show, and brings the cell of a row (from 0) into sight. It and those up to `last`
   * become as wide as what is in them.
   */
  seek(words, { row, column, last }) {
    this.#words = words;
    const cells = row < 0 ? this.#sheet.names : this.#sheet.rows[row].cells;
    this.#setWidths(this.#widths.map((width, at) => (
      at > column && at <= last + 1 ? Math.max(width, widthFor(cells[at - 1] ?? "")) : width
    )));
    this.scroller.scrollTop = row * this.#rowHeight - this.scroller.clientHeight * 0.3;
    const before = [...this.#head.children].slice(1, column + 1);
    const left = before.reduce((width, one) => width + one.offsetWidth, 0);
    const { clientWidth, scrollLeft } = this.scroller;
    if (left < scrollLeft || left > scrollLeft + clientWidth * 0.6) this.scroller.scrollLeft = left - clientWidth * 0.3;
    this.#askToLook();
  }

  zoomIn() { this.zoomTo(this.#scale * STEP); }
  zoomOut() { this.zoomTo(this.#scale / STEP); }

  zoomTo(scale) {
    const { row, left } = this.place;
    this.#scale = Math.min(LARGEST, Math.max(SMALLEST, scale));
    this.#table.style.fontSize = `${this.#scale}em`;
    this.scroller.scrollTop = row * this.#rowHeight;
    this.scroller.scrollLeft = left * this.#em;
    this.#askToLook();
  }

  leaf(direction) {
    this.scroller.scrollBy({ top: direction * this.scroller.clientHeight * 0.8 });
  }

  /** Across it goes by the keys, too; the reader's own meaning of them is to leaf. */
  #key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.scroller.scrollBy({ left: by * 6 * this.#em });
  }

  get #em() { return parseFloat(getComputedStyle(this.#table).fontSize) || 16; }
  get #rowHeight() { return this.#em * ROW_EM; }

  #askToLook() {
    this.#asked ||= requestAnimationFrame(() => {
      this.#asked = 0;
      this.#look();
      this.#options.onChange();
    });
  }

  #look() {
    const { rows } = this.#sheet;
    const top = this.scroller.scrollTop - this.#body.offsetTop;
    const view = { top, height: this.scroller.clientHeight, rowHeight: this.#rowHeight, count: rows.length };
    const { first, last } = keptRows(view);
    for (const [index, node] of this.#shown) {
      if (index >= first && index < last) continue;
      node.remove();
      this.#shown.delete(index);
    }
    for (let index = first; index < last; index += 1) {
      if (!this.#shown.has(index)) this.#add(index, rows[index]);
    }
    if (this.#words) for (const found of this.#marker.mark(this.#words)) reveal(found);
  }

  /** @param {number[]} widths  in em, that of the row numbers first */
  #setWidths(widths) {
    this.#widths = widths;
    this.#table.style.setProperty("--columns", widths.map((width) => `${width.toFixed(2)}em`).join(" "));
  }

  #add(index, { number, cells }) {
    const count = this.#sheet.names.length;
    const shown = element("div.grid-row", { role: "row", "aria-rowindex": index + 2 },
      cell(String(number), "rowheader", 1),
      ...Array.from({ length: count }, (_, at) => cell(cells[at] ?? "", "cell", at + 2)));
    shown.style.top = `${(index * ROW_EM).toFixed(1)}em`;
    this.#shown.set(index, shown);
    this.#body.append(shown);
  }

  #clear() {
    for (const node of this.#shown.values()) node.remove();
    this.#shown.clear();
    this.#full.hidden = true;
  }

  #tapped({ target }) {
    const touched = target.closest?.(".grid-row > span");
    const isWhole = !touched || (touched.scrollWidth <= touched.clientWidth + 1 && !touched.textContent.includes("\n"));
    this.#wanted = isWhole ? null : touched.textContent;
  }

  /** A tap on a value that does not fit shows all of it below; any other goes to the bars. */
  #onTap() {
    const words = this.#wanted;
    this.#wanted = null;
    if (words === null && this.#full.hidden) return this.#options.onTap();
    setText(this.#full, words ?? "");
    this.#full.hidden = words === null;
    return undefined;
  }
}

/** Moves a value that is longer than its cell, so that what was found in it is in sight. */
function reveal(range) {
  const shown = range.startContainer.parentElement;
  if (shown.scrollLeft > 0 || shown.scrollWidth <= shown.clientWidth) return;
  const { left, right } = range.getBoundingClientRect();
  const box = shown.getBoundingClientRect();
  if (right > box.right) shown.scrollLeft = left - box.left - box.width * 0.3;
}

/** A cell; what is a number stands on the right. */
function cell(text, role, column) {
  const isRight = role === "rowheader" || (role === "cell" && isNumber(text));
  return element(isRight ? "span.number" : "span", { role, "aria-colindex": column }, text);
}
