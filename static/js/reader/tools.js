/**
 * The bar at the lower edge: thumbnails, outline, search, page, zoom, fit, one page alone, turn —
 * whatever the viewer can.
 */

import { button, element, icon, setText } from "../element.js";
import { t } from "../i18n.js";

export class Tools {
  #does;
  #page = element("span.reader-page-words.numbers");
  #zoom = element("span.reader-zoom-words.numbers");
  #fits = new Map();
  #groups = {};
  #panels;
  #alone;

  /**
   * @param {{rail: () => void, outline: () => void, find: () => void, leaf: (by: number) => void,
   *   jump: () => void, zoom: (by: number) => void, fit: (fit: string) => void, alone: () => void,
   *   turn: () => void, write: () => void}} does
   */
  constructor(does) {
    this.#does = does;
    this.#panels = {
      rail: this.#toggle("rail", "reader.rail", does.rail),
      outline: this.#toggle("outline", "reader.outline", does.outline),
      find: this.#toggle("search", "reader.find", does.find),
    };
    this.#alone = this.#toggle("alone", "reader.alone", does.alone);
    this.#groups = {
      ...this.#panels,
      pages: this.#pageGroup(),
      zoom: this.#zoomGroup(),
      fit: this.#fitGroup(),
      alone: this.#alone,
      turn: this.#only("turn-right", "reader.turn", does.turn),
      marks: this.#toggle("pen", "marks.write", does.write),
    };
    this.element = element("div.reader-tools.reader-bar", {
      role: "toolbar", "aria-label": t("reader.tools"), hidden: true,
    }, ...Object.values(this.#groups));
  }

  /** Shows what `viewer` can, and where it stands. */
  show(viewer) {
    this.element.hidden = viewer.abilities.size === 0;
    for (const [ability, group] of Object.entries(this.#groups)) {
      group.hidden = !viewer.abilities.has(ability);
    }
    if (viewer.pages) {
      const { page, pages } = viewer;
      setText(this.#page, t("reader.page_short", { page, pages }));
    }
    if (viewer.scale) setText(this.#zoom, `${Math.round(viewer.scale * 100)}%`);
    this.#alone.setAttribute("aria-pressed", viewer.isAlone === true);
    for (const [fit, key] of this.#fits) key.setAttribute("aria-pressed", viewer.fit === fit);
  }

  /** Which panel is open. */
  press(panel, isOpen) {
    this.#panels[panel]?.setAttribute("aria-pressed", isOpen);
  }

  #pageGroup() {
    const jump = element("button.button.quiet.reader-page-key", {
      type: "button", onclick: this.#does.jump, title: t("reader.jump"),
    }, this.#page);
    return element("div.reader-group", {},
      this.#only("back", "reader.page_before", () => this.#does.leaf(-1)),
      jump,
      this.#only("next", "reader.page_after", () => this.#does.leaf(1)));
  }

  #zoomGroup() {
    return element("div.reader-group", {},
      this.#only("minus", "reader.zoom_out", () => this.#does.zoom(-1)),
      this.#zoom,
      this.#only("plus", "reader.zoom_in", () => this.#does.zoom(1)));
  }

  #fitGroup() {
    const keys = [["width", "width"], ["page", "page"]].map(([fit, name]) => {
      const key = this.#toggle(name, `reader.fit_${fit}`, () => this.#does.fit(fit));
      this.#fits.set(fit, key);
      return key;
    });
    return element("div.reader-group", {}, ...keys);
  }

  /** A key with words that give way to its picture where there is no room. */
  #toggle(name, key, press) {
    return element("button.button.quiet.reader-key", {
      type: "button", onclick: press, "aria-pressed": "false", title: t(key),
    }, icon(name), element("span.reader-key-words", {}, t(key)));
  }

  #only(name, key, press) {
    return button(t(key), press, { kind: "quiet square", icon: name, onlyIcon: true });
  }
}
