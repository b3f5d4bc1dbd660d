/**
 * What a screen that nobody touches should show, and how its clock wanders. Pure: times are arguments, in
 * milliseconds of a clock that never jumps (performance.now).
 */

const MINUTE_MS = 60_000;

/**
 * @typedef {{idleMinutes: number, dimMinutes: number}} Limits  0: never
 * @typedef {{isHome: boolean, isBusy: boolean, slack?: number}} Screen  isHome: the welcome page; isBusy:
 *   something runs that somebody looks at or waits for; slack: how much longer than usual a silence may be
 */
export class Quiet {
  #since;

  constructor(now) {
    this.#since = now;
  }

  touched(now) {
    this.#since = now;
  }

  /**
   * "awake"; "home": the welcome page shall return, and its own time begins; "night": it gives way to the
   * clock.
   * @param {number} now  @param {Limits} limits  @param {Screen} screen
   */
  stageAt(now, limits, screen) {
    if (screen.isBusy) this.#since = now;
    if (this.leftAt(now, limits, screen) > 0) return "awake";
    if (screen.isHome) return "night";
    this.#since = now;
    return "home";
  }

  /** Milliseconds until the screen should show something else; Infinity: never. */
  leftAt(now, { idleMinutes, dimMinutes }, { isHome, slack = 1 }) {
    const minutes = isHome ? dimMinutes : idleMinutes * slack;
    return minutes > 0 ? Math.max(0, this.#since + minutes * MINUTE_MS - now) : Infinity;
  }
}

/**
 * Where the clock stands in minute number `minute`, from -1 to 1 both ways: a little further each minute,
 * everywhere in some hours, so that nothing burns in.
 */
export function driftAt(minute) {
  return { x: Math.sin(minute * 0.083), y: Math.sin(minute * 0.053 + 1) };
}
