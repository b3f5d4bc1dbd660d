/**
 * The marks of one material as the page knows them, with undo and redo.
 *
 * Events: "page" (`detail`: a page, from 0, looks different), "steps" (undo or redo became possible or
 * impossible), "kept" (marks of older versions are known).
 *
 * @typedef {import("./curve.js").Stroke} Stroke
 * @typedef {{x: number, y: number, text: string}} Note
 * @typedef {{strokes: Stroke[], notes: Note[]}} PageMarks
 */

const EMPTY = Object.freeze({ strokes: Object.freeze([]), notes: Object.freeze([]) });
const MOST_STEPS = 200;

export const MOST_STROKES = 500;
export const MOST_NOTES = 50;
export const MOST_LETTERS = 2000;
export const MOST_POINTS = 2000;

export class Notebook extends EventTarget {
  #pages = new Map();
  #done = [];
  #undone = [];

  /** Marks of pages that are not in this version any more: `{page (from 1), at, strokes, notes}`. */
  kept = [];

  /** @returns {PageMarks} of a page, from 0 */
  on(page) {
    return this.#pages.get(page) ?? EMPTY;
  }

  /** Pages (from 0) that have marks, in order. */
  get pages() {
    const marked = [...this.#pages].filter(([, { strokes, notes }]) => strokes.length > 0 || notes.length > 0);
    return marked.map(([page]) => page).sort((one, other) => one - other);
  }

  get canUndo() { return this.#done.length > 0; }
  get canRedo() { return this.#undone.length > 0; }

  /** A change that somebody made; it can be undone. @param {Partial<PageMarks>} change */
  change(page, change) {
    const before = this.on(page);
    const after = { ...before, ...change };
    this.#done = [...this.#done, { page, before, after }].slice(-MOST_STEPS);
    this.#undone = [];
    this.#set(page, after);
    this.#tell("steps");
  }

  /** What the terminal says of a page; steps of that page cannot be undone across it. */
  put(page, marks) {
    this.#done = this.#done.filter((step) => step.page !== page);
    this.#undone = this.#undone.filter((step) => step.page !== page);
    this.#set(page, marks);
    this.#tell("steps");
  }

  keep(kept) {
    this.kept = kept;
    this.#tell("kept");
  }

  undo() {
    const step = this.#done.pop();
    if (step) this.#go(step.page, step.before, this.#undone, step);
  }

  redo() {
    const step = this.#undone.pop();
    if (step) this.#go(step.page, step.after, this.#done, step);
  }

  #go(page, marks, steps, step) {
    steps.push(step);
    this.#set(page, marks);
    this.#tell("steps");
  }

  #set(page, marks) {
    this.#pages.set(page, marks);
    this.#tell("page", page);
  }

  #tell(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
