/**
 * A newer revision is here: a quiet line says what is different in it. Nothing is taken from whoever is
 * reading; who puts it off finds it again in the bar.
 */

import { button, element, fill, icon } from "../element.js";
import { t } from "../i18n.js";

const NAMED = 2;

/**
 * What is different, in a sentence; those of the changed ones that are being read come first.
 *
 * @param {{changed: object[], added: object[], gone: object[]}} changes  as of `changesBetween`
 * @param {string[]} read  names of what is being read
 * @param {(key: string, fields?: object) => string} t
 */
export function newsOf({ changed, added, gone }, read, t) {
  const isRead = ({ name }) => Number(read.includes(name));
  const sorted = changed.toSorted((one, other) => isRead(other) - isRead(one));
  const parts = [
    sorted.length ? t("reader.news_changed", { count: sorted.length, names: namesOf(sorted, t) }) : "",
    added.length ? t("reader.news_added", { count: added.length, names: namesOf(added, t) }) : "",
    gone.length ? t("reader.news_gone", { count: gone.length, names: namesOf(gone, t) }) : "",
  ].filter(Boolean);
  return parts.length ? parts.join(t("list.semicolon")) : t("reader.newer");
}

function namesOf(rows, t) {
  const names = rows.slice(0, NAMED).map(({ name }) => name).join(t("list.comma"));
  return rows.length > NAMED ? t("list.more", { names }) : names;
}

export class NewerLine {
  #on;
  #words = "";

  /** @param {{open: () => void, later: () => void}} on */
  constructor(on) {
    this.#on = on;
    this.element = element("div.reader-newer", { role: "status" });
  }

  /** Says `words`; the same ones twice are said once. */
  say(words) {
    if (words === this.#words) return;
    this.#words = words;
    fill(this.element, element("div.notice", {}, icon("info"), element("p.words", {}, words),
      button(t("reader.newer_open"), this.#on.open), this.#later(t("reader.newer_later"))));
  }

  /** The newer revision has no material of this name. */
  sayGone(back) {
    this.#words = "gone";
    fill(this.element, element("div.notice.warn", {}, icon("info"),
      element("p.words", {}, t("reader.newer_gone")),
      element("a.button", { href: back }, t("reader.back")), this.#later(t("reader.newer_later"))));
  }

  hide() {
    this.#words = "";
    fill(this.element);
  }

  #later(words) {
    return button(words, () => {
      this.hide();
      this.#on.later();
    }, { kind: "quiet square", icon: "close", onlyIcon: true });
  }
}
