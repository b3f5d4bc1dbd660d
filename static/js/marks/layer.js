/**
 * The marks of one page on the screen: two drawings over it, one that lets the print through and one
 * that covers it, and a pin for each note. Drawings are vectors: sharp at any scale, without a canvas.
 */

import { element } from "../element.js";
import { t } from "../i18n.js";
import { pathOf } from "./curve.js";
import { shownAt, turnedDrawing } from "./spot.js";

const SVG = "http://www.w3.org/2000/svg";
const SHORT = 40;

export class Layer {
  #ratio;
  #turn = -1;
  #drawings;
  #pins = element("div.marks-pins");
  #paths = new Map();
  #box = null;
  #hasLight = false;
  #onNote;

  /**
   * @param {number} ratio  height of the unturned page by its width
   * @param {(note: object) => void} onNote  somebody pressed its pin
   */
  constructor(ratio, onNote) {
    this.#ratio = ratio;
    this.#onNote = onNote;
    this.#drawings = { highlighter: new Drawing("marks-light"), pen: new Drawing("marks-ink") };
  }

  get elements() { return [this.#drawings.highlighter.element, this.#drawings.pen.element, this.#pins]; }
  get hasLight() { return this.#hasLight; }

  place(box, turn, ratio) {
    if (box === this.#box && turn === this.#turn && ratio === this.#ratio) return;
    this.#box = box;
    for (const { style } of this.elements) {
      style.left = `${box.left}px`;
      style.top = `${box.top}px`;
      style.width = `${box.width}px`;
      style.height = `${box.height}px`;
    }
    if (turn === this.#turn && ratio === this.#ratio) return;
    if (ratio !== this.#ratio) {
      // The size of a page may be known for sure only later.
      for (const [stroke, path] of this.#paths) path.setAttribute("d", pathOf(stroke, ratio).d);
    }
    [this.#turn, this.#ratio] = [turn, ratio];
    for (const drawing of Object.values(this.#drawings)) drawing.turn(ratio, turn);
    for (const pin of this.#pins.children) this.#settle(pin);
  }

  /** @param {import("./notebook.js").PageMarks} marks */
  show({ strokes, notes }) {
    const wanted = new Set(strokes);
    this.#hasLight = strokes.some((stroke) => stroke.tool === "highlighter");
    for (const [stroke, path] of this.#paths) {
      if (wanted.has(stroke)) continue;
      path.remove();
      this.#paths.delete(stroke);
    }
    for (const stroke of strokes) {
      if (this.#paths.has(stroke)) continue;
      const path = pathElement(stroke, this.#ratio);
      this.#paths.set(stroke, path);
      this.#drawings[stroke.tool]?.add(path);
    }
    this.#showNotes(notes);
  }

  drop() {
    for (const one of this.elements) one.remove();
    this.#paths.clear();
  }

  #showNotes(notes) {
    const focused = [...this.#pins.children].indexOf(document.activeElement);
    this.#pins.replaceChildren(...notes.map((note, index) => this.#pin(note, index + 1)));
    if (focused >= 0) this.#pins.children[Math.min(focused, notes.length - 1)]?.focus({ preventScroll: true });
  }

  #pin(note, number) {
    const text = note.text.length > SHORT ? `${note.text.slice(0, SHORT)}…` : note.text;
    const pin = element("button.marks-pin", {
      type: "button", "aria-label": t("marks.note_name", { number, text }),
      onclick: () => this.#onNote(note),
    }, element("span.marks-pin-number.numbers", { "aria-hidden": "true" }, number));
    for (const name of ["pointerdown", "pointerup"]) pin.addEventListener(name, (event) => event.stopPropagation());
    pin.dataset.x = note.x;
    pin.dataset.y = note.y;
    this.#settle(pin);
    return pin;
  }

  #settle(pin) {
    const { x, y } = shownAt({ x: Number(pin.dataset.x), y: Number(pin.dataset.y) }, Math.max(0, this.#turn));
    pin.style.left = `${x * 100}%`;
    pin.style.top = `${y * 100}%`;
  }
}

/** One drawing of the unturned page, put into the box of the turned one. */
class Drawing {
  #group = document.createElementNS(SVG, "g");

  constructor(name) {
    this.element = document.createElementNS(SVG, "svg");
    this.element.setAttribute("class", `marks-drawing ${name}`);
    this.element.setAttribute("aria-hidden", "true");
    this.element.setAttribute("preserveAspectRatio", "none");
    this.element.append(this.#group);
  }

  turn(ratio, turn) {
    const { viewBox, transform } = turnedDrawing(ratio, turn);
    this.element.setAttribute("viewBox", viewBox);
    this.#group.setAttribute("transform", transform);
  }

  add(path) {
    this.#group.append(path);
  }
}

/** A stroke as a path of the unturned page, a thousand units wide. */
export function pathElement(stroke, ratio) {
  const { d, width } = pathOf(stroke, ratio);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", d);
  path.setAttribute("class", width === null ? "marks-filled" : "marks-line");
  path.setAttribute("data-ink", stroke.ink);
  if (width !== null) path.setAttribute("stroke-width", String(width));
  return path;
}

/** Marks on a blank sheet: what was on a page that is not there any more. */
export function sheetOf({ strokes }, ratio) {
  const drawing = new Drawing("marks-sheet");
  drawing.turn(ratio, 0);
  const inOrder = [...strokes].sort((one, other) => Number(one.tool === "pen") - Number(other.tool === "pen"));
  for (const stroke of inOrder) drawing.add(pathElement(stroke, ratio));
  return drawing.element;
}
