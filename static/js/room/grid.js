// The seats as cards, red ones first: a section for each colour, so that a seat that changes its colour
// moves few others. What has not changed is not touched.

import { element, setText } from "../element.js";
import { COLOURS } from "./seats.js";
import { stateOf } from "./words.js";

export class Grid {
  #words;
  #sections = new Map();
  #cards = new Map();

  /** @param {object} words @param {(id: string) => void} open a seat was tapped */
  constructor(words, open) {
    this.#words = words;
    this.open = open;
    for (const colour of COLOURS) this.#sections.set(colour, new Section(colour, words));
    const nodes = [...this.#sections.values()].map((section) => section.element);
    this.element = element("div.seats.scroll", { tabindex: "-1" }, nodes);
  }

  /** @param {Record<string, object[]>} groups the seats that are to be seen, in order @param {Record<string, number>} counts all */
  show(groups, counts) {
    const focused = document.activeElement;
    const gone = new Set(this.#cards.keys());
    for (const [colour, section] of this.#sections) {
      section.show(groups[colour].map((row) => this.#card(row).element), counts[colour]);
      for (const row of groups[colour]) gone.delete(row.id);
    }
    for (const id of gone) this.#cards.delete(id);
    // A card that was moved has lost the focus on its way.
    if (focused?.isConnected && focused !== document.activeElement) focused.focus({ preventScroll: true });
  }

  #card(row) {
    let card = this.#cards.get(row.id);
    if (!card) this.#cards.set(row.id, (card = new Card(this.#words.t, () => this.open(row.id))));
    card.update(row, this.#words);
    return card;
  }
}

class Section {
  #t;
  #count = element("span.numbers");
  #list;

  constructor(colour, { t }) {
    this.#t = t;
    const id = `room-${colour}`;
    this.#list = element("ul.seat-list", { "aria-labelledby": id });
    const head = element("h2.seats-head", { id }, element("span.seats-dot"), t(`room.colour.${colour}`), this.#count);
    this.element = element("section.seats-section", { "data-colour": colour, hidden: true }, head, this.#list);
  }

  show(nodes, count) {
    const list = this.#list;
    const wanted = new Set(nodes);
    for (const node of [...list.children]) if (!wanted.has(node)) node.remove();
    let at = list.firstElementChild;
    for (const node of nodes) {
      if (node === at) at = at.nextElementSibling;
      else list.insertBefore(node, at);
    }
    this.element.hidden = nodes.length === 0;
    const of = { shown: nodes.length, count };
    setText(this.#count, nodes.length === count ? String(count) : this.#t("room.count_of", of));
  }
}

class Card {
  #row = null;
  #name = element("span.seat-name.one-line");
  #state = element("span.seat-state.one-line.numbers");
  #bar = element("span.seat-bar", { hidden: true });
  #key;

  constructor(t, press) {
    // For whoever hears the card: name and state are two things.
    const colon = element("span.only-read", {}, t("room.colon"));
    this.#key = element("button.seat-key", { type: "button", onclick: press }, this.#name, colon, this.#state, this.#bar);
    this.element = element("li.seat", {}, this.#key);
  }

  update(row, words) {
    if (row === this.#row) return;
    this.#row = row;
    this.#key.dataset.colour = row.colour;
    this.#key.dataset.reason = row.reason;
    setText(this.#name, row.seat);
    setText(this.#state, stateOf(row, words));
    this.#bar.hidden = row.percent === null;
    if (row.percent !== null) this.#bar.style.setProperty("--done", `${row.percent}%`);
  }
}
