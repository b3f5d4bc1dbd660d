/**
 * Writing on a material: the marks over its pages, and the tray while somebody writes.
 *
 * The reader gives it each viewer that it opens. Marks are seen whether or not somebody writes; what is
 * written is saved by itself, also after the material was left.
 */

import { Ink } from "./ink.js";
import { openCard } from "./card.js";
import { KeptLine, showKept } from "./kept.js";
import { MOST_NOTES } from "./notebook.js";
import { Overlay } from "./overlay.js";
import { Pen } from "./pen.js";
import { Tray } from "./tray.js";
import { Writing } from "./writing.js";
import { notebookFor } from "./shelf.js";

/** What was in hand last, in this browser: the next material is written on with the same. */
const inHand = { name: "pen", ink: "red" };

export class Desk {
  #root;
  #does;
  #api;
  #tray;
  #kept = new KeptLine(() => this.#seeKept());
  #viewer = null;
  #held = null;
  #overlay = null;
  #ink = null;
  #writing = null;
  #pen = null;
  #open = new AbortController();

  /**
   * @param {HTMLElement} root  the reader's
   * @param {{list: () => void, changed: () => void}} does  list: opens the panel; changed: writing began
   *   or ended
   * @param {{api: import("../api.js").Api, store: object, signal: AbortSignal}} context
   */
  constructor(root, does, { api, store, signal }) {
    this.#root = root;
    this.#does = does;
    this.#api = api;
    this.#tray = new Tray({
      tool: (name, byKeyboard) => this.#take(name, byKeyboard),
      ink: (ink) => this.#dip(ink),
      undo: () => this.#held?.book.undo(),
      redo: () => this.#held?.book.redo(),
      list: () => does.list(),
      leaf: (by) => this.#viewer?.goTo(this.#viewer.page + by),
      done: () => this.stop(),
    });
    root.append(this.#kept.element, this.#tray.element);
    document.addEventListener("keydown", (event) => this.#key(event), { signal, capture: true });
    window.addEventListener("pagehide", () => this.#held?.saving.flush(), { signal });
    signal.addEventListener("abort", () => this.leave(), { once: true });
    store.subscribe((state, before) => this.#follow(state, before), { signal });
  }

  get isWriting() { return this.#pen !== null; }

  /** Shows the marks of the material of `viewer`, once there is something to write on. */
  use(viewer, meetingId) {
    this.leave();
    this.#viewer = viewer;
    this.#open = new AbortController();
    const { signal } = this.#open;
    viewer.addEventListener("ready", () => this.#begin(meetingId), { signal });
    viewer.addEventListener("fault", () => this.leave(), { signal });
  }

  /** The material is closed; what is not saved yet is saved all the same. */
  leave() {
    this.stop();
    this.#open.abort();
    this.#overlay?.close();
    this.#held?.release();
    this.#overlay = this.#held = this.#viewer = null;
    this.#kept.renew();
  }

  toggle() {
    if (this.isWriting) this.stop();
    else this.#start();
  }

  stop() {
    if (!this.isWriting) return;
    const hadFocus = this.#tray.element.contains(document.activeElement);
    this.#pen.abort();
    this.#pen = null;
    this.#ink.close();
    this.#held?.saving.flush();
    this.#tray.element.hidden = true;
    delete this.#root.dataset.writing;
    if (hadFocus) this.#viewer?.element.focus({ preventScroll: true });
    this.#does.changed();
  }

  #begin(meetingId) {
    if (this.#overlay || !this.#viewer.abilities.has("marks")) return;
    const { signal } = this.#open;
    this.#held = notebookFor(this.#api, meetingId, this.#viewer.material);
    const { book, saving } = this.#held;
    this.#viewer.notebook = book;
    this.#overlay = new Overlay(this.#viewer, book, (page, note) => this.#openNote(page, note));
    book.addEventListener("steps", () => this.#tray.showSteps(book), { signal });
    book.addEventListener("kept", () => this.#kept.show(book.kept), { signal });
    saving.addEventListener("state", () => this.#tray.showState(saving.state), { signal });
    this.#viewer.addEventListener("change", () => this.#tray.showPage(this.#viewer), { signal });
    this.#tray.showPage(this.#viewer);
    this.#kept.show(book.kept);
  }

  #start() {
    if (!this.#overlay) return;
    const { pane } = this.#viewer;
    const { book, saving } = this.#held;
    this.#ink = new Ink(this.#viewer.element.parentElement);
    this.#writing = new Writing(this.#overlay, book, this.#ink, {
      note: (page, x, y) => this.#newNote(page, x, y),
      full: () => this.#tray.showState("full"),
    });
    this.#pen = new AbortController();
    void new Pen(pane.element, this.#writing, this.#pen.signal);
    this.#tray.element.hidden = false;
    this.#tray.showSteps(book);
    this.#tray.showState(saving.state);
    this.#hold();
    this.#does.changed();
    this.#tray.focus();
  }

  #take(name, byKeyboard) {
    inHand.name = name;
    this.#hold();
    if (name === "note" && byKeyboard) {
      const { page, x, y } = this.#overlay.middle();
      this.#newNote(page, x, y);
    }
  }

  #dip(ink) {
    inHand.ink = ink;
    this.#hold();
  }

  #hold() {
    const { name, ink } = inHand;
    this.#writing.tool = { name, ink: name === "highlighter" ? "yellow" : ink };
    this.#root.dataset.writing = name;
    this.#tray.show(inHand);
  }

  #newNote(page, x, y) {
    const { book } = this.#held;
    if (book.on(page).notes.length >= MOST_NOTES) {
      this.#tray.showState("full");
      return;
    }
    openCard(this.#root, { text: "", isNew: true }, (text) => {
      if (text) book.change(page, { notes: [...book.on(page).notes, { x, y, text }] });
    });
  }

  #openNote(page, note) {
    const { book } = this.#held;
    openCard(this.#root, { text: note.text, isNew: false }, (text) => {
      const { notes } = book.on(page);
      // Meanwhile the page may have come anew from the terminal.
      const at = notes.findIndex((one) => one.x === note.x && one.y === note.y && one.text === note.text);
      if (text === note.text || at < 0) return;
      book.change(page, { notes: notes.toSpliced(at, 1, ...(text ? [{ ...note, text }] : [])) });
    });
  }

  #seeKept() {
    showKept(this.#root, this.#held.book.kept, this.#overlay.ratio(0));
  }

  #key(event) {
    if (!this.isWriting || this.#root.querySelector("dialog[open]")) return;
    const isCommand = event.ctrlKey || event.metaKey;
    const name = event.key.toLowerCase();
    const { book } = this.#held;
    if (isCommand && name === "z") act(event, () => (event.shiftKey ? book.redo() : book.undo()));
    else if (isCommand && name === "y") act(event, () => book.redo());
    else if (name === "escape" && !this.#root.dataset.panel) act(event, () => this.stop());
  }

  /** The terminal is back: what waited goes at once. */
  #follow(state, before) {
    if (state.connection === "live" && before.connection !== "live") this.#held?.saving.flush();
  }
}

function act(event, does) {
  event.preventDefault();
  does();
}
