// The list of meetings, and the way to a new one.

import { button, element, fill, icon } from "../element.js";
import { problem, t } from "../i18n.js";
import { closeButton, sheetDialog } from "../numberpad.js";
import { statusMark } from "./meeting.js";

const TROUBLED = ["refused", "unreadable", "empty", "missing"];

export class MeetingsList {
  #choose;
  #make;
  #rows = element("ul.meetings-rows");
  #refused = element("div.meetings-refused");

  /** @param {{choose: (id: string) => void, make: (name: string) => Promise<void>}} context */
  constructor({ choose, make }) {
    this.#choose = choose;
    this.#make = make;
    this.element = element("nav.meetings.scroll", { "aria-label": t("secretary.meetings") },
      this.#rows,
      button(t("secretary.new"), () => this.#ask(), { icon: "plus" }),
      this.#refused);
  }

  show({ meetings, refused }, chosen) {
    const focused = document.activeElement?.dataset?.meeting;
    fill(this.#rows, meetings.map((meeting) => element("li", {}, this.#row(meeting, chosen))));
    fill(this.#refused, refused.map(({ path, why }) =>
      element("p.meetings-note", {}, icon("alert"), element("span", {}, `${path} · ${t(`secretary.why.${why}`)}`))));
    if (focused) this.#rows.querySelector(`[data-meeting="${CSS.escape(focused)}"]`)?.focus();
  }

  #row({ id, title, status, states, fault }, chosen) {
    const ready = states.ready ?? 0;
    const troubled = TROUBLED.reduce((sum, state) => sum + (states[state] ?? 0), fault ? 1 : 0);
    return element("button.meetings-row", {
      type: "button", "data-meeting": id, "aria-current": id === chosen ? "true" : null,
      onclick: () => this.#choose(id),
    },
      element("span.two-lines.meetings-title", {}, title),
      element("span.meetings-facts", {},
        statusMark(status),
        element("span.numbers", {}, t("secretary.count", { count: ready })),
        troubled ? element("span.meetings-trouble", {}, icon("alert"), t("secretary.troubled", { count: troubled })) : null));
  }

  #ask() {
    const note = element("p.sheet-note", { role: "status" }, t("secretary.new_words"));
    const field = element("input.field", { type: "text", maxlength: 100, required: true, "aria-label": t("secretary.new_name") });
    const dialog = sheetDialog(t("secretary.new"),
      element("h2.sheet-title", {}, t("secretary.new")), note,
      element("form.ask", {
        onsubmit: async (event) => {
          event.preventDefault();
          try {
            await this.#make(field.value);
            dialog.close();
          } catch (fault) {
            note.dataset.wrong = "true";
            note.textContent = problem(fault).message;
            field.focus();
          }
        },
      }, field, element("button.button.main", { type: "submit" }, t("secretary.make"))),
      closeButton(t("secretary.no"), () => dialog));
    document.body.append(dialog);
    dialog.showModal();
    field.focus();
  }
}
