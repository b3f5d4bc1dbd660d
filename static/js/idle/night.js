/**
 * The dimmed clock over everything: black, one line of time that wanders. It goes at a touch or a key,
 * and that touch does nothing else.
 */

import { button, element, setText } from "../element.js";
import { driftAt } from "./stages.js";

const MINUTE_MS = 60_000;
const CLICK_MS = 400;

export class Night {
  #format;
  #woken;
  #time = element("p.night-time.numbers");
  #day = element("p.night-day");
  #place;
  #dialog;
  #ended = new AbortController();
  #timer = 0;

  /**
   * @param {{t: (key: string) => string, format: import("../format.js").Format}} words
   * @param {() => void} woken  called once, after the touch that woke it is over
   */
  constructor({ t, format }, woken) {
    this.#format = format;
    this.#woken = woken;
    this.#place = element("div.night-place", {}, this.#time, this.#day);
    const wake = button(t("night.wake"), () => this.#wake(), { kind: "quiet" });
    this.#dialog = element("dialog.night", { "aria-label": t("night.title") }, this.#place, wake);
  }

  show() {
    const { signal } = this.#ended;
    document.body.append(this.#dialog);
    this.#dialog.showModal();
    this.#dialog.addEventListener("cancel", (event) => event.preventDefault(), { signal });
    // Gone with the click and not with the touch before it: what lies below would get the click.
    this.#dialog.addEventListener("click", () => this.#wake(), { signal });
    for (const name of ["pointerup", "pointercancel"]) {
      this.#dialog.addEventListener(name, () => setTimeout(() => this.#wake(), CLICK_MS), { signal });
    }
    window.addEventListener("keydown", (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.#wake();
    }, { signal, capture: true });
    document.addEventListener("visibilitychange", () => this.#tick(), { signal });
    this.#tick();
  }

  /** The time of day from the wall, whatever became of the timer meanwhile. */
  #tick() {
    clearTimeout(this.#timer);
    const now = new Date();
    setText(this.#time, this.#format.time(now));
    setText(this.#day, this.#format.day(now));
    const { x, y } = driftAt(Math.floor(now.getTime() / MINUTE_MS));
    this.#place.style.translate = `calc(${x.toFixed(4)} * var(--night-x)) calc(${y.toFixed(4)} * var(--night-y))`;
    this.#timer = setTimeout(() => this.#tick(), MINUTE_MS - (now.getTime() % MINUTE_MS) + 20);
  }

  #wake() {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    clearTimeout(this.#timer);
    this.#dialog.close();
    this.#dialog.remove();
    this.#woken();
  }
}
