// The start page: organisation and time, the meeting, one wide button.

import { clock } from "../clock.js";
import { connectionLine } from "../connection.js";
import { button, element, fill, icon, phrase, setText } from "../element.js";
import { Away } from "../idle/away.js";
import { sceneOf, standing } from "../standing.js";

const ICONS = {
  ready: "done",
  missing: "alert",
  update: "again",
  running: "download",
  failed: "alert",
  remote: "download",
};

export class WelcomeView {
  #context;
  #stage = element("div.stage");
  #shown = "";
  #updates = [];
  #away = new Away();

  /** @param {HTMLElement} root @param {object} params @param {object} context */
  mount(root, params, context) {
    this.#context = context;
    context.title("");
    const main = element("main.welcome", {}, this.#head(), this.#stage, this.#foot());
    fill(root, main);
    this.#show(context.store.state);
    context.store.subscribe((state) => this.#show(state), { signal: context.signal });
  }

  unmount() {
    this.#updates = [];
  }

  #head() {
    const { format, signal, organisation } = this.#context;
    return element(
      "header.welcome-head",
      {},
      element("p.organisation", {}, organisation),
      clock(format, signal, { day: true }),
    );
  }

  #foot() {
    const { t, language, chooseLanguage } = this.#context;
    const other = language === "en" ? "zh-CN" : "en";
    const change = button(t("app.language.other"), () => chooseLanguage(other), { kind: "quiet" });
    change.setAttribute("lang", other);
    const options = element("a.button.quiet", { href: "/options" }, icon("options"), t("app.options"));
    return element("footer.welcome-foot", {}, connectionLine(this.#context), change, options);
  }

  /** Builds the scene anew only where it is another one; states of meetings change in place. */
  #show(state) {
    const scene = sceneOf(state);
    const away = this.#awayFrom(state);
    const key = JSON.stringify([scene.name, scene.main.map(told), scene.others.map(told), away]);
    if (key !== this.#shown) {
      this.#shown = key;
      this.#updates = [];
      fill(this.#stage, ...this.#build(scene), away && this.#goOn(away));
    }
    for (const update of this.#updates) update(this.#context.store.state);
  }

  #build({ name, main, others }) {
    if (name === "one") return [this.#hero(main[0]), others.length ? this.#row(others) : null];
    if (name === "several") return [this.#choice(main), others.length ? this.#row(others) : null];
    return [this.#empty(name)];
  }

  /** Where somebody was before this page returned by itself; null where that meeting is not here any more. */
  #awayFrom({ meetings }) {
    const { where } = this.#away;
    return where && meetings?.some(({ id, local }) => id === where.meeting && local) ? where : null;
  }

  #goOn({ href, title }) {
    const { t } = this.#context;
    return element("a.button.large.go-on", { href, onclick: () => this.#away.forget() },
      element("span.soft", {}, t("welcome.go_on")), element("span.one-line", {}, title), icon("next"));
  }

  #empty(name) {
    const { t } = this.#context;
    const [title, hint] = {
      unknown: ["connection.unknown", "app.starting.hint"],
      unset: ["welcome.unset", "welcome.unset.hint"],
      offline: ["welcome.none.offline", "welcome.none.offline.hint"],
      none: ["welcome.none", "welcome.none.hint"],
    }[name];
    const open = element("a.button.main", { href: "/options" }, t("welcome.unset.open"));
    return element(
      "section.hero",
      { role: "status" },
      element("h1", {}, t(title)),
      element("p.when", {}, t(hint)),
      name === "unset" ? element("div.act", {}, open) : null,
    );
  }

  #hero(meeting) {
    const title = meeting.title || this.#context.t("welcome.untitled");
    const press = button("", () => this.#act(meeting.id), { kind: "main" });
    const words = element("p.standing", { role: "status" });
    this.#updates.push((state) => this.#hold(state, meeting.id, words, press, "welcome"));
    return element(
      "section.hero",
      {},
      element("h1.phrase", { class: size(title) }, phrase(title)),
      element("p.when", {}, meeting.time ?? ""),
      element("div.act", {}, press, words),
    );
  }

  #choice(meetings) {
    const { t } = this.#context;
    const cards = meetings.map((meeting) => element("li", {}, this.#card(meeting)));
    return element(
      "section.choice",
      {},
      element("h1", {}, t("welcome.several")),
      element("ul.meeting-cards.scroll", { class: cards.length > 6 ? "many" : "" }, cards),
    );
  }

  #row(meetings) {
    const cards = meetings.map((meeting) => element("li", {}, this.#card(meeting)));
    return element("ul.meeting-cards.small.scroll", {}, cards);
  }

  #card(meeting) {
    const { t } = this.#context;
    const words = element("span.standing");
    const action = element("span");
    this.#updates.push((state) => this.#hold(state, meeting.id, words, action, "welcome.card"));
    const ended = meeting.status === "ended" ? ` · ${t("welcome.ended")}` : "";
    return element(
      "button.meeting-card",
      { type: "button", onclick: () => this.#act(meeting.id) },
      element("span.name.two-lines.phrase", {}, phrase(meeting.title || t("welcome.untitled"))),
      element("span.when", {}, `${meeting.time ?? ""}${ended}`),
      element("span.card-foot", {}, words, element("span.go", {}, action, icon("next"))),
    );
  }

  /** Keeps the words of a meeting, and its button's, at what they should say now. */
  #hold(state, id, words, label, labels) {
    const { t } = this.#context;
    const meeting = this.#meeting(id);
    if (!meeting) return;
    const { name, key, fields, action } = standing(meeting, downloadOf(state, id));
    if (words.dataset.state !== name) {
      words.dataset.state = name;
      fill(words, icon(ICONS[name]), element("span.numbers"));
    }
    setText(words.lastChild, t(key, fields));
    setText(label, t(`${labels}.${action}`));
  }

  /** Opens the meeting; where there is nothing to open yet, the same tap starts its download. */
  async #act(id) {
    const { api, navigate, store } = this.#context;
    this.#away.forget();
    const { action } = standing(this.#meeting(id), downloadOf(store.state, id));
    const online = store.state.online !== false;
    if (action === "download" && online) await api.download(id).catch(() => null);
    navigate(`/meetings/${encodeURIComponent(id)}`);
  }

  #meeting(id) {
    return this.#context.store.state.meetings?.find((meeting) => meeting.id === id);
  }
}

function told({ id, title, time, status }) {
  return [id, title, time, status];
}

function downloadOf(state, id) {
  return Object.hasOwn(state.downloads, id) ? state.downloads[id] : null;
}

/** A long title is set smaller, so that it stays a title and not a wall. */
function size(title) {
  if (title.length > 90) return "very-long";
  return title.length > 40 ? "long" : "";
}
