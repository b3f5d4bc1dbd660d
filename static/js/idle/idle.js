/**
 * Watches whether anybody is there: after a while the welcome page returns, then a dimmed clock. A running
 * download, a countdown to one, and whatever plays keep the screen as it is.
 *
 * Time is counted on a clock that does not jump, and looked at again whenever the page becomes visible:
 * a timer that was held up while the machine slept decides nothing by itself.
 */

import { isOpen } from "../standing.js";
import { Away } from "./away.js";
import { Night } from "./night.js";
import { Quiet } from "./stages.js";

const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchmove", "input"];
const LIMITS = ["data-idle-minutes", "data-dim-minutes"];
/** Pages come and go between two looks, and each has limits of its own. */
const LONGEST_LOOK_MS = 2000;
const SHORTEST_LOOK_MS = 200;
/** What happens inside a contained document is not heard out here. */
const FRAME_SLACK = 4;

export class Idle {
  #store;
  #does;
  #quiet = new Quiet(performance.now());
  #away = new Away();
  #night = null;
  #timer = 0;

  /**
   * @param {import("../state.js").Store} store
   * @param {{where: () => {href: string, title: string}, home: () => void, words: () => object}} does
   */
  constructor(store, does) {
    this.#store = store;
    this.#does = does;
  }

  start() {
    const touched = () => this.#quiet.touched(performance.now());
    for (const name of SIGNS) document.addEventListener(name, touched, { capture: true, passive: true });
    document.addEventListener("visibilitychange", () => this.#look());
    const page = document.documentElement;
    new MutationObserver(() => this.#look()).observe(page, { attributeFilter: LIMITS });
    this.#look();
  }

  #look() {
    clearTimeout(this.#timer);
    const now = performance.now();
    if (!this.#night) this.#follow(this.#quiet.stageAt(now, limits(), this.#screen()));
    if (this.#night) return;
    const left = this.#quiet.leftAt(now, limits(), this.#screen());
    this.#timer = setTimeout(() => this.#look(), Math.min(LONGEST_LOOK_MS, Math.max(SHORTEST_LOOK_MS, left)));
  }

  #follow(stage) {
    if (stage === "home") {
      this.#away.keep(this.#does.where());
      this.#does.home();
    } else if (stage === "night") {
      this.#night = new Night(this.#does.words(), () => this.#woken());
      this.#night.show();
    }
  }

  #woken() {
    this.#night = null;
    this.#quiet.touched(performance.now());
    this.#look();
  }

  #screen() {
    const plays = [...document.querySelectorAll("video, audio")].some((one) => !one.paused && !one.ended);
    const { downloads, connection } = this.#store.state;
    const comes = Object.values(downloads).some(isOpen);
    return {
      isHome: location.pathname === "/",
      // Without the terminal there is no other page to go to.
      isBusy: plays || comes || connection !== "live",
      slack: document.querySelector("iframe") ? FRAME_SLACK : 1,
    };
  }
}

/** As the terminal served them with the page; the options page changes them here, too. */
function limits() {
  const { idleMinutes, dimMinutes } = document.documentElement.dataset;
  return { idleMinutes: Number(idleMinutes) || 0, dimMinutes: Number(dimMinutes) || 0 };
}
