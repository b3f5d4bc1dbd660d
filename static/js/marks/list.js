/** The panel with all marks of a material: a tap leads to the page. */

import { button, element, fill } from "../element.js";
import { t } from "../i18n.js";
import { showKept } from "./kept.js";

export class MarksPanel {
  #viewer;
  #list = element("ol.marks-list");
  #ended = new AbortController();

  constructor(viewer, shut) {
    this.#viewer = viewer;
    const close = button(t("reader.close"), shut, { kind: "quiet square", icon: "close", onlyIcon: true });
    this.element = element("aside.reader-panel.marks-panel.reader-bar", { "aria-label": t("marks.list") },
      element("div.panel-head", {}, element("h2", {}, t("marks.list")), close),
      element("div.marks-scroll.scroll", {}, this.#list));
  }

  begin() {
    const { notebook } = this.#viewer;
    for (const name of ["page", "kept"]) {
      notebook.addEventListener(name, () => this.#show(), { signal: this.#ended.signal });
    }
    this.#show();
    this.element.querySelector("button")?.focus({ preventScroll: true });
  }

  close() {
    this.#ended.abort();
  }

  #show() {
    const { notebook } = this.#viewer;
    const rows = notebook.pages.map((page) => this.#row(page, notebook.on(page)));
    if (notebook.kept.length > 0) rows.push(this.#keptRow(notebook.kept));
    if (rows.length === 0) rows.push(element("li.marks-none.soft", {}, t("marks.none")));
    fill(this.#list, rows);
  }

  #row(page, { strokes, notes }) {
    const counts = [
      strokes.length > 0 && t("marks.strokes", { count: strokes.length }),
      notes.length > 0 && t("marks.notes", { count: notes.length }),
    ];
    return element("li", {}, element("button.marks-row", { type: "button", onclick: () => this.#goTo(page) },
      element("span.marks-row-page", {}, t("reader.page_name", { page: page + 1 })),
      element("span.marks-row-count.soft", {}, counts.filter(Boolean).join(" · ")),
      notes.map((note) => element("span.marks-row-note.two-lines", {}, note.text))));
  }

  #keptRow(kept) {
    const { pane } = this.#viewer;
    const size = pane.sizes[0] ?? { width: 1, height: 1.414 };
    const see = () => showKept(this.element.parentElement, kept, size.height / size.width);
    return element("li", {}, element("button.marks-row", { type: "button", onclick: see },
      element("span.marks-row-page", {}, t("marks.kept_title")),
      element("span.marks-row-count.soft", {}, t("marks.kept_count", { count: kept.length }))));
  }

  #goTo(page) {
    if (this.#viewer.goTo) this.#viewer.goTo(page + 1);
    else this.#viewer.pane.goTo(page);
  }
}
