// A figure that follows its target smoothly and never runs backwards.

const SETTLE_MS = 220;
const NEAR = 0.15;

/** Is motion wanted? */
export function motionWanted() {
  return !matchMedia("(prefers-reduced-motion: reduce)").matches;
}

export class Glide {
  #show;
  #shown = 0;
  #target = 0;
  #frame = 0;
  #last = 0;

  /** @param {(value: number) => void} show called with each new value, once a frame at most */
  constructor(show) {
    this.#show = show;
  }

  get shown() {
    return this.#shown;
  }

  /** Begins at `value`, at once: another download, or a page that was opened in the middle. */
  reset(value) {
    this.stop();
    this.#target = value;
    this.#set(value);
  }

  /** Moves on to `value`; a lower one changes nothing. */
  to(value) {
    if (value <= this.#target) return;
    this.#target = value;
    if (!motionWanted()) this.#set(value);
    else if (!this.#frame) {
      this.#last = performance.now();
      this.#frame = requestAnimationFrame((now) => this.#step(now));
    }
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  #step(now) {
    const passed = Math.max(0, now - this.#last);
    this.#last = now;
    const rest = (this.#target - this.#shown) * Math.exp(-passed / SETTLE_MS);
    this.#set(rest < NEAR ? this.#target : this.#target - rest);
    this.#frame = this.#shown < this.#target ? requestAnimationFrame((next) => this.#step(next)) : 0;
  }

  #set(value) {
    this.#shown = value;
    this.#show(value);
  }
}
