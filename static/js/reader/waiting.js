/** A material that is not here, or cannot be shown: words, and the way on. */

import { button, element, setText } from "../element.js";
import { card } from "../viewers/card.js";

const NOT_HERE = ["remote", "downloading", "missing"];

/** Whether there is nothing to open yet. */
export function needsWaiting(row) {
  return NOT_HERE.includes(row.state);
}

/** Says where the material is, and follows its download; the reader opens it when it has come. */
export class Waiting {
  #context;
  #id;
  #bar = element("div.waiting-fill");
  #line = element("p.waiting-line.numbers");
  #track;

  constructor(row, id, context) {
    this.#context = context;
    this.#id = id;
    const { t, format, store, signal } = context;
    this.#track = element("div.waiting-bar", {
      role: "progressbar", "aria-label": t("reader.waiting_progress"), "aria-valuemin": 0,
      "aria-valuemax": 100,
    }, this.#bar);
    const state = row.state === "missing" ? "missing" : "waiting";
    const extra = state === "waiting" ? element("div.waiting", {}, this.#track, this.#line) : null;
    this.element = element("div.words-stage", {}, card({
      icon: state === "missing" ? "alert" : "download",
      title: t(`reader.${state}_title`),
      words: t(`reader.${state}_words`),
      name: row.name,
      facts: sizeOf(row, format),
      actions: state === "waiting" ? [this.#start()] : [],
      extra,
    }));
    store.subscribe((now) => this.#show(now), { signal });
    this.#show(store.state);
  }

  #start() {
    const { t, api, problem } = this.#context;
    this.start = button(t("reader.waiting_start"), async () => {
      try {
        const download = await api.download(this.#id, { now: true });
        if (download.ending) return;
      } catch (fault) {
        setText(this.#line, problem(fault).message);
      }
    }, { kind: "large", icon: "download" });
    return this.start;
  }

  #show(state) {
    const { t, format } = this.#context;
    const download = state.downloads[this.#id];
    const isRunning = Boolean(download) && !download.ending;
    this.#track.hidden = !isRunning;
    if (this.start) this.start.hidden = isRunning;
    if (!isRunning) return;
    const percent = format.percent(download.percent);
    this.#bar.style.width = `${percent}%`;
    this.#track.setAttribute("aria-valuenow", percent);
    const left = format.duration(download.secondsLeft ?? NaN);
    setText(this.#line, t(left ? "reader.waiting_left" : "reader.waiting_percent", { percent, left }));
  }
}

function sizeOf(row, format) {
  return row?.bytes ? format.bytes(row.bytes) : "";
}

/**
 * Why it is not shown.
 * @param {string | object} fault  a code of reader.fault.*, or an error of the terminal
 */
export function faultCard(fault, row, back, { t, format, problem }) {
  const isOurs = typeof fault === "string";
  const { message, hint } = isOurs
    ? { message: t(`reader.fault.${fault}`), hint: t(`reader.fault.${fault}.hint`) }
    : problem(fault);
  return element("div.words-stage", { role: "status" }, card({
    icon: "alert",
    title: message,
    words: hint,
    name: row?.name ?? "",
    facts: sizeOf(row, format),
    actions: [element("a.button.large", { href: back }, t("reader.back_long"))],
  }));
}
