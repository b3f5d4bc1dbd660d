/** The tray of whoever writes: tools, inks, undo and redo, the list, how saving stands, and done. */

import { button, element, icon, setText } from "../element.js";
import { t } from "../i18n.js";

const TOOLS = ["pen", "highlighter", "eraser", "note"];
const INKS = ["red", "blue", "black"];

export class Tray {
  #tools = new Map();
  #inks = new Map();
  #undo;
  #redo;
  #page = element("span.marks-page.numbers");
  #pages;
  #state = element("p.marks-state.soft", { role: "status" });

  /**
   * @param {{tool: (name: string, byKeyboard: boolean) => void, ink: (ink: string) => void,
   *   undo: () => void, redo: () => void, list: () => void, leaf: (by: number) => void,
   *   done: () => void}} does
   */
  constructor(does) {
    const tools = TOOLS.map((name) => this.#toggle(name, does));
    const inks = INKS.map((ink) => this.#swatch(ink, does));
    this.#undo = key("undo", does.undo);
    this.#redo = key("redo", does.redo);
    this.#pages = group([
      button(t("reader.page_before"), () => does.leaf(-1), leafing("back")),
      this.#page,
      button(t("reader.page_after"), () => does.leaf(1), leafing("next")),
    ]);
    this.element = element("div.marks-tray.reader-bar", { role: "toolbar", "aria-label": t("marks.tray"), hidden: true },
      group(tools), group(inks), group([this.#undo, this.#redo, key("list", does.list)]), this.#pages, this.#state,
      button(t("marks.done"), does.done, { kind: "marks-done" }));
  }

  /** Which page is before one, where there are several. */
  showPage({ page, pages }) {
    this.#pages.hidden = !(pages > 1);
    if (pages > 1) setText(this.#page, t("reader.page_short", { page, pages }));
  }

  /** @param {{name: string, ink: string}} tool */
  show({ name, ink }) {
    for (const [other, toggle] of this.#tools) toggle.setAttribute("aria-pressed", other === name);
    for (const [other, swatch] of this.#inks) {
      swatch.setAttribute("aria-pressed", other === ink);
      swatch.disabled = name !== "pen";
    }
  }

  /** @param {{canUndo: boolean, canRedo: boolean}} book */
  showSteps({ canUndo, canRedo }) {
    this.#undo.disabled = !canUndo;
    this.#redo.disabled = !canRedo;
  }

  showState(state) {
    this.#state.dataset.state = state;
    setText(this.#state, t(`marks.state_${state}`));
  }

  focus() {
    this.element.querySelector('[aria-pressed="true"]')?.focus({ preventScroll: true });
  }

  #toggle(name, does) {
    const toggle = element("button.button.quiet.reader-key", {
      type: "button", "aria-pressed": "false", title: t(`marks.${name}`),
      // A press of a key has no place on the screen.
      onclick: (event) => does.tool(name, event.detail === 0),
    }, icon(name), element("span.reader-key-words", {}, t(`marks.${name}`)));
    this.#tools.set(name, toggle);
    return toggle;
  }

  #swatch(ink, does) {
    const swatch = element("button.button.quiet.square.marks-swatch", {
      type: "button", "aria-pressed": "false", "aria-label": t(`marks.ink_${ink}`), title: t(`marks.ink_${ink}`),
      "data-ink": ink, onclick: () => does.ink(ink),
    }, element("span.marks-dot"));
    this.#inks.set(ink, swatch);
    return swatch;
  }
}

function key(name, press) {
  return button(t(`marks.${name}`), press, { kind: "quiet square", icon: name, onlyIcon: true });
}

function leafing(name) {
  return { kind: "quiet square", icon: name, onlyIcon: true };
}

function group(keys) {
  return element("div.reader-group", {}, ...keys);
}
