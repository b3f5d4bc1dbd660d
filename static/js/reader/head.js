/**
 * The bar at the upper edge: back to the meeting, the list of materials, what this is, a second one at its
 * side, the material before and after.
 */

import { button, element, icon, setText } from "../element.js";
import { t } from "../i18n.js";
import { isResults } from "../search/kept.js";

export class Head {
  #title = element("h1.reader-title.one-line", { "aria-live": "polite" });
  #where = element("p.reader-where.one-line");
  #mark = element("span.reader-mark", { hidden: true });
  #back;
  #list;
  #search;
  #news;
  #split;
  #close;
  #before;
  #after;

  /**
   * @param {{back: string, leaf: (by: number) => void, list: () => void, search: () => void, split: () => void,
   *   close: () => void, news: () => void}} does  back: address of the meeting, or of the results
   *   that it was opened from; search: through the whole meeting
   */
  constructor({ back, leaf, list, search, split, close, news }) {
    this.#before = wordKey("back", "reader.material_before", () => leaf(-1), "Shift+PageUp");
    this.#after = wordKey("next", "reader.material_after", () => leaf(1), "Shift+PageDown");
    this.#list = wordKey("list", "reader.contents", list);
    this.#search = wordKey("search", "search.title", search);
    this.#split = wordKey("split", "reader.split", split);
    this.#news = wordKey("info", "reader.news", news);
    this.#close = button(t("reader.split_close"), close, { kind: "quiet square", icon: "close", onlyIcon: true });
    this.#back = element("a.button.quiet.reader-back", { href: back }, icon("back"),
      element("span.reader-key-words", {}, t(isResults(back) ? "search.back" : "reader.back")));
    const titles = element("div.reader-titles", {}, this.#title,
      element("div.reader-where-line", {}, this.#mark, this.#where));
    this.element = element("header.reader-head.reader-bar", {},
      element("div.reader-keys", {}, this.#back, this.#list, this.#search), titles,
      element("div.reader-keys.reader-neighbours", {}, this.#news, this.#split,
        element("div.reader-group", { role: "group", "aria-label": t("reader.materials") }, this.#before, this.#after),
        this.#close));
    this.stand({ isFirst: true, isAlone: true, maySplit: false });
    this.tellNews(false);
  }

  /** @param {object} row  @param {{before: object | null, after: object | null}} beside */
  show(row, beside) {
    setText(this.#title, row.name);
    this.#title.title = row.name;
    setText(this.#where, t(row.item ? "reader.where" : "reader.where_untitled", {
      number: row.itemNumber, title: row.item, place: row.at, count: row.count,
    }));
    this.#mark.hidden = !row.updated;
    if (row.updated) setText(this.#mark, t(`material.updated.${row.updated}`));
    // At either end a key goes dead; whoever has just pressed it is not left without a place.
    const pressed = [this.#before, this.#after].find((key) => key === document.activeElement);
    label(this.#before, beside.before);
    label(this.#after, beside.after);
    if (pressed?.disabled) (pressed === this.#before ? this.#after : this.#before).focus();
  }

  /** Which half this is: the way back is in the first one, the way out of two in each of two. */
  stand({ isFirst, isAlone, maySplit }) {
    this.#back.hidden = !isFirst;
    this.#search.hidden = !isFirst;
    this.#close.hidden = isAlone;
    this.#split.hidden = !(isAlone && maySplit);
  }

  focus() {
    this.#list.focus();
  }

  /** A newer revision was put off: it can be found here. */
  tellNews(isThere) {
    this.#news.hidden = !isThere;
  }
}

/** A key with words that give way to its picture where there is no room. */
function wordKey(name, key, press, shortcut = null) {
  const words = element("span.reader-key-words", {}, t(key));
  const parts = name === "next" ? [words, icon(name)] : [icon(name), words];
  return element("button.button.quiet.reader-key", {
    type: "button", onclick: press, title: t(key), "aria-keyshortcuts": shortcut,
  }, ...parts);
}

function label(key, row) {
  key.disabled = row === null;
  key.title = row?.name ?? "";
}
