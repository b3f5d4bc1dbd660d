/** A quiet line: a newer revision is here. Nothing is taken from whoever is reading. */

import { button, element, fill, icon } from "../element.js";
import { t } from "../i18n.js";

export class NewerLine {
  #open;
  #isShown = false;
  #isPutOff = false;

  /** @param {() => void} open  goes to the same material in the newer revision */
  constructor(open) {
    this.#open = open;
    this.element = element("div.reader-newer", { role: "status" });
  }

  show(isNewer) {
    if (isNewer === this.#isShown || (isNewer && this.#isPutOff)) return;
    this.#isShown = isNewer;
    if (isNewer) this.#say();
    else fill(this.element);
  }

  /** The newer revision has no material of this name. */
  sayGone(back) {
    fill(this.element, element("div.notice.warn", {}, icon("info"),
      element("p.words", {}, t("reader.newer_gone")),
      element("a.button", { href: back }, t("reader.back")), this.#later()));
  }

  #say() {
    fill(this.element, element("div.notice", {}, icon("info"),
      element("p.words", {}, t("reader.newer")),
      button(t("reader.newer_open"), this.#open), this.#later()));
  }

  #later() {
    return button(t("reader.newer_later"), () => {
      this.#isPutOff = true;
      this.#isShown = false;
      fill(this.element);
    }, { kind: "quiet square", icon: "close", onlyIcon: true });
  }
}
