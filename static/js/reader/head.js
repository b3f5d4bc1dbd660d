/** The bar at the upper edge: back to the meeting, what this is, the material before and after. */

import { element, icon, setText } from "../element.js";
import { t } from "../i18n.js";

export class Head {
  #title = element("h1.reader-title.one-line", { "aria-live": "polite" });
  #where = element("p.reader-where.one-line");
  #before;
  #after;

  /** @param {{back: string, leaf: (by: number) => void}} options  back: address of the meeting */
  constructor({ back, leaf }) {
    this.#before = neighbourKey("back", "reader.material_before", () => leaf(-1));
    this.#after = neighbourKey("next", "reader.material_after", () => leaf(1));
    this.element = element("header.reader-head.reader-bar", {},
      element("a.button.quiet.reader-back", { href: back }, icon("back"),
        element("span", {}, t("reader.back"))),
      element("div.reader-titles", {}, this.#title, this.#where),
      element("nav.reader-neighbours", { "aria-label": t("reader.materials") }, this.#before, this.#after));
  }

  /** @param {object} row  @param {{before: object | null, after: object | null}} beside */
  show(row, beside) {
    setText(this.#title, row.name);
    setText(this.#where, t(row.item ? "reader.where" : "reader.where_untitled", {
      number: row.itemNumber, title: row.item, place: row.place, count: row.count,
    }));
    // At either end a key goes dead; whoever has just pressed it is not left without a place.
    const pressed = [this.#before, this.#after].find((key) => key === document.activeElement);
    label(this.#before, beside.before);
    label(this.#after, beside.after);
    if (pressed?.disabled) (pressed === this.#before ? this.#after : this.#before).focus();
  }
}

function neighbourKey(name, key, press) {
  const words = element("span.reader-key-words", {}, t(key));
  const parts = name === "back" ? [icon(name), words] : [words, icon(name)];
  return element("button.button.quiet.reader-key", { type: "button", onclick: press, disabled: true }, ...parts);
}

function label(key, row) {
  key.disabled = row === null;
  key.title = row?.name ?? "";
}
