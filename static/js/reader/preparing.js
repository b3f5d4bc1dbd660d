/** A material that is here and is being made ready to be read: words; the reader opens it when it is done. */

import { element, icon, setText } from "../element.js";
import { fileLine } from "../viewers/card.js";
import { sizeOf } from "./waiting.js";

/** After so long it is said that it takes longer. */
const LONG_MS = 8000;

/** Asks for the material before the others that are being made ready. */
export class Preparing {
  #timer;
  #ended = new AbortController();

  /** @param {object} row  @param {string} id the meeting's  @param {string} back address of the meeting */
  constructor(row, id, back, { t, format, live, store, signal }) {
    const revision = new URLSearchParams(row.url.split("?")[1]).get("r");
    const words = element("p.reader-card-words", {}, t("reader.preparing_words"));
    this.element = element("div.words-stage", {}, element("div.reader-card", {},
      icon("clock"),
      element("div.reader-card-said", { role: "status" }, element("h2", {}, t("reader.preparing_title")), words),
      element("div.waiting", { "aria-hidden": true },
        element("div.waiting-bar", {}, element("div.waiting-fill", { "data-endless": true }))),
      fileLine(row.name, sizeOf(row, format)),
      element("div.reader-card-actions", {},
        element("a.button.large", { href: back }, t("reader.waiting_back")))));
    const ask = () => live.want(id, row.n, revision);
    this.#timer = setTimeout(() => setText(words, t("reader.preparing_long")), LONG_MS);
    // The terminal on a new line may be another one, which was told nothing.
    store.subscribe((state, before) => {
      if (state.connection === "live" && before.connection !== "live") ask();
    }, { signal: AbortSignal.any([signal, this.#ended.signal]) });
    if (store.state.connection === "live") ask();
  }

  /** It is done, or nobody looks any more. */
  close() {
    clearTimeout(this.#timer);
    this.#ended.abort();
  }
}
