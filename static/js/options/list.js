/** A list of addresses: one line each, added below, taken away beside. */

import { button, element, fill, icon } from "../element.js";
import { t } from "../i18n.js";

export class ListControl {
  isGroup = true;
  #context;
  #isLocked;
  #items;
  #lines = element("ul.setting-list-lines");
  #field;

  constructor(row, context) {
    this.#context = context;
    this.#isLocked = row.locked;
    this.#items = [...row.value];
    this.#field = element("input.setting-input", {
      type: "text", inputmode: "url", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
      enterkeyhint: "done", maxlength: 200, disabled: row.locked,
      "aria-label": t("options.list_new", { name: context.label }),
      placeholder: t("options.list_example"),
      oninput: () => context.typed(),
      onchange: () => this.#add(),
      onkeydown: (event) => {
        if (event.key === "Enter") this.#add();
      },
    });
    const add = element("button.button", { type: "button", disabled: row.locked, onclick: () => this.#add() },
      icon("plus"), t("options.list_add"));
    this.element = element("div.setting-list", {
      role: "group", "aria-labelledby": `${context.id}-label`, "aria-describedby": context.describedBy,
    }, this.#lines, element("div.setting-list-new", {}, this.#field, add));
    this.#show();
  }

  /** What would be saved: the lines, without what is still being typed. */
  get value() { return this.#items; }

  mark(isWrong) { this.#field.setAttribute("aria-invalid", isWrong); }

  /** The terminal took the list: what was being added is in it now. */
  update(value) {
    const isTaken = this.#pending !== null && value.length >= this.#items.length + this.#pending.length;
    if (isTaken) this.#field.value = "";
    this.#pending = null;
    this.#items = [...value];
    this.#show();
  }

  #pending = null;

  /** The line stays in its field until the terminal has taken it; a refused one is corrected there. */
  #add() {
    const typed = this.#field.value.split(/[,;\s，；]+/).filter(Boolean);
    if (typed.length === 0 || this.#pending?.join() === typed.join()) return;
    this.#pending = typed;
    this.#context.changed([...this.#items, ...typed]);
  }

  #remove(index) {
    this.#pending = null;
    this.#items = this.#items.filter((_, at) => at !== index);
    this.#show();
    this.#context.changed(this.#items);
  }

  #show() {
    fill(this.#lines, ...this.#items.map((item, index) => {
      const remove = button(t("options.list_remove", { item }), () => this.#remove(index),
        { kind: "quiet square", icon: "close", onlyIcon: true });
      remove.disabled = this.#isLocked;
      return element("li.setting-list-line", {}, element("span", {}, item), remove);
    }));
    this.#lines.hidden = this.#items.length === 0;
  }
}
