// Says at the lower edge that the node does not answer; a blink is not worth a word, so it waits a moment.

import { element, icon, setText } from "../element.js";

const GRACE_MS = 1500;

export class LostSign {
  #words = element("p.notice-words");
  #notice = element("div.notice", { hidden: true }, icon("plug"), this.#words);
  #timer = 0;
  #isLost = false;
  #sentence;

  /** @param {() => string} sentence */
  constructor(sentence) {
    this.#sentence = sentence;
    // It stands there from the beginning: its picture could not be fetched once it is needed.
    document.body.append(element("div.lost", { role: "status" }, this.#notice));
  }

  show(isLost) {
    if (isLost === this.#isLost) return;
    this.#isLost = isLost;
    clearTimeout(this.#timer);
    if (isLost) this.#timer = setTimeout(() => this.#say(true), GRACE_MS);
    else this.#say(false);
  }

  #say(isLost) {
    setText(this.#words, isLost ? this.#sentence() : "");
    this.#notice.hidden = !isLost;
  }
}
