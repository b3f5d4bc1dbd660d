// The secretary's page: asks the origin every second what changed, and shows it.

import { button, element, fill } from "../element.js";
import { Format } from "../format.js";
import { currentLanguage, LANGUAGES, problem, t, useLanguage, wantedLanguage } from "../i18n.js";
import { PasswordDoor } from "./door.js";
import { MeetingPanel, notice } from "./meeting.js";
import { MeetingsList } from "./meetings.js";
import { Origin, OriginFault } from "./origin.js";
import { Uploads } from "./uploads.js";

const ASK_MS = 1000;
const CHOSEN = "kiosk.secretary.meeting";

class Secretary {
  #root = document.querySelector("#app");
  #origin = new Origin();
  #uploads;
  #known = null;
  #chosen = sessionStorage.getItem(CHOSEN) ?? "";
  #wanted = "";
  #list = null;
  #panel = null;
  #lost = null;
  #notes = null;

  async start() {
    this.#uploads = new Uploads(
      (upload, told) => this.#origin.send(upload, told).finally(() => void this.#look()),
      () => this.#panel?.showUploads(),
    );
    window.addEventListener("beforeunload", (event) => {
      if (this.#uploads.isBusy) event.preventDefault();
    });
    // A file that misses its place must not be opened by the browser instead of this page.
    for (const name of ["dragover", "drop"]) {
      document.addEventListener(name, (event) => event.preventDefault());
    }
    await this.#words(wantedLanguage(document.documentElement.lang));
    for (;;) {
      await this.#look();
      await new Promise((resolve) => setTimeout(resolve, ASK_MS));
    }
  }

  async #words(language, how) {
    for (;;) {
      try {
        await useLanguage(language, how);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, ASK_MS));
      }
    }
  }

  async #look() {
    try {
      const found = await this.#origin.meetings(this.#panel ? this.#known?.version : undefined);
      if (found) await this.#show(found);
      if (this.#lost) this.#lost.hidden = true;
    } catch (fault) {
      if (["password-needed", "only-here", "wrong-host"].includes(fault.code)) this.#shut(fault);
      else if (this.#lost) this.#lost.hidden = false;
      else if (!this.#known) fill(this.#root, element("main.starting", {}, element("h1", {}, t("secretary.lost"))));
    }
  }

  async #show(found) {
    const before = this.#known;
    this.#known = found;
    this.#uploads.most = found.mostBytes;
    if (!this.#panel) this.#build();
    fill(this.#notes, found.fault ? notice("bad", problem(found.fault)) : null);
    const ids = found.meetings.map(({ id }) => id);
    const made = found.meetings.find(({ folder }) => folder === this.#wanted);
    if (made) {
      this.#chosen = made.id;
      this.#wanted = "";
    }
    if (!ids.includes(this.#chosen)) this.#chosen = (found.meetings.find(({ status }) => status === "in-progress") ?? found.meetings[0])?.id ?? "";
    if (before?.folder !== found.folder) document.title = `${t("secretary.title")} · ${found.folder}`;
    await this.#choose(this.#chosen);
  }

  async #choose(id) {
    this.#chosen = id;
    sessionStorage.setItem(CHOSEN, id);
    this.#list.show(this.#known, id);
    this.#panel.element.hidden = !id;
    this.#root.querySelector(".panel-none").hidden = Boolean(id);
    if (!id) return;
    const meeting = await this.#origin.meeting(id);
    if (this.#chosen === id) this.#panel.show(meeting);
  }

  #build() {
    const format = new Format(currentLanguage(), t);
    this.#list = new MeetingsList({
      choose: (id) => void this.#choose(id).catch(() => this.#look()),
      make: async (name) => {
        if (this.#known.meetings.some(({ folder }) => folder === name.trim())) {
          throw new OriginFault(409, { code: "file-exists", details: { name } });
        }
        this.#wanted = (await this.#origin.make(name)).folder;
        await this.#look();
      },
    });
    this.#panel = new MeetingPanel({ format, uploads: this.#uploads, say: (id, status) => this.#said(() => this.#origin.say(id, status)),
      remove: (id, path) => this.#said(() => this.#origin.remove(id, path)) });
    this.#notes = element("div.secretary-notes");
    this.#lost = element("div.lost", { hidden: true }, element("p.notice", { role: "alert" }, t("secretary.lost")));
    const none = element("div.panel-none", { hidden: true },
      element("h2", {}, t("secretary.none")), element("p.soft", {}, t("secretary.none_words")));
    fill(this.#root, element("main.secretary", {}, this.#head(), this.#notes,
      element("div.secretary-body", {}, this.#list.element, this.#panel.element, none)), this.#lost);
  }

  #head() {
    const other = LANGUAGES.find((language) => language !== currentLanguage());
    return element("header.header", {},
      element("div.title", {},
        element("p.soft.one-line", {}, document.body.dataset.organisation || this.#known.folder),
        element("h1", {}, t("secretary.title"))),
      element("a.button.quiet", { href: "/room" }, t("secretary.room")),
      button(t(`secretary.language.${other}`), () => void this.#speak(other), { kind: "quiet" }));
  }

  async #speak(language) {
    await this.#words(language, { remember: true });
    this.#panel = null;
    await this.#look();
  }

  /** Has something done, says what went wrong with it, and looks what is there now. */
  async #said(deed) {
    try {
      await deed();
    } catch (fault) {
      fill(this.#notes, notice("bad", problem(fault)));
    }
    await this.#look();
  }

  /** What is on its way waits behind the door. */
  #shut(fault) {
    if (this.#root.querySelector(".door")) return;
    this.#panel = this.#lost = null;
    if (fault.code !== "password-needed") {
      const { message, hint } = problem(fault);
      fill(this.#root, element("main.starting.door", { role: "alert" }, element("h1", {}, message), element("p", {}, hint)));
      return;
    }
    const door = new PasswordDoor(async (password) => {
      await this.#origin.unlock(password);
      await this.#look();
    });
    fill(this.#root, door.element);
    door.focus();
  }
}

await new Secretary().start();
