// A large number, and the keys to enter it with a finger: the page to jump to, the PIN.

import { button, element, icon } from "./element.js";

/**
 * @typedef {{label: string, send: string, most: number, isSecret?: boolean, erase: string,
 *   onSend: (digits: string) => void, onInput?: (digits: string) => void}} Options
 *   label: what the number is; send, erase: words on the keys; most: digits
 */
export class NumberPad {
  #options;
  #field;
  #send;

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
    // The keys are here already, so no keyboard shall rise over them.
    this.#field = element("input.numberpad-field", {
      type: options.isSecret ? "password" : "text",
      inputmode: "none",
      autocomplete: "off",
      maxlength: options.most,
      "aria-label": options.label,
      oninput: () => this.#changed(this.#field.value),
    });
    this.#send = element("button.button.main.numberpad-send", { type: "submit" }, options.send);
    this.element = element("form.numberpad", {
      onsubmit: (event) => {
        event.preventDefault();
        if (this.digits) options.onSend(this.digits);
      },
    }, this.#field, this.#keys(), this.#send);
    this.clear();
  }

  get digits() { return this.#field.value; }

  focus() { this.#field.focus(); }

  clear() { this.#changed(""); }

  /** Keeps the keys from being pressed while the number is being checked. */
  set isBusy(isBusy) {
    for (const key of this.element.querySelectorAll("button")) key.disabled = isBusy;
    if (!isBusy) this.#send.disabled = this.digits === "";
  }

  #keys() {
    const digit = (name) =>
      element("button.button.numberpad-key", { type: "button", onclick: () => this.#type(name) }, name);
    const erase = element("button.button.quiet.numberpad-key", {
      type: "button",
      "aria-label": this.#options.erase,
      onclick: () => this.#changed(this.digits.slice(0, -1)),
    }, icon("erase"));
    const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9"].map(digit);
    return element("div.numberpad-keys", {}, keys, element("span"), digit("0"), erase);
  }

  #type(digit) {
    if (this.digits.length < this.#options.most) this.#changed(this.digits + digit);
  }

  #changed(text) {
    const digits = text.replace(/\D/g, "").slice(0, this.#options.most);
    if (this.#field.value !== digits) this.#field.value = digits;
    this.#send.disabled = digits === "";
    this.#options.onInput?.(digits);
  }
}

/** A dialog in the middle of the screen that a tap beside it closes. */
export function sheetDialog(label, ...children) {
  const dialog = element("dialog.sheet-dialog", { "aria-label": label }, ...children);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  return dialog;
}

/** The button in a dialog's corner. */
export function closeButton(label, dialog) {
  const close = button(label, () => dialog().close(), { kind: "quiet square", icon: "close", onlyIcon: true });
  close.classList.add("sheet-close");
  return close;
}
