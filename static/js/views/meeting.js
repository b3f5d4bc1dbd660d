// A meeting: its agenda at the left, the materials of the chosen item at the right, its download above them.

import { clock } from "../clock.js";
import { connectionLine } from "../connection.js";
import { button, element, fill, icon, setText } from "../element.js";
import { Agenda } from "../meeting/agenda.js";
import { chooseItem, chosenItem } from "../meeting/chosen.js";
import { Intro } from "../meeting/intro.js";
import { Materials, arrivingOf } from "../meeting/materials.js";
import { noticesOf } from "../meeting/notices.js";
import { Recents } from "../meeting/recents.js";
import { Stage } from "../meeting/stage.js";
import { readAhead } from "../reader/ahead.js";
import { searchAddress } from "../search/answer.js";
import { leave } from "../search/kept.js";
import { watchSearchKeys } from "../search/keys.js";
import { isOpen } from "../standing.js";

const ASK_AGAIN_MS = 400;

export class MeetingView {
  #root;
  #context;
  #id;
  #meeting = null;
  #chosen = 0;
  #asking = null;
  #noticed = "";

  /** @param {HTMLElement} root @param {{id: string}} params @param {object} context */
  async mount(root, { id }, context) {
    this.#root = root;
    this.#context = context;
    this.#id = id;
    this.#chosen = chosenItem(id);
    leave(id);
    watchSearchKeys(() => context.navigate(searchAddress(id)), context.signal);
    this.title = element("h1.name");
    this.when = element("p.when.soft");
    this.agenda = new Agenda(context, (index) => this.#choose(index));
    this.stage = new Stage(context, {
      download: () => this.#do(() => context.api.download(id)),
      now: () => this.#do(() => context.api.download(id, { now: true })),
      cancel: () => this.#do(() => context.api.cancel(id)),
    });
    this.notices = element("div.notices");
    this.intro = new Intro(context);
    this.recents = new Recents(context, id);
    this.item = element("h2.item-title.three-lines");
    this.materials = new Materials(context, id);
    this.trouble = element("div.trouble", { role: "alert" });
    fill(root, this.#assemble());
    await this.#ask();
    context.store.subscribe((state, before) => this.#follow(state, before), { signal: context.signal });
  }

  unmount() {
    clearTimeout(this.#asking);
  }

  #assemble() {
    const { t, format, signal } = this.#context;
    const back = element("a.button.quiet.back", { href: "/", "aria-label": t("app.back") }, icon("back"));
    const head = element(
      "header.header",
      {},
      back,
      element("div.title", {}, this.title, this.when),
      element("a.button.search-way", { href: searchAddress(this.#id) }, icon("search"),
        element("span.search-way-words", {}, t("search.open"))),
      connectionLine(this.#context),
      clock(format, signal),
    );
    const right = element(
      "section.desk.scroll",
      { "aria-label": t("meeting.materials") },
      this.trouble,
      this.stage.element,
      this.notices,
      this.intro.element,
      this.recents.element,
      this.item,
      this.materials.element,
    );
    this.frame = element("main.meeting", {}, head, this.agenda.element, right);
    return this.frame;
  }

  #follow(state, before) {
    if (state.changes !== before.changes || readyOf(state, this.#id) !== readyOf(before, this.#id)) this.#askSoon();
    if (!this.#meeting) return;
    const same = downloadOf(state, this.#id) === downloadOf(before, this.#id);
    if (!same || state.online !== before.online || state.connection !== before.connection) this.#show();
  }

  #askSoon() {
    // One question for a burst of news; a burst that does not end is answered nevertheless.
    this.#asking ??= setTimeout(() => this.#ask(), ASK_AGAIN_MS);
  }

  async #ask() {
    const { api, signal } = this.#context;
    clearTimeout(this.#asking);
    this.#asking = null;
    try {
      this.#meeting = await api.meeting(this.#id, { signal });
    } catch (fault) {
      if (signal.aborted) return;
      if (fault.status === 404) this.#gone();
      else if (!this.#meeting) this.#askSoon();
      return;
    }
    this.#show();
    if (!isOpen(this.#download)) readAhead(this.#meeting, signal);
  }

  get #download() {
    return downloadOf(this.#context.store.state, this.#id) ?? this.#meeting.download;
  }

  #show() {
    const { t, title } = this.#context;
    const meeting = this.#meeting;
    if (!this.frame.isConnected) fill(this.#root, this.frame);
    const download = this.#download;
    const name = meeting.title || t("welcome.untitled");
    title(name);
    setText(this.title, name);
    this.title.classList.toggle("long", name.length > 28);
    this.title.title = name;
    setText(this.when, meeting.time ?? "");
    this.stage.update(meeting, download);
    this.#showNotices(download);
    this.intro.update(meeting.intro ?? "");
    this.recents.update(meeting);
    this.#showItems(meeting.agenda, download);
  }

  #showNotices(download) {
    const { store } = this.#context;
    const { local, status, update } = this.#meeting;
    const isFree = !isOpen(download) && download?.state !== "failed";
    const { online } = store.state;
    const key = JSON.stringify([local, status, update, isFree, online]);
    if (this.#noticed === key) return;
    this.#noticed = key;
    const how = {
      isFree,
      online: online !== false,
      download: () => this.#do(() => this.#context.api.download(this.#id)),
    };
    fill(this.notices, ...noticesOf(this.#meeting, this.#context, how));
  }

  #showItems(items, download) {
    const { t } = this.#context;
    this.#chosen = Math.min(this.#chosen, Math.max(0, items.length - 1));
    const isPlain = items.length === 0 || (items.length === 1 && !items[0].title);
    this.frame.classList.toggle("no-agenda", isPlain);
    const arriving = arrivingOf(download, items.flatMap(({ materials }) => materials));
    this.agenda.update(items, this.#chosen, arriving);
    const item = items[this.#chosen];
    const number = String(this.#chosen + 1);
    setText(this.item, item ? item.title || t("meeting.item.untitled", { number }) : "");
    this.item.hidden = isPlain;
    this.materials.element.hidden = !item;
    if (item) this.materials.update(item.materials, arriving);
  }

  #choose(index) {
    this.#chosen = index;
    chooseItem(this.#id, index);
    this.#showItems(this.#meeting.agenda, this.#download);
    this.agenda.reveal(index);
  }

  /** Does what a button says; a refusal is said above the cards until the next try. */
  async #do(act) {
    fill(this.trouble);
    try {
      await act();
    } catch (fault) {
      const { message, hint } = this.#context.problem(fault);
      const words = element("p.notice-words", {}, message, hint ? element("span.soft", {}, ` ${hint}`) : null);
      fill(this.trouble, element("div.notice.bad", {}, icon("alert"), words));
    }
  }

  #gone() {
    const { t, navigate } = this.#context;
    const home = button(t("meeting.home"), () => navigate("/", { replace: true }), { kind: "main" });
    const words = [element("h1", {}, t("meeting.gone")), element("p", {}, t("meeting.gone.hint"))];
    fill(this.#root, element("main.starting", { role: "status" }, words, home));
  }
}

function downloadOf(state, id) {
  return Object.hasOwn(state.downloads, id) ? state.downloads[id] : null;
}

function readyOf(state, id) {
  return downloadOf(state, id)?.ready;
}
