// The upper edge of the room's page: how many seats stand how, which of them are to be seen, what can be done.

import { clock } from "../clock.js";
import { button, element, icon, setText } from "../element.js";
import { COLOURS } from "./seats.js";
import { standingOf } from "./words.js";

export class Head {
  #context;
  #line = element("p.connection", {}, element("span.dot"), element("span.one-line"));
  #meetings = element("p.room-meetings.one-line.soft");
  #keys = new Map();
  #retry;
  #said = element("p.room-said", { role: "status" });
  #table;

  /** @param {object} context @param {{choose: Function, search: Function, retry: Function}} deeds */
  constructor(context, deeds) {
    this.#context = context;
    const { t, format, signal, language, chooseLanguage, organisation } = context;
    const other = language === "en" ? "zh-CN" : "en";
    const change = button(t("app.language.other"), () => chooseLanguage(other), { kind: "quiet" });
    change.setAttribute("lang", other);
    const titles = element("div.room-titles", {}, element("h1", {}, t("room.title")), element("p.soft.one-line", {}, organisation));
    const materials = "secretary" in document.documentElement.dataset
      ? element("a.button.quiet", { href: "/secretary" }, t("room.secretary"))
      : null;
    const top = element("header.header.room-top", {}, titles, this.#meetings, this.#line, materials, change, clock(format, signal));
    this.#table = element("a.button", { href: "/room.csv", download: true }, t("room.table"));
    this.#retry = button("", deeds.retry, { kind: "room-retry", icon: "again" });
    const acts = element("div.room-acts", {}, this.#said, context.mayRetry ? this.#retry : this.#why(), this.#table);
    this.element = element("div.room-head", {}, top,
      element("div.room-bar", {}, this.#filters(deeds.choose), this.#search(deeds.search), acts));
  }

  show(seats, node, chosen) {
    const { t } = this.#context;
    const { state, words } = standingOf(node, this.#context);
    this.#line.dataset.state = state;
    setText(this.#line.lastChild, words);
    const titles = node.meetings.map((meeting) => meeting.title).join(t("list.comma"));
    setText(this.#meetings, titles ? t("room.meetings", { titles }) : t("room.meetings.none"));
    const counts = seats.counts();
    for (const [colour, { key, count }] of this.#keys) {
      setText(count, String(colour === "all" ? seats.size : counts[colour]));
      key.setAttribute("aria-pressed", String((chosen ?? "all") === colour));
    }
    const failed = seats.failed();
    this.#retry.disabled = failed === 0;
    setText(this.#retry.lastChild, failed ? t("room.retry", { count: failed }) : t("room.retry.none"));
  }

  say(words) {
    setText(this.#said, words);
  }

  #why() {
    return element("p.soft.room-why", {}, icon("lock"), element("span", {}, this.#context.t("room.retry.locked")));
  }

  #filters(choose) {
    const { t } = this.#context;
    for (const colour of ["all", ...COLOURS]) {
      const count = element("span.room-count.numbers");
      const key = element("button.room-filter", {
        type: "button", "data-colour": colour, onclick: () => choose(colour === "all" ? null : colour),
      }, count, element("span.room-filter-words", {}, element("span.seats-dot"), t(`room.colour.${colour}`)));
      this.#keys.set(colour, { key, count });
    }
    const keys = [...this.#keys.values()].map(({ key }) => key);
    return element("div.room-filters", { role: "group", "aria-label": t("room.filter") }, keys);
  }

  #search(search) {
    const { t } = this.#context;
    const field = element("input.room-search-field", {
      type: "search", maxlength: 80, autocomplete: "off", spellcheck: "false", enterkeyhint: "search",
      placeholder: t("room.search"), "aria-label": t("room.search"),
      oninput: () => search(field.value),
    });
    return element("div.room-search", { role: "search" }, icon("search"), field);
  }
}
