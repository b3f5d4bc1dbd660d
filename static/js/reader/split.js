/** Whether the screen has room for two materials side by side; told whenever that changes. */

const WIDE = "(min-width: 1200px) and (orientation: landscape)";

export class Room {
  #query = matchMedia(WIDE);

  /** @param {() => void} changed  @param {AbortSignal} signal */
  constructor(changed, signal) {
    this.#query.addEventListener("change", changed, { signal });
  }

  get isForTwo() { return this.#query.matches; }
}
