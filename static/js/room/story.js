// The story of one seat: each meeting on it, what went wrong, and what can be done about it.

import { button, element, facts, fill, icon, setText } from "../element.js";
import { failureKey } from "../sentences.js";
import { meetingState, short, stateOf } from "./words.js";

export class Story {
  #context;
  #row = null;
  #titles = new Map();
  #title = element("h2", { id: "story-title" });
  #state = element("p.story-state.numbers");
  #facts = element("p.facts.soft.numbers");
  #body = element("div.story-body.scroll", { tabindex: "0" });
  #said = element("p.story-said", { role: "status" });
  #retry;

  /** @param {object} context @param {(id: string) => void} retry */
  constructor(context, retry) {
    this.#context = context;
    const { t } = context;
    this.#retry = button(t("room.story.retry"), () => retry(this.#row.id), { kind: "large", icon: "again" });
    const close = button(t("room.story.close"), () => this.element.close(), { kind: "quiet square", icon: "close", onlyIcon: true });
    this.#body.setAttribute("aria-labelledby", "story-title");
    this.#body.setAttribute("role", "region");
    this.element = element("dialog.story", {
      "aria-labelledby": "story-title",
      onclose: () => (this.#row = null),
      onclick: (event) => {
        if (event.target === this.element) this.element.close();
      },
    }, element("div.story-sheet", {},
      element("header.story-head", {}, element("div.story-titles", {}, this.#title, this.#state, this.#facts), close),
      this.#body,
      element("footer.story-foot", {}, this.#said, this.#retry)));
  }

  /** @param {object} row @param {object} node how the node stands: it knows the titles of the meetings */
  open(row, node) {
    this.#titles = new Map(node.meetings.map((meeting) => [meeting.id, meeting.title]));
    this.#show(row);
    setText(this.#said, "");
    this.element.showModal();
    this.#body.scrollTop = 0;
  }

  /** The seat may have said something else meanwhile. */
  update(seats) {
    if (!this.#row) return;
    const row = seats.get(this.#row.id);
    if (!row) this.element.close();
    else if (row !== this.#row) this.#show(row);
  }

  say(words) {
    setText(this.#said, words);
  }

  #show(row) {
    const { t, format, mayRetry } = this.#context;
    this.#row = row;
    this.element.dataset.colour = row.colour;
    setText(this.#title, row.seat);
    setText(this.#state, stateOf(row, this.#context));
    const free = row.freeBytes === null ? "" : t("room.story.free", { bytes: format.bytes(row.freeBytes) });
    fill(this.#facts, facts(row.address, free, row.version && t("room.story.version", { version: row.version })));
    const held = row.meetings.map((one) => this.#meeting(one));
    fill(this.#body, held.length ? held : element("p.soft", {}, t("room.story.none")));
    this.#retry.hidden = !mayRetry || row.reason !== "failed";
  }

  #meeting(held) {
    const { t } = this.#context;
    const title = element("h3.two-lines", {}, this.#titles.get(held.meeting) ?? held.meeting);
    const revision = t("room.story.revision", { revision: short(held.revision) });
    return element("section.story-meeting", {}, title,
      element("p.facts.numbers", {}, facts(meetingState(held, this.#context), revision)),
      held.error ? this.#error(held.error) : null);
  }

  #error(error) {
    const { t, problem } = this.#context;
    const { message, hint } = problem(error);
    const headline = t(failureKey(error.status, t));
    return element("div.notice.bad", {}, icon("alert"), element("div.words", {},
      element("p.story-failure", {}, headline), element("p", {}, message), element("p.soft", {}, hint)));
  }
}
