/** A material that is not here, or cannot be shown: words, and the way on. */

import { button, element, icon, setText } from "../element.js";
import { isOpen } from "../standing.js";
import { card, fileLine } from "../viewers/card.js";

const TITLES = { none: "waiting", coming: "coming", first: "first" };
const NOT_YET = ["remote", "downloading", "missing", "preparing"];

/** Whether there is nothing to open yet. */
export function needsWaiting(row) {
  return NOT_YET.includes(row.state);
}

/**
 * What is said of a material that is not here: "none" is on its way, it is "coming", or comes "first".
 * Where a server sends everything in its own order nobody can promise that.
 */
export function standingOf(download, n) {
  if (!isOpen(download)) return "none";
  if (download.streamed) return "coming";
  return download.front === n || download.front === null ? "first" : "coming";
}

/** The material is not in the package: nothing to wait for. */
export function missingCard(row, { t, format }) {
  return element("div.words-stage", {}, card({
    icon: "alert",
    title: t("reader.missing_title"),
    words: t("reader.missing_words"),
    name: row.name,
    facts: sizeOf(row, format),
  }));
}

/** Asks for the material before the others and follows its download; the reader opens it when it has come. */
export class Waiting {
  #context;
  #id;
  #n;
  #ended = new AbortController();
  #title = element("h2");
  #words = element("p.reader-card-words");
  #bar = element("div.waiting-fill");
  #line = element("p.waiting-line.numbers");
  #track;
  #start;

  /** @param {object} row  @param {string} id the meeting's  @param {string} back address of the meeting */
  constructor(row, id, back, context) {
    this.#context = context;
    this.#id = id;
    this.#n = row.n;
    const { t, format, store, signal } = context;
    this.#track = element("div.waiting-bar", {
      role: "progressbar", "aria-label": t("reader.waiting_progress"), "aria-valuemin": 0,
      "aria-valuemax": 100,
    }, this.#bar);
    this.#start = button(t("reader.waiting_start"), () => this.#download(), { kind: "large", icon: "download" });
    this.element = element("div.words-stage", {}, element("div.reader-card", {},
      icon("download"),
      element("div.reader-card-said", { role: "status" }, this.#title, this.#words),
      element("div.waiting", {}, this.#track, this.#line),
      fileLine(row.name, sizeOf(row, format)),
      element("div.reader-card-actions", {}, this.#start,
        element("a.button.large", { href: back }, t("reader.waiting_back")))));
    const ended = AbortSignal.any([signal, this.#ended.signal]);
    store.subscribe((state, before) => this.#follow(state, before), { signal: ended });
    this.#ask(store.state, null);
    this.#show(store.state);
  }

  /** It has come, or nobody looks any more. */
  close() {
    this.#ended.abort();
  }

  async #download() {
    const { api, problem } = this.#context;
    try {
      await api.download(this.#id, { now: true });
    } catch (fault) {
      setText(this.#line, problem(fault).message);
    }
  }

  #follow(state, before) {
    this.#ask(state, before);
    if (this.#downloadOf(state) !== this.#downloadOf(before)) this.#show(state);
  }

  /** Once a download, and again on a new line: the terminal may be another one by then. */
  #ask(state, before) {
    const was = before && isOpen(this.#downloadOf(before)) && before.connection === "live";
    const is = isOpen(this.#downloadOf(state)) && state.connection === "live";
    if (is && !was) this.#context.live.want(this.#id, this.#n);
  }

  #show(state) {
    const { t, format } = this.#context;
    const download = this.#downloadOf(state);
    const standing = standingOf(download, this.#n);
    setText(this.#title, t(`reader.${TITLES[standing]}_title`));
    setText(this.#words, t(`reader.${TITLES[standing]}_words`));
    const isRunning = standing !== "none";
    this.#track.hidden = !isRunning;
    this.#start.hidden = isRunning;
    if (!isRunning) return setText(this.#line, download?.state === "failed" ? t("welcome.failed") : "");
    const percent = format.percent(download.percent);
    this.#bar.style.width = `${percent}%`;
    this.#track.setAttribute("aria-valuenow", percent);
    const left = format.duration(download.secondsLeft ?? NaN);
    return setText(this.#line, t(left ? "reader.waiting_left" : "reader.waiting_percent", { percent, left }));
  }

  #downloadOf(state) {
    return Object.hasOwn(state.downloads, this.#id) ? state.downloads[this.#id] : null;
  }
}

/** The size of a material in words; nothing where it is not known. */
export function sizeOf(row, format) {
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
