// What the organisers say of the meeting: some lines, and all of it at a tap.

import { element, setText } from "../element.js";

export class Intro {
  #context;
  #words = element("p.intro-words");
  #more;
  #isOpen = false;

  constructor(context) {
    this.#context = context;
    this.#more = element("button.button.quiet.intro-more", {
      type: "button", "aria-expanded": "false", hidden: true, onclick: () => this.#toggle(),
    });
    this.element = element("div.intro", { hidden: true }, this.#words, this.#more);
    const observer = new ResizeObserver(() => this.#fit());
    observer.observe(this.#words);
    context.signal.addEventListener("abort", () => observer.disconnect(), { once: true });
  }

  /** @param {string} text */
  update(text) {
    const words = text.trim();
    this.element.hidden = words === "";
    setText(this.#words, words);
    this.#fit();
  }

  #toggle() {
    this.#isOpen = !this.#isOpen;
    this.#fit();
  }

  /** The button is there only where lines are hidden, or were. */
  #fit() {
    this.#words.classList.toggle("open", this.#isOpen);
    const { scrollHeight, clientHeight } = this.#words;
    this.#more.hidden = !this.#isOpen && scrollHeight <= clientHeight + 1;
    this.#more.setAttribute("aria-expanded", String(this.#isOpen));
    setText(this.#more, this.#context.t(this.#isOpen ? "meeting.intro.less" : "meeting.intro.more"));
  }
}
