/**
 * The control of each kind of setting, for fingers. Every one of them has `element`, `value`,
 * `mark(isWrong)` and `update(value)`; it calls `typed` while something is entered, `changed` with a
 * value that is worth saving, `refused` with one that cannot be right.
 */

import { element, icon } from "../element.js";
import { t } from "../i18n.js";
import { ColourControl } from "./colour.js";
import { ListControl } from "./list.js";
import { PinControl } from "./pin.js";
import { stepped, valueOf } from "./wrong.js";

const STEP_SAVE_MS = 600;

/** Addresses and numbers ask the on-screen keyboard for the keys they need. */
const KEYBOARDS = { server_ip: "url", master: "url" };

export function controlFor(row, context) {
  const Control = KINDS[row.type] ?? TextControl;
  return new Control(row, context);
}

class TextControl {
  #row;
  #context;
  #saved;

  constructor(row, context) {
    this.#row = row;
    this.#context = context;
    this.#saved = String(row.value);
    this.element = element("input.setting-input", {
      id: context.id,
      type: "text",
      inputmode: KEYBOARDS[row.name] ?? "text",
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      enterkeyhint: "done",
      maxlength: 200,
      placeholder: placeholderOf(row),
      "aria-describedby": context.describedBy,
      disabled: row.locked,
      oninput: () => context.typed(),
      onchange: () => this.#leave(),
      onkeydown: (event) => {
        if (event.key === "Enter") this.#leave();
      },
    });
    this.element.value = this.#saved;
  }

  get value() { return this.element.value.trim(); }

  mark(isWrong) { this.element.setAttribute("aria-invalid", isWrong); }

  update(value) {
    this.#saved = String(value);
    if (document.activeElement !== this.element) this.element.value = this.#saved;
  }

  #leave() {
    if (this.value === this.#saved) return;
    if (!valueOf(this.#row, this.value)) {
      this.#context.refused();
      return;
    }
    this.#saved = this.value;
    this.#context.changed(this.value);
  }
}

class NumberControl {
  #row;
  #context;
  #field;
  #timer = 0;
  #sent;

  constructor(row, context) {
    this.#row = row;
    this.#context = context;
    this.#sent = String(row.value);
    this.#field = element("input.setting-input.numbers", {
      id: context.id,
      type: "text",
      inputmode: row.type === "whole" ? "numeric" : "decimal",
      autocomplete: "off",
      enterkeyhint: "done",
      maxlength: 12,
      "aria-describedby": context.describedBy,
      disabled: row.locked,
      oninput: () => context.typed(),
      onchange: () => this.#leave(),
      onkeydown: (event) => {
        if (event.key === "Enter") this.#leave();
      },
    });
    this.#field.value = this.#sent;
    const unit = row.unit ? element("span.setting-unit", { "aria-hidden": "true" }, unitOf(row.unit)) : null;
    this.element = element("div.setting-number", {},
      this.#key("minus", "options.less", -1),
      element("div.setting-number-field", {}, this.#field, unit),
      this.#key("plus", "options.more", 1));
  }

  get value() { return this.#field.value.trim(); }

  mark(isWrong) { this.#field.setAttribute("aria-invalid", isWrong); }

  update(value) {
    this.#sent = String(value);
    if (document.activeElement !== this.#field) this.#field.value = this.#sent;
  }

  #key(name, words, direction) {
    return element("button.button.square", {
      type: "button",
      disabled: this.#row.locked,
      "aria-label": t(words, { name: this.#context.label }),
      onclick: () => this.#step(direction),
    }, icon(name));
  }

  /** Several presses are one change. */
  #step(direction) {
    const known = valueOf(this.#row, this.#field.value)?.value ?? this.#row.default;
    this.#field.value = String(stepped(this.#row, Number(known), direction));
    this.#context.typed();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#leave(), STEP_SAVE_MS);
  }

  #leave() {
    clearTimeout(this.#timer);
    if (this.value === this.#sent) return;
    const found = valueOf(this.#row, this.#field.value);
    if (!found) {
      this.#context.refused();
      return;
    }
    this.#sent = this.value;
    this.#context.changed(found.value);
  }
}

class SwitchControl {
  constructor(row, context) {
    this.element = element("button.setting-switch", {
      id: context.id,
      type: "button",
      role: "switch",
      "aria-checked": String(row.value),
      "aria-describedby": context.describedBy,
      disabled: row.locked,
      onclick: () => {
        this.update(!this.value);
        context.changed(this.value);
      },
    }, element("span.setting-switch-track"), element("span.setting-switch-words", {}));
    this.update(row.value);
  }

  get value() { return this.element.getAttribute("aria-checked") === "true"; }

  mark() {}

  update(value) {
    this.element.setAttribute("aria-checked", String(value));
    this.element.lastChild.textContent = t(value ? "options.yes" : "options.no");
  }
}

class ChoiceControl {
  isGroup = true;
  #value;
  #keys = new Map();

  constructor(row, context) {
    this.#value = row.value;
    for (const choice of row.choices) {
      this.#keys.set(choice, element("button.setting-choice", {
        type: "button",
        disabled: row.locked,
        onclick: () => {
          if (choice === this.#value) return;
          this.update(choice);
          context.changed(choice);
        },
      }, t(`options.choice.${row.name}.${choice}`)));
    }
    this.element = element("div.setting-choices", {
      role: "group", "aria-labelledby": `${context.id}-label`, "aria-describedby": context.describedBy,
    }, ...this.#keys.values());
    this.update(row.value);
  }

  get value() { return this.#value; }

  mark() {}

  update(value) {
    this.#value = value;
    for (const [choice, key] of this.#keys) key.setAttribute("aria-pressed", String(choice === value));
  }
}

const KINDS = {
  text: TextControl,
  whole: NumberControl,
  number: NumberControl,
  "yes-no": SwitchControl,
  choice: ChoiceControl,
  list: ListControl,
  colour: ColourControl,
  secret: PinControl,
};

function placeholderOf(row) {
  const key = `options.example.${row.name}`;
  const words = t(key);
  return words === key ? null : words;
}

function unitOf(unit) {
  const words = t(`options.unit.${unit}`);
  return words === `options.unit.${unit}` ? unit : words;
}
