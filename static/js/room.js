// The entry of the room's page: words, the live line, and what is shown of it.

import { setText } from "./element.js";
import { Format } from "./format.js";
import { currentLanguage, problem, t, useLanguage, wantedLanguage } from "./i18n.js";
import { Asking } from "./room/asking.js";
import { LostSign } from "./room/lost.js";
import { Line } from "./room/line.js";
import { PasswordDoor } from "./room/door.js";
import { RoomView } from "./room/view.js";
import { Seats } from "./room/seats.js";

const TRY_AGAIN_MS = 1000;

class RoomPage {
  #root = document.querySelector("#app");
  #asking = new Asking();
  #seats = new Seats();
  #whole = null;
  #view = null;
  #lost = null;
  #line;
  #frame = 0;

  async start() {
    await this.#words(wantedLanguage(document.documentElement.lang));
    this.#lost = new LostSign(() => t("room.lost"));
    this.#line = new Line({
      room: (whole) => this.#open(whole),
      change: (news) => this.#change(news),
      locked: () => this.#shut(),
      lost: (isLost) => this.#lost.show(isLost),
    });
    this.#line.connect();
  }

  /** The catalogue is the first thing asked of the node: if it is not there yet, so be it, again. */
  async #words(language) {
    for (;;) {
      try {
        return await useLanguage(language);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
      }
    }
  }

  #open(whole) {
    const before = this.#whole;
    this.#whole = whole;
    this.#seats.replace(whole.rows);
    if (!this.#view || before?.mayRetry !== whole.mayRetry) this.#build();
    this.#paint();
  }

  #change(news) {
    if (!this.#whole) return;
    if (news.rows) this.#seats.change(news);
    if (news.node) this.#whole = { ...this.#whole, node: news.node };
    this.#paint();
  }

  /** Everything that came since the last picture is shown with the next one. */
  #paint() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#view?.show(this.#seats, this.#whole.node);
    });
  }

  #build() {
    const organisation = document.body.dataset.organisation || t("app.name");
    this.#view?.end();
    this.#view = new RoomView(this.#root, {
      t,
      problem,
      organisation,
      format: new Format(currentLanguage(), t),
      language: currentLanguage(),
      asking: this.#asking,
      mayRetry: this.#whole.mayRetry,
      chooseLanguage: (language) => this.#choose(language),
    });
    setText(document.querySelector("title"), `${t("room.title")} · ${organisation}`);
  }

  async #choose(language) {
    await useLanguage(language, { remember: true });
    this.#build();
    this.#paint();
  }

  #shut() {
    this.#line.leave();
    this.#view?.end();
    this.#view = null;
    const door = new PasswordDoor({ t, problem, asking: this.#asking }, () => this.#line.connect());
    this.#root.replaceChildren(door.element);
    door.focus();
  }
}

new RoomPage().start();
