/** Search in a document: a field, how many places, and the way from one to the next. */

import { button, element, setText } from "../element.js";
import { t } from "../i18n.js";
import { Finder } from "../viewers/pdf/finder.js";

const TYPING_MS = 250;

export class FindPanel {
  #viewer;
  #finder;
  #field;
  #count = element("p.find-count.numbers", { role: "status" });
  #timer = 0;
  #keys;

  constructor(viewer, shut) {
    this.#viewer = viewer;
    this.#finder = new Finder(viewer.pdf, () => this.#show());
    this.#field = element("input.find-field", {
      type: "search", inputmode: "search", enterkeyhint: "search", autocomplete: "off",
      "aria-label": t("reader.find_words"), placeholder: t("reader.find_words"),
      oninput: () => this.#typed(),
    });
    this.#keys = [
      button(t("reader.find_before"), () => this.#step(-1), look("up")),
      button(t("reader.find_after"), () => this.#step(1), look("down")),
    ];
    const close = button(t("reader.close"), shut, look("close"));
    this.element = element("form.reader-panel.find.reader-bar", {
      role: "search",
      onsubmit: (event) => {
        event.preventDefault();
        this.#step(1);
      },
    }, this.#field, this.#count, ...this.#keys, close);
  }

  /** @param {{words?: string, stays?: boolean}} given  sought at once; stays: on the page that is read */
  begin({ words = "", stays = false } = {}) {
    this.#show();
    this.#field.value = words;
    if (words) void this.#look(stays);
    else this.#field.focus();
  }

  close() {
    clearTimeout(this.#timer);
    this.#finder.close();
    this.#viewer.mark(null);
  }

  #typed() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), TYPING_MS);
  }

  async #look(stays = false) {
    const page = this.#viewer.page - 1;
    await this.#finder.look(this.#field.value, page);
    if (stays && this.#finder.current?.page !== page) this.#show();
    else this.#goThere();
  }

  #step(by) {
    if (this.#finder.words !== this.#field.value.trim()) {
      clearTimeout(this.#timer);
      void this.#look();
      return;
    }
    this.#finder.step(by);
    this.#goThere();
  }

  #goThere() {
    const { current } = this.#finder;
    if (current) this.#viewer.showSpot(current.page, current.share);
    this.#show();
  }

  #show() {
    const { count, place, isDone, words, isCut } = this.#finder;
    this.#viewer.mark(this.#finder);
    for (const key of this.#keys) key.disabled = count === 0;
    if (!words) setText(this.#count, "");
    else if (count === 0) setText(this.#count, t(isDone ? "reader.find_none" : "reader.find_looking"));
    else setText(this.#count, t(isCut ? "reader.find_place_more" : "reader.find_place", { place, count }));
  }
}

function look(name) {
  return { kind: "quiet square", icon: name, onlyIcon: true };
}
