/**
 * Saves a notebook by itself, page by page, and says how that stands.
 *
 * Where the terminal does not answer, what was written stays here and is sent again. Where somebody
 * else has written on the same page, both are put together and sent again.
 *
 * State: "saved", "saving", "waiting" (the terminal does not answer, or its disk refuses), "full"
 * (no more fits), "gone" (the meeting was removed). Event: "state".
 */

import { isSame, merged } from "./merging.js";

const REST_MS = 600;
const AGAIN_MS = 2000;
const SETTLING_MS = 700;
const MOST_LOOKS = 200;

const EMPTY = Object.freeze({ version: 0, strokes: [], notes: [] });

export class Saving extends EventTarget {
  #ask;
  #book;
  #there = new Map();
  #changed = new Set();
  #full = new Set();
  #isSending = false;
  #timer = 0;
  #state = "saved";
  #isOver = false;

  /**
   * @param {{load: () => Promise<object>, save: (page: number, body: object) => Promise<object>}} ask
   *   asks the terminal; pages from 1
   * @param {import("./notebook.js").Notebook} book
   */
  constructor(ask, book) {
    super();
    this.#ask = ask;
    this.#book = book;
    book.addEventListener("page", ({ detail }) => this.#heard(detail));
  }

  get state() { return this.#state; }
  get isDone() { return this.#changed.size === 0 && !this.#isSending; }

  /** Brings what the terminal knows. Asks again while it is still looking, and while it is silent. */
  async load() {
    for (let look = 0; look < MOST_LOOKS && !this.#isOver; look += 1) {
      const answer = await this.#ask.load().catch((fault) => fault);
      if (answer.status >= 400 && answer.status < 500) return;
      if (!(answer instanceof Error)) {
        this.#take(answer);
        if (!answer.settling) return;
      }
      await new Promise((resolve) => setTimeout(resolve, answer instanceof Error ? AGAIN_MS : SETTLING_MS));
    }
  }

  /** Sends what is not saved now. */
  flush() {
    clearTimeout(this.#timer);
    void this.#send();
  }

  /** Nothing is asked any more. */
  end() {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #take({ pages, kept }) {
    for (const { page, ...theirs } of pages) this.#meet(page - 1, theirs);
    this.#book.keep(kept);
  }

  /** What the terminal has of a page, put together with what is here. */
  #meet(page, theirs) {
    const base = this.#there.get(page) ?? EMPTY;
    const mine = this.#book.on(page);
    this.#there.set(page, theirs);
    if (isSame(mine, theirs)) {
      this.#changed.delete(page);
      return;
    }
    const both = merged(base, mine, theirs);
    if (!isSame(both, mine)) this.#book.put(page, both);
    if (isSame(both, theirs)) this.#changed.delete(page);
    else this.#changed.add(page);
  }

  #heard(page) {
    if (isSame(this.#book.on(page), this.#there.get(page) ?? EMPTY)) {
      this.#changed.delete(page);
      if (this.isDone) this.#say("saved");
      return;
    }
    this.#changed.add(page);
    this.#full.delete(page);
    if (this.#state !== "waiting") this.#say("saving");
    // Whoever writes without a pause is saved all the same.
    if (this.#timer === 0) this.#later(REST_MS);
  }

  #later(ms) {
    clearTimeout(this.#timer);
    if (!this.#isOver) this.#timer = setTimeout(() => this.#send(), ms);
  }

  async #send() {
    this.#timer = 0;
    if (this.#isSending || this.#isOver) return;
    const page = [...this.#changed].find((one) => !this.#full.has(one));
    if (page === undefined) {
      this.#say(this.#changed.size > 0 ? "full" : "saved");
      return;
    }
    this.#isSending = true;
    const { version } = this.#there.get(page) ?? EMPTY;
    const { strokes, notes } = this.#book.on(page);
    try {
      const answer = await this.#ask.save(page + 1, { version, strokes, notes });
      this.#isSending = false;
      this.#saved(page, { version: answer.version, strokes, notes });
    } catch (fault) {
      this.#isSending = false;
      await this.#failed(page, fault);
    }
  }

  #saved(page, sent) {
    this.#there.set(page, sent);
    if (isSame(this.#book.on(page), sent)) this.#changed.delete(page);
    if (this.#changed.size > 0) this.#later(0);
    else this.#say("saved");
  }

  /** What is done about it. A page on which no more fits waits for somebody to erase; others go on. */
  async #failed(page, fault) {
    if (fault.status === 409) {
      const answer = await this.#ask.load().catch(() => null);
      const theirs = answer?.pages.find((one) => one.page === page + 1);
      if (theirs) this.#meet(page, { version: theirs.version, strokes: theirs.strokes, notes: theirs.notes });
      this.#later(answer ? 0 : AGAIN_MS);
    } else if (fault.status === 413) {
      this.#full.add(page);
      this.#later(0);
    } else if (fault.status === 404 || fault.status === 403) {
      this.#changed.clear();
      this.#say("gone");
    } else {
      this.#say("waiting");
      this.#later(AGAIN_MS);
    }
  }

  #say(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.dispatchEvent(new CustomEvent("state"));
  }
}
