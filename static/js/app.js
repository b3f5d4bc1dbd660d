// The page's entry: words, store, live line, router — and what is shown until the terminal has spoken.

import { Api } from "./api.js";
import { LostNotice } from "./connection.js";
import { button, element, fill } from "./element.js";
import { Format } from "./format.js";
import { currentLanguage, problem, t, useLanguage, wantedLanguage } from "./i18n.js";
import { Idle } from "./idle/idle.js";
import { Live } from "./live.js";
import { Places } from "./reader/places.js";
import { Router } from "./router.js";
import { Store } from "./state.js";
import { stay } from "./stay.js";

const TRY_AGAIN_MS = 1000;
const ROUTES = [
  { pattern: "/", load: () => import("./views/welcome.js").then((module) => module.WelcomeView) },
  { pattern: "/meetings/{id}", load: () => import("./views/meeting.js").then((module) => module.MeetingView) },
  {
    pattern: "/meetings/{id}/materials/{n}",
    load: () => import("./views/reader.js").then((module) => module.ReaderView),
  },
  {
    pattern: "/meetings/{id}/search",
    load: () => import("./views/search.js").then((module) => module.SearchView),
  },
  { pattern: "/options", load: () => import("./views/options.js").then((module) => module.OptionsView) },
];

class App {
  #root = document.querySelector("#app");
  #store = new Store();
  #api = new Api();
  #live = new Live(this.#store);
  #places = new Places((meeting, what) => this.#api.keepPlace(meeting, what));
  #router = null;
  #title = "";

  async start() {
    await this.#words(wantedLanguage(document.documentElement.lang));
    stay();
    new LostNotice(this.#store, t);
    this.#store.subscribe((state, before) => this.#follow(state, before));
    this.#live.start();
    this.#starting();
  }

  /** The catalogue is the first thing asked of the terminal: if it is not there yet, so be it, again. */
  async #words(language) {
    for (;;) {
      try {
        return await useLanguage(language);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
      }
    }
  }

  #starting() {
    const words = [element("h1", {}, t("app.starting")), element("p", {}, t("app.starting.hint"))];
    fill(this.#root, element("main.starting", {}, element("div", { role: "status" }, words)));
  }

  #follow(state, before) {
    if (!this.#router && state.connection === "live") this.#open();
    if (state.settings !== before.settings) this.#router?.loadNext();
    if (state.changes !== before.changes && state.meetings === before.meetings) this.#askMeetings();
  }

  #open() {
    this.#router = new Router(this.#root, this.#context(), ROUTES, (fault) => this.#fault(fault));
    this.#router.start();
    new Idle(this.#store, {
      where: () => ({ href: location.pathname + location.search, title: this.#title }),
      home: () => this.#router.navigate("/"),
      words: () => this.#context(),
    }).start();
  }

  #context() {
    const format = new Format(currentLanguage(), t);
    const organisation = () => document.body.dataset.organisation || t("app.name");
    return {
      store: this.#store,
      api: this.#api,
      live: this.#live,
      places: this.#places,
      t,
      problem,
      format,
      language: currentLanguage(),
      // The options page may change it under the open page.
      get organisation() {
        return organisation();
      },
      title: (text) => {
        this.#title = text;
        document.title = [text, organisation()].filter(Boolean).join(" · ");
      },
      chooseLanguage: (language) => this.#choose(language),
    };
  }

  async #choose(language) {
    await useLanguage(language, { remember: true });
    this.#router.renew(this.#context());
  }

  async #askMeetings() {
    // A failure needs no word here: the live line notices a dead terminal and brings a snapshot afterwards.
    const answer = await this.#api.meetings().catch(() => null);
    if (answer) this.#store.dispatch("meetings", answer);
  }

  #fault(fault) {
    console.error(fault);
    const again = button(t("app.again"), () => location.reload(), { kind: "large" });
    const words = [element("h1", {}, t("app.fault")), element("p", {}, problem(fault).message)];
    fill(this.#root, element("main.starting", {}, words, again));
  }
}

new App().start();
