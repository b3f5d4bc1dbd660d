// The agenda: numbered items, the chosen one marked, and how many of their materials can be opened.

import { element, facts, fill, phrase, setText } from "../element.js";

const HERE = ["ready", "preparing", "unsupported"];

/** The materials of an item that can be opened now, or in a moment. */
export function openable(item) {
  return item.materials.filter(({ state }) => HERE.includes(state)).length;
}

/** How far an item has come: "ready", "arriving" (one of its materials comes now) or "waiting". */
export function progressOf(item, arriving) {
  if (item.materials.some(({ n }) => n === arriving)) return "arriving";
  return item.materials.some(({ state }) => state === "downloading") ? "waiting" : "ready";
}

export class Agenda {
  #context;
  #choose;
  #list = element("ol");
  #rows = [];
  #shown = "";

  /** @param {object} context @param {(position: number) => void} choose called with the index of an item */
  constructor(context, choose) {
    const { t } = context;
    this.#context = context;
    this.#choose = choose;
    this.#list.setAttribute("aria-label", t("meeting.agenda"));
    this.element = element("nav.agenda.scroll", { "aria-label": t("meeting.agenda") }, this.#list);
  }

  /** Shows `items`, the one at `chosen` marked; `arriving` is the number of the material that comes now. */
  update(items, chosen, arriving) {
    const key = JSON.stringify(items.map(({ title, reporter, minutes }) => [title, reporter, minutes]));
    if (key !== this.#shown) {
      this.#shown = key;
      this.#rows = items.map((item, index) => this.#row(item, index));
      fill(this.#list, ...this.#rows.map(({ line }) => line));
    }
    for (const [index, item] of items.entries()) {
      setText(this.#rows[index].count, this.#countWords(item));
      this.#rows[index].count.dataset.progress = progressOf(item, arriving);
      this.#showUpdated(item, this.#rows[index].updated);
      if (index === chosen) this.#rows[index].press.setAttribute("aria-current", "true");
      else this.#rows[index].press.removeAttribute("aria-current");
    }
  }

  /** Brings the item at `index` into sight. */
  reveal(index) {
    this.#rows[index]?.line.scrollIntoView({ block: "nearest" });
  }

  #row(item, index) {
    const { t, format } = this.#context;
    const number = format.number(index + 1);
    const count = element("span.count.numbers");
    const updated = element("span.updated.numbers");
    const minutes = item.minutes ? t("meeting.minutes", { minutes: item.minutes }) : "";
    const press = element(
      "button.item",
      { type: "button", onclick: () => this.#choose(index) },
      element("span.number.numbers", { "aria-hidden": true }, number),
      element(
        "span.agenda-words",
        {},
        element("span.name.phrase", {}, phrase(item.title || t("meeting.item.untitled", { number }))),
        element("span.about.facts", {}, facts(item.reporter, minutes, count, updated)),
      ),
    );
    return { line: element("li", {}, press), press, count, updated };
  }

  #showUpdated(item, place) {
    const count = item.materials.filter(({ updated }) => updated).length;
    setText(place, count ? this.#context.t("meeting.count.updated", { count }) : "");
    place.parentElement.hidden = count === 0;
  }

  #countWords(item) {
    const { t } = this.#context;
    const count = item.materials.length;
    if (!count) return t("meeting.count.none");
    const ready = openable(item);
    const coming = item.materials.some(({ state }) => state === "downloading");
    return coming ? t("meeting.count.ready", { ready, count }) : t("meeting.count", { count });
  }
}
