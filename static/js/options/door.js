/** The door of the options where a PIN is set: a number pad, and how long to wait after a wrong one. */

import { element, icon, setText } from "../element.js";
import { t } from "../i18n.js";
import { NumberPad } from "../numberpad.js";

export class Door {
  #api;
  #problem;
  #onOpen;
  #pad;
  #note = element("p.sheet-note", { role: "status" });
  #timer = 0;

  /** @param {{api: object, problem: Function, signal: AbortSignal}} context  @param {() => void} onOpen */
  constructor({ api, problem, signal }, onOpen) {
    this.#api = api;
    this.#problem = problem;
    this.#onOpen = onOpen;
    this.#pad = new NumberPad({
      label: t("options.door"), send: t("options.door_open"), erase: t("reader.erase"),
      most: 12, isSecret: true, onSend: (pin) => void this.#try(pin),
    });
    this.element = element("div.options-door", {}, icon("lock"),
      element("h2", {}, t("options.door")), this.#note, this.#pad.element);
    setText(this.#note, t("options.door_help"));
    signal.addEventListener("abort", () => clearInterval(this.#timer), { once: true });
  }

  focus() { this.#pad.focus(); }

  async #try(pin) {
    this.#pad.isBusy = true;
    try {
      await this.#api.unlock(pin);
      this.#onOpen();
    } catch (fault) {
      this.#pad.clear();
      if (fault.code === "wrong-pin") this.#wait(Math.ceil(fault.details.seconds ?? 1));
      else {
        this.#say(this.#problem(fault).message, true);
        this.#pad.isBusy = false;
      }
    }
  }

  /** Counts down until the next try is looked at. */
  #wait(seconds) {
    const end = performance.now() + seconds * 1000;
    const tick = () => {
      const left = Math.ceil((end - performance.now()) / 1000);
      if (left > 0) {
        this.#say(t("options.door_wrong", { seconds: left }), true);
        return;
      }
      clearInterval(this.#timer);
      this.#say(t("options.door_again"), false);
      this.#pad.isBusy = false;
      this.#pad.focus();
    };
    clearInterval(this.#timer);
    this.#timer = setInterval(tick, 250);
    tick();
  }

  #say(words, isWrong) {
    setText(this.#note, words);
    this.#note.dataset.wrong = String(isWrong);
  }
}
