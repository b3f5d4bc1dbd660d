/** Marks of pages that have changed or gone since: a quiet line that says so, and a way to see them. */

import { button, element, fill, icon } from "../element.js";
import { t } from "../i18n.js";
import { closeButton, sheetDialog } from "../numberpad.js";
import { sheetOf } from "./layer.js";

export class KeptLine {
  #see;
  #isPutOff = false;

  /** @param {() => void} see */
  constructor(see) {
    this.#see = see;
    this.element = element("div.marks-kept", { role: "status" });
  }

  /** @param {{page: number}[]} kept */
  show(kept) {
    if (kept.length === 0 || this.#isPutOff) {
      fill(this.element);
      return;
    }
    const pages = [...new Set(kept.map((one) => one.page))];
    const words = pages.length === 1
      ? t("marks.kept_one", { page: pages[0] })
      : t("marks.kept_many", { count: pages.length });
    fill(this.element, element("div.notice", {}, icon("info"), element("p.words", {}, words),
      button(t("marks.kept_see"), this.#see),
      button(t("reader.close"), () => this.#putOff(), { kind: "quiet square", icon: "close", onlyIcon: true })));
  }

  /** Another material: what is to be said of it is said anew. */
  renew() {
    this.#isPutOff = false;
    fill(this.element);
  }

  #putOff() {
    this.#isPutOff = true;
    fill(this.element);
  }
}

/**
 * Shows them on blank sheets of the shape of the document's pages.
 * @param {HTMLElement} root
 * @param {{page: number, strokes: object[], notes: {text: string}[]}[]} kept
 * @param {number} ratio  height of a page by its width
 */
export function showKept(root, kept, ratio) {
  const sheets = kept.map((one) => element("section.marks-old", {},
    element("h3", {}, t("marks.kept_page", { page: one.page })),
    one.strokes.length > 0 && sheetOf(one, ratio),
    one.notes.map((note) => element("p.marks-old-note", {}, note.text))));
  const dialog = sheetDialog(t("marks.kept_title"), closeButton(t("reader.close"), () => dialog),
    element("h2.sheet-title", {}, t("marks.kept_title")),
    element("p.sheet-note", {}, t("marks.kept_words")),
    element("div.marks-olds.scroll", { tabindex: 0, role: "region", "aria-label": t("marks.kept_title") }, sheets));
  dialog.classList.add("marks-kept-sheet");
  root.append(dialog);
  dialog.showModal();
}
