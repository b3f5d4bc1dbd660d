/**
 * What the server settings lead to: the pool, while it is being typed, and what a test of each
 * server gave.
 */

import { button, element, fill, icon, setText } from "../element.js";
import { t } from "../i18n.js";

const TYPING_MS = 200;
const NAMES = ["server_ip", "server_port", "server_count"];

export class Pool {
  #context;
  #read;
  #shown;
  #list = element("ul.pool-list.scroll", { tabindex: 0, "aria-label": t("options.pool") });
  #count = element("span.pool-count.numbers");
  #note = element("p.pool-note");
  #summary = element("p.pool-summary", { role: "status" });
  #test;
  #timer = 0;
  #asking = null;
  #results = new Map();
  #servers = [];

  /**
   * @param {object} context  of the view
   * @param {(name: string) => any} read  what stands in a field now
   * @param {() => void} shown  is told when other servers are
   */
  constructor(context, read, shown) {
    this.#context = context;
    this.#read = read;
    this.#shown = shown;
    this.#test = button(t("options.test"), () => void this.#run(), { kind: "large", icon: "again" });
    this.element = element("aside.options-result", { "aria-label": t("options.pool") },
      element("div.pool-head", {}, element("h2", {}, t("options.pool")), this.#count),
      this.#note, this.#list, this.#summary, this.#test);
    context.signal.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
  }

  /** The servers that it shows, as `host:port`. */
  get servers() { return this.#servers; }

  /** Something was typed: the pool follows in a moment. */
  typed() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.look(), TYPING_MS);
  }

  async look() {
    const listed = this.#read("servers") ?? [];
    if (listed.length > 0) {
      this.#show(listed.map(nameOf), t("options.pool_listed"));
      return;
    }
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    const signal = AbortSignal.any([asking.signal, this.#context.signal]);
    try {
      const values = Object.fromEntries(NAMES.map((name) => [name, this.#read(name) ?? ""]));
      const { servers, note, error } = await this.#context.api.pool(values, { signal });
      this.#show(servers, servers.length ? "" : t(noteKey(note, error)));
    } catch (fault) {
      if (!signal.aborted) this.#show([], this.#context.problem(fault).message);
    }
  }

  #show(servers, note) {
    this.#servers = servers;
    setText(this.#note, note);
    this.#note.hidden = note === "";
    setText(this.#count, servers.length ? t("options.pool_count", { count: servers.length }) : "");
    this.#test.disabled = servers.length === 0;
    fill(this.#list, ...servers.map((server, index) => this.#line(server, index)));
    this.#list.hidden = servers.length === 0;
    const isOther = servers.length > 0 && !servers.some((server) => this.#results.has(server));
    if (isOther) setText(this.#summary, "");
    this.#shown();
  }

  #line(server, index) {
    const result = this.#results.get(server);
    const state = result === undefined ? "unknown" : result === null ? "asked" : toneOf(result);
    return element("li.pool-line", { "data-state": state },
      element("span.pool-number.numbers", {}, index + 1),
      element("div.pool-words", {},
        element("p.pool-server.numbers", {}, server),
        result ? element("p.pool-result", {}, this.#wordsOf(result)) : null,
        state === "asked" ? element("p.pool-result", {}, t("options.test_asking")) : null),
      result ? icon(state === "ok" ? "done" : "alert") : null);
  }

  #wordsOf(result) {
    if (result.code) {
      // Which one it is stands above these words already.
      const details = { ...result.details, server: t("options.test_this") };
      const { message } = this.#context.problem({ code: result.code, message: result.message, details });
      return message;
    }
    const parts = [t("options.test_ms", { ms: Math.max(1, Math.round(result.ms ?? 0)) })];
    parts.push(t(result.hasMeeting ? "options.test_has" : "options.test_has_not"));
    if (result.revision) parts.push(t("options.test_revision", { revision: result.revision.slice(0, 8) }));
    return parts.join(" · ");
  }

  /** Asks every server of the saved pool. */
  async #run() {
    this.#test.disabled = true;
    this.#results = new Map(this.#servers.map((server) => [server, null]));
    setText(this.#summary, t("options.test_running"));
    this.#show(this.#servers, this.#note.textContent);
    this.#test.disabled = true;
    try {
      const { servers } = await this.#context.api.testServers({ signal: this.#context.signal });
      this.#results = new Map(servers.map((row) => [row.server, row]));
      const reached = servers.filter((row) => row.reachable).length;
      setText(this.#summary, t("options.test_done", { reached, count: servers.length }));
    } catch (fault) {
      if (this.#context.signal.aborted) return;
      this.#results = new Map();
      setText(this.#summary, this.#context.problem(fault).message);
    }
    this.#show(this.#servers, this.#note.textContent);
  }
}

function toneOf(result) {
  if (!result.reachable) return "bad";
  return result.code || !result.hasMeeting ? "warn" : "ok";
}

function noteKey(note, error) {
  if (note === "no-servers") return "options.pool_empty";
  return error?.details?.name === "server_ip" ? "options.wrong.server_ip" : "options.pool_wrong";
}

/** "http://10.1.1.11:8001/api/v1" as people read it: "10.1.1.11:8001". */
export function nameOf(address) {
  try {
    const url = new URL(address.includes("://") ? address : `http://${address}`);
    const port = url.port || (url.protocol === "https:" ? "443" : "80");
    return `${url.hostname}:${port}`;
  } catch {
    return address;
  }
}
