/**
 * One setting on the page: its words, its control, and beside it what became of the last change.
 *
 * What was typed is never taken away: a refused value stays in its control until it is corrected.
 */

import { element, fill, icon } from "../element.js";
import { t } from "../i18n.js";
import { controlFor } from "./controls.js";
import { wrongWords } from "./wrong.js";

const SAID_MS = 4000;

export class Field {
  #row;
  #save;
  #status;
  #control;
  #timer = 0;
  #failed = null;

  /**
   * @param {object} row  of GET /api/settings
   * @param {{save: (name: string, value: any) => Promise<void>, typed: () => void,
   *   pinSet: boolean}} context
   */
  constructor(row, context) {
    this.#row = row;
    this.#save = context.save;
    const id = `setting-${row.name}`;
    this.#status = element("p.setting-status", { id: `${id}-status`, role: "status" });
    this.#control = controlFor(row, {
      id,
      describedBy: `${id}-help ${id}-status`,
      label: t(`settings.${row.name}.label`),
      pinSet: context.pinSet,
      typed: () => {
        this.#say("");
        context.typed();
      },
      changed: (value) => void this.#changed(value),
      refused: () => this.#refuse({}),
    });
    this.element = element("div.setting", { "data-name": row.name, "data-type": row.type },
      element("div.setting-words", {},
        this.#label(id),
        element("p.setting-help", { id: `${id}-help` }, t(`settings.${row.name}.help`)),
        row.locked ? element("p.setting-lock", {}, icon("lock"), t(`options.source.${row.source}`)) : null),
      element("div.setting-control", {}, this.#control.element, this.#status));
  }

  get name() { return this.#row.name; }
  get value() { return this.#control.value; }

  /** Whether a change was not saved for a reason that may pass (nobody answered, locked). */
  get isUnsaved() { return this.#failed !== null; }

  /** Tries the last change again. */
  again() {
    if (this.#failed) void this.#changed(this.#failed.value);
  }

  /** What the terminal has now; left alone while somebody is at it. */
  update(row) {
    this.#row = row;
    this.#control.update?.(row.value);
  }

  #label(id) {
    const words = t(`settings.${this.#row.name}.label`);
    const isGroup = this.#control.isGroup;
    return isGroup
      ? element("p.setting-label", { id: `${id}-label` }, words)
      : element("label.setting-label", { for: id }, words);
  }

  async #changed(value) {
    this.#failed = null;
    this.#say("saving");
    try {
      await this.#save(this.name, value);
      this.#say("saved");
    } catch (fault) {
      const own = fault.fields?.[this.name];
      if (own) this.#refuse(own);
      else {
        this.#failed = { value };
        this.#say("failed");
      }
    }
  }

  #refuse(fault) {
    this.#say("wrong", wrongWords(this.#row, fault, t));
  }

  #say(state, words = state ? t(`options.${state}`) : "") {
    clearTimeout(this.#timer);
    this.#status.dataset.state = state;
    const pictures = { saved: "done", wrong: "alert", failed: "alert" };
    fill(this.#status, pictures[state] ? icon(pictures[state]) : null, words ? element("span", {}, words) : null);
    this.#control.mark(state === "wrong");
    if (state === "saved") this.#timer = setTimeout(() => this.#say(""), SAID_MS);
  }
}
