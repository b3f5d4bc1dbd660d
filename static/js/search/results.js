/** The results: agenda items by title, then one group for each material, with its pages. */

import { button, element, fill, icon, phrase } from "../element.js";
import { ICONS, typeOf } from "../meeting/materials.js";
import { addressOfHit, groupsOf, piecesOf, titlesOf } from "./answer.js";

const FIRST = 3;

export class Results {
  #context;
  #id;
  #on;
  #answer = null;
  /** Numbers of the materials of which all hits show. */
  open = new Set();

  /**
   * @param {object} context  @param {string} id the meeting's
   * @param {{item: (position: number) => void, material: (n: number) => void}} on  somebody goes there
   */
  constructor(context, id, on) {
    this.#context = context;
    this.#id = id;
    this.#on = on;
    this.element = element("div.found");
  }

  /** @param {import("./answer.js").Answer | null} answer */
  show(answer) {
    this.#answer = answer;
    if (!answer) return fill(this.element);
    const titles = titlesOf(answer);
    return fill(
      this.element,
      titles.length ? this.#titles(titles) : null,
      ...groupsOf(answer).map((group) => this.#group(group)),
    );
  }

  /** The first link to a material; null where there is none. */
  linkOf(n) {
    return this.element.querySelector(`[data-n="${Number(n)}"] .found-link`);
  }

  #titles(titles) {
    const { t, format } = this.#context;
    const rows = titles.map(({ position, snippet, marks }) =>
      element("li", {}, element(
        "a.found-link.found-item",
        { href: `/meetings/${encodeURIComponent(this.#id)}`, draggable: "false", onclick: () => this.#on.item(position) },
        element("span.found-number.numbers", { "aria-hidden": true }, format.number(position)),
        element("span.found-words.two-lines", {}, marked(snippet, marks)),
      )));
    return element("section.found-group", {},
      element("h2.found-heading", {}, t("search.items")), element("ol.found-list", {}, rows));
  }

  #group(group) {
    const { t, format } = this.#context;
    const { n, name, named, texts, hits } = group;
    const href = addressOfHit(this.#id, n, this.#answer.revision);
    const head = element(
      "a.found-link.found-material",
      { href, draggable: "false", onclick: () => this.#on.material(n) },
      icon(ICONS[typeOf(group)] ?? "type-file"),
      element("h2.found-name.two-lines.phrase", {}, named ? marked(named.snippet, named.marks) : phrase(name)),
      element("span.found-count.numbers", {}, t("search.count", { count: format.number(hits) })),
    );
    const section = element("section.found-group", { "data-n": n }, head);
    if (texts.length) section.append(this.#texts(group));
    return section;
  }

  #texts({ n, texts, left }) {
    const list = element("ul.found-list");
    const showAll = this.open.has(n);
    const shown = showAll ? texts : texts.slice(0, FIRST);
    fill(list, ...shown.map((hit) => this.#hit(n, hit)));
    if (shown.length < texts.length) list.append(this.#more(n, texts, left, list));
    else if (left > 0) list.append(this.#rest(left));
    return list;
  }

  #hit(n, hit) {
    const { t, format } = this.#context;
    const page = hit.page ? t("search.page", { page: format.number(hit.page) }) : "";
    return element("li", {}, element(
      "a.found-link.found-hit",
      { href: addressOfHit(this.#id, n, this.#answer.revision, hit), draggable: "false", onclick: () => this.#on.material(n) },
      page ? element("span.found-page.numbers", {}, page) : null,
      element("span.found-words.two-lines", {}, marked(hit.snippet, hit.marks)),
    ));
  }

  #more(n, texts, left, list) {
    const { t, format } = this.#context;
    const count = texts.length - FIRST;
    const press = () => {
      this.open.add(n);
      const rows = texts.slice(FIRST).map((hit) => this.#hit(n, hit));
      line.replaceWith(...rows, ...(left > 0 ? [this.#rest(left)] : []));
      rows[0].querySelector("a").focus({ preventScroll: true });
    };
    const words = t("search.more", { count: format.number(count) });
    const line = element("li", {}, button(words, press, { kind: "quiet found-more", icon: "down" }));
    return line;
  }

  #rest(left) {
    const { t, format } = this.#context;
    return element("li.found-rest.soft", {}, t("search.rest", { count: format.number(left) }));
  }
}

function marked(text, marks) {
  return piecesOf(text, marks).map((piece) => (piece.isMark ? element("mark", {}, piece.text) : piece.text));
}
