// The door of the secretary's page: the password, and how long to wait after a wrong one.

import { element, icon, setText } from "../element.js";
import { problem, t } from "../i18n.js";

export class PasswordDoor {
  #field = element("input.field", {
    type: "password", autocomplete: "current-password", maxlength: 100, required: true,
    "aria-label": t("secretary.password"),
  });
  #send = element("button.button.main", { type: "submit" }, t("secretary.open"));
  #note = element("p.sheet-note", { role: "status" });
  #timer = 0;

  /** @param {(password: string) => Promise<void>} unlock */
  constructor(unlock) {
    this.element = element("main.starting.door", {}, icon("lock"), element("h1", {}, t("secretary.password")),
      this.#note,
      element("form.ask", {
        onsubmit: (event) => {
          event.preventDefault();
          void this.#try(unlock);
        },
      }, this.#field, this.#send));
  }

  focus() { this.#field.focus(); }

  async #try(unlock) {
    this.#send.disabled = true;
    try {
      await unlock(this.#field.value);
    } catch (fault) {
      this.#field.value = "";
      this.#note.dataset.wrong = "true";
      if (fault.code === "wrong-password") this.#wait(fault.details.seconds ?? 1);
      else {
        setText(this.#note, fault.code === "no-answer" ? t("secretary.lost") : problem(fault).message);
        this.#send.disabled = false;
      }
    }
  }

  /** Counts down until the next try is looked at. */
  #wait(seconds) {
    const end = performance.now() + seconds * 1000;
    const tick = () => {
      const left = Math.ceil((end - performance.now()) / 1000);
      setText(this.#note, left > 0 ? t("secretary.wrong", { seconds: left }) : t("secretary.wrong_again"));
      if (left > 0) return;
      clearInterval(this.#timer);
      this.#send.disabled = false;
      this.#field.focus();
    };
    clearInterval(this.#timer);
    this.#timer = setInterval(tick, 250);
    tick();
  }
}
