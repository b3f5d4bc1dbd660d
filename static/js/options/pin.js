/** The PIN: says whether one is set; it is set, changed and removed, but never shown. */

import { button, element, fill, icon, setText } from "../element.js";
import { t } from "../i18n.js";
import { NumberPad, closeButton, sheetDialog } from "../numberpad.js";

const SHORTEST = 4;
const LONGEST = 12;

export class PinControl {
  isGroup = true;
  #context;
  #isSet;
  #wasSet;
  #isLocked;

  constructor(row, context) {
    this.#context = context;
    this.#isSet = this.#wasSet = context.pinSet;
    this.#isLocked = row.locked;
    this.element = element("div.setting-pin", {
      role: "group", "aria-labelledby": `${context.id}-label`, "aria-describedby": context.describedBy,
    });
    this.#show();
  }

  get value() { return ""; }

  /** A refused change leaves things as they were. */
  mark(isWrong) {
    if (!isWrong) return;
    this.#isSet = this.#wasSet;
    this.#show();
  }

  #show() {
    const set = button(t(this.#isSet ? "options.pin_change" : "options.pin_set"), () => this.#ask());
    const remove = this.#isSet ? button(t("options.pin_remove"), () => this.#send(""), { kind: "quiet" }) : null;
    for (const key of [set, remove]) if (key) key.disabled = this.#isLocked;
    fill(this.element,
      element("p.setting-pin-state", {}, icon("lock"), t(this.#isSet ? "options.pin_is_set" : "options.pin_is_not")),
      set, remove);
  }

  #send(pin) {
    this.#wasSet = this.#isSet;
    this.#isSet = pin !== "";
    this.#show();
    this.#context.changed(pin);
  }

  /** Asks twice: a PIN that was mistyped locks everybody out. */
  #ask() {
    let first = null;
    const note = element("p.sheet-note", { role: "status" }, t("options.pin_rule"));
    const say = (key, isWrong) => {
      setText(note, t(key));
      note.dataset.wrong = String(isWrong);
    };
    const pad = new NumberPad({
      label: t("options.pin_new"), send: t("options.pin_next"), erase: t("reader.erase"),
      most: LONGEST, isSecret: true,
      onSend: (digits) => {
        if (digits.length < SHORTEST) say("options.pin_rule", true);
        else if (first === null) {
          first = digits;
          say("options.pin_again", false);
        } else if (first === digits) {
          dialog.close();
          this.#send(digits);
          return;
        } else {
          first = null;
          say("options.pin_differs", true);
        }
        pad.clear();
        pad.focus();
      },
    });
    const dialog = sheetDialog(t("options.pin_new"), closeButton(t("reader.close"), () => dialog),
      element("h2.sheet-title", {}, t("options.pin_new")), note, pad.element);
    this.element.closest("main").append(dialog);
    dialog.showModal();
    pad.focus();
  }
}
