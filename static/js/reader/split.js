/** Whether the screen has room for two materials side by side; told whenever that changes. */

import { rem } from "../viewers/pane.js";

const WIDE = "(min-width: 1200px) and (orientation: landscape)";
/** Large words need more of it. */
const WIDTH_IN_WORDS = 60;

export class Room {
  #query = matchMedia(WIDE);

  /** @param {() => void} changed  @param {AbortSignal} signal */
  constructor(changed, signal) {
    this.#query.addEventListener("change", changed, { signal });
  }

  get isForTwo() { return this.#query.matches && innerWidth >= rem(WIDTH_IN_WORDS); }
}
