// The door of a node's pages where a password is set.

import { button, element, icon, setText } from "../element.js";

export class PasswordDoor {
  #context;
  #onOpen;
  #field;
  #note = element("p.door-note", { role: "status", id: "door-note" });
  #key;

  /** @param {{t: Function, problem: Function, asking: object}} context @param {() => void} onOpen */
  constructor(context, onOpen) {
    this.#context = context;
    this.#onOpen = onOpen;
    const { t } = context;
    this.#field = element("input.door-field", {
      id: "door-field", type: "password", autocomplete: "current-password", maxlength: 100,
      "aria-describedby": "door-note", enterkeyhint: "go",
      onkeydown: (event) => {
        if (event.key === "Enter") void this.#try();
      },
    });
    this.#key = button(t("room.door.open"), () => void this.#try(), { kind: "main" });
    this.element = element("main.room-door", {}, icon("lock"), element("h1", {}, t("room.title")),
      element("label", { for: "door-field" }, t("room.door.label")), this.#field, this.#note, this.#key);
  }

  focus() {
    this.#field.focus();
  }

  async #try() {
    if (this.#key.disabled) return;
    this.#key.disabled = true;
    setText(this.#note, "");
    try {
      await this.#context.asking.unlock(this.#field.value);
      this.#onOpen();
    } catch (fault) {
      setText(this.#note, this.#context.problem(fault).message);
      this.#field.select();
    }
    this.#key.disabled = false;
    this.#field.focus();
  }
}
