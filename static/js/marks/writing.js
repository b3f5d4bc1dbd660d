/** What a pointer does with the tool in hand: draws a line, wipes lines away, or puts down a note. */

import { touches } from "./curve.js";
import { MOST_NOTES, MOST_POINTS, MOST_STROKES } from "./notebook.js";
import { kept } from "./spot.js";

/** Widths in thousandths of the page's width. */
export const WIDTHS = { pen: 2.6, highlighter: 18 };

/** Points nearer than that (in units of the page's width) say nothing new. */
const CLOSE = 0.0006;

/** How far from a line the eraser takes it, in CSS pixels. */
const REACH_PIXELS = 12;

export class Writing {
  #overlay;
  #book;
  #ink;
  #on;
  #page = null;
  #line = null;
  #wiped = null;
  #last = null;

  /** @type {{name: "pen" | "highlighter" | "eraser" | "note", ink: string}} */
  tool = { name: "pen", ink: "red" };

  /**
   * @param {import("./overlay.js").Overlay} overlay
   * @param {import("./notebook.js").Notebook} book
   * @param {import("./ink.js").Ink} ink
   * @param {{note: (page: number, x: number, y: number) => void, full: () => void}} on
   */
  constructor(overlay, book, ink, on) {
    this.#overlay = overlay;
    this.#book = book;
    this.#ink = ink;
    this.#on = on;
  }

  begin(event) {
    const spot = this.#overlay.spotAt(event.clientX, event.clientY);
    if (!spot) return false;
    const { strokes, notes } = this.#book.on(spot.page);
    const isFull = this.tool.name === "note" ? notes.length >= MOST_NOTES : strokes.length >= MOST_STROKES;
    if (isFull && this.tool.name !== "eraser") {
      this.#on.full();
      return false;
    }
    this.#page = spot.page;
    if (this.tool.name === "eraser") this.#wiped = strokes;
    else if (this.tool.name !== "note") this.#start(event);
    this.move([event]);
    return true;
  }

  move(events) {
    for (const event of events) {
      if (this.#line) this.#draw(event);
      else if (this.#wiped) this.#wipe(event);
    }
    this.#last = events.at(-1);
  }

  end() {
    if (this.#line) this.#keepLine();
    else if (this.#wiped) this.#keepWiped();
    else this.#putNote();
    this.#rest();
  }

  /** It was no line after all. */
  drop() {
    if (this.#wiped) this.#keepWiped();
    this.#rest();
  }

  #rest() {
    this.#ink.clear();
    this.#line = this.#wiped = this.#page = null;
  }

  #start(event) {
    const { name, ink } = this.tool;
    this.#line = { spots: [], pressure: [], isPen: event.pointerType === "pen" && name === "pen" };
    const width = (WIDTHS[name] / 1000) * this.#overlay.widthOf(this.#page);
    const colour = getComputedStyle(document.documentElement).getPropertyValue(`--mark-${ink}`).trim();
    this.#ink.begin({ colour, width, isLight: name === "highlighter" });
  }

  #draw(event) {
    const { x, y } = this.#overlay.spotAt(event.clientX, event.clientY, this.#page);
    const ratio = this.#overlay.ratio(this.#page);
    const before = this.#line.spots.at(-1);
    if (before && Math.hypot(x - before.x, (y - before.y) * ratio) < CLOSE) return;
    const pressure = this.#line.isPen ? event.pressure : null;
    this.#line.spots.push({ x, y });
    this.#line.pressure.push(event.pressure);
    this.#ink.add(event.clientX, event.clientY, pressure);
    if (this.#line.spots.length === MOST_POINTS) this.#goOn(event);
  }

  /** A line without an end becomes two. */
  #goOn(event) {
    this.#keepLine();
    this.#ink.clear();
    this.#start(event);
    this.#draw(event);
  }

  #keepLine() {
    const { spots, pressure, isPen } = this.#line;
    if (spots.length === 0) return;
    const { name, ink } = this.tool;
    const stroke = { tool: name, ink, width: WIDTHS[name], points: spots.flatMap(({ x, y }) => [kept(x), kept(y)]) };
    // A stylus that does not feel says the same all the time.
    if (isPen && new Set(pressure).size > 1) stroke.pressure = pressure.map((one) => kept(Math.min(1, one)));
    const { strokes } = this.#book.on(this.#page);
    this.#book.change(this.#page, { strokes: [...strokes, stroke] });
  }

  #wipe(event) {
    const spot = this.#overlay.spotAt(event.clientX, event.clientY, this.#page);
    const ratio = this.#overlay.ratio(this.#page);
    const reach = (REACH_PIXELS / this.#overlay.widthOf(this.#page)) * 1000;
    const left = this.#wiped.filter((stroke) => !touches(stroke, spot, ratio, reach));
    if (left.length === this.#wiped.length) return;
    this.#wiped = left;
    this.#overlay.preview(this.#page, left);
  }

  /** However many lines one movement wiped away, one step brings them back. */
  #keepWiped() {
    const { strokes } = this.#book.on(this.#page);
    if (this.#wiped.length < strokes.length) this.#book.change(this.#page, { strokes: this.#wiped });
  }

  #putNote() {
    const spot = this.#last && this.#overlay.spotAt(this.#last.clientX, this.#last.clientY, this.#page);
    if (spot) this.#on.note(spot.page, kept(spot.x), kept(spot.y));
  }
}
