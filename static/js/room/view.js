// The page of a room: head, seats, and the story of the one that was tapped.

import { element, fill } from "../element.js";
import { Grid } from "./grid.js";
import { Head } from "./head.js";
import { Story } from "./story.js";

const SAID_MS = 8000;

export class RoomView {
  #context;
  #head;
  #grid;
  #story;
  #empty = element("div.room-empty", { hidden: true });
  #seats = null;
  #node = null;
  #colour = null;
  #words = "";
  #timer = 0;
  #ending = new AbortController();

  /** @param {HTMLElement} root @param {object} context */
  constructor(root, context) {
    this.#context = { ...context, signal: this.#ending.signal };
    this.#head = new Head(this.#context, {
      choose: (colour) => this.#look(() => (this.#colour = colour)),
      search: (words) => this.#look(() => (this.#words = words)),
      retry: () => void this.#retry(null),
    });
    this.#grid = new Grid(this.#context, (id) => this.#open(id));
    this.#story = new Story(this.#context, (id) => void this.#retry([id]));
    fill(root, element("main.view.room", {}, this.#head.element, this.#empty, this.#grid.element), this.#story.element);
  }

  /** Shows the seats as they are now. */
  show(seats, node) {
    this.#seats = seats;
    this.#node = node;
    const groups = seats.groups({ colour: this.#colour, words: this.#words });
    this.#head.show(seats, node, this.#colour);
    this.#grid.show(groups, seats.counts());
    this.#story.update(seats);
    this.#sayEmpty(Object.values(groups).every((rows) => rows.length === 0));
  }

  /** Its place is taken by something else. */
  end() {
    clearTimeout(this.#timer);
    this.#ending.abort();
  }

  #open(id) {
    const row = this.#seats.get(id);
    if (row) this.#story.open(row, this.#node);
  }

  #look(choose) {
    choose();
    this.show(this.#seats, this.#node);
    this.#grid.element.scrollTop = 0;
  }

  #sayEmpty(isEmpty) {
    const key = this.#seats.size ? "room.none" : "room.empty";
    if (isEmpty && this.#empty.dataset.key !== key) {
      const { t } = this.#context;
      fill(this.#empty, element("p.room-empty-title", {}, t(key)), element("p.soft", {}, t(`${key}.hint`)));
      this.#empty.dataset.key = key;
    }
    this.#empty.hidden = !isEmpty;
    this.#grid.element.hidden = isEmpty;
  }

  async #retry(ids) {
    const { t, problem, asking } = this.#context;
    try {
      const count = await asking.retry(ids);
      this.#say(count ? t("room.retry.said", { count }) : t("room.retry.nobody"));
    } catch (fault) {
      this.#say(problem(fault).message);
    }
  }

  #say(words) {
    this.#head.say(words);
    this.#story.say(words);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#say(""), SAID_MS);
  }
}
