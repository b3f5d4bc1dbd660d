/** The accent colour: eight that go with everything, and a field for one's own. */

import { element, icon } from "../element.js";
import { t } from "../i18n.js";

const SWATCHES = [
  ["red", "#9f1d20"], ["rust", "#a8481a"], ["amber", "#8a5a00"], ["green", "#1f6b45"],
  ["teal", "#0f6674"], ["blue", "#1f4f9e"], ["violet", "#5b3f9b"], ["slate", "#3f4a56"],
];

export class ColourControl {
  isGroup = true;
  #context;
  #value;
  #keys = new Map();
  #field;

  constructor(row, context) {
    this.#context = context;
    for (const [name, colour] of SWATCHES) this.#keys.set(colour, this.#swatch(name, colour, row.locked));
    this.#field = element("input.setting-input.setting-colour-field.numbers", {
      type: "text", inputmode: "text", autocomplete: "off", spellcheck: "false", maxlength: 7,
      disabled: row.locked, "aria-label": t("options.colour_own"), enterkeyhint: "done",
      oninput: () => context.typed(),
      onchange: () => this.#typed(),
      onkeydown: (event) => {
        if (event.key === "Enter") this.#typed();
      },
    });
    this.element = element("div.setting-colours", {
      role: "group", "aria-labelledby": `${context.id}-label`, "aria-describedby": context.describedBy,
    }, element("div.setting-swatches", {}, ...this.#keys.values()), this.#field);
    this.update(row.value);
  }

  get value() { return this.#value; }

  mark(isWrong) { this.#field.setAttribute("aria-invalid", isWrong); }

  update(value) {
    this.#value = value;
    if (document.activeElement !== this.#field) this.#field.value = value;
    for (const [colour, key] of this.#keys) key.setAttribute("aria-pressed", String(colour === value));
  }

  #swatch(name, colour, isLocked) {
    const key = element("button.setting-swatch", {
      type: "button", disabled: isLocked, "aria-label": t(`options.colour.${name}`),
      title: t(`options.colour.${name}`),
      onclick: () => {
        this.#field.value = colour;
        this.#send(colour);
      },
    }, icon("check"));
    key.style.backgroundColor = colour;
    return key;
  }

  #typed() {
    const text = this.#field.value.trim().toLowerCase();
    this.#send(/^[0-9a-f]{6}$/.test(text) ? `#${text}` : text);
  }

  #send(colour) {
    if (colour === this.#value) return;
    if (!/^#[0-9a-f]{6}$/.test(colour)) {
      this.#context.refused();
      return;
    }
    this.update(colour);
    this.#context.changed(colour);
  }
}
