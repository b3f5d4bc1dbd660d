// The materials that were opened last, in a quiet row: back to where one was with one tap.

import { element, fill } from "../element.js";
import { pageWords } from "../reader/left.js";
import { addressOf, recentOf } from "../reader/materials.js";

const MOST = 4;

export class Recents {
  #context;
  #id;
  #list = element("ul.recents-list");
  #shown = "";

  /** @param {object} context @param {string} id the meeting's */
  constructor(context, id) {
    const { t } = context;
    this.#context = context;
    this.#id = id;
    this.element = element(
      "nav.recents",
      { "aria-label": t("reader.recent"), hidden: true },
      element("span.recents-title.soft", { "aria-hidden": "true" }, t("reader.recent")),
      this.#list,
    );
  }

  /** Shows those of `meeting`; nothing where none was opened. */
  update(meeting) {
    const { t, format, places } = this.#context;
    const rows = recentOf(meeting, { most: MOST }).map((row) => ({ ...row, place: places.get(this.#id, row) }));
    const told = rows.map((row) => [row.n, row.name, pageWords(row, t, format)]);
    const key = JSON.stringify(told);
    if (key === this.#shown) return;
    this.#shown = key;
    this.element.hidden = rows.length === 0;
    fill(this.#list, ...told.map((one) => this.#line(one)));
  }

  #line([n, name, page]) {
    const words = element("span.recent-name.one-line", {}, name);
    const where = page ? element("span.recent-page.soft.numbers", {}, page) : null;
    return element("li", {}, element("a.button.recent", { href: addressOf(this.#id, n), title: name }, words, where));
  }
}
