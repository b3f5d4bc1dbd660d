// The time of day, as large as its place says. Changes with the minute, without moving its neighbours.

import { element, setText } from "./element.js";

const MINUTE_MS = 60_000;

/**
 * A `<time>` that keeps itself right until `signal` is aborted.
 *
 * @param {import("./format.js").Format} format
 * @param {AbortSignal} signal
 * @param {{day?: boolean}} [look] day: the date under the time
 */
export function clock(format, signal, { day = false } = {}) {
  const time = element("span.clock");
  const date = day ? element("span.day.soft") : null;
  let timer;
  const show = () => {
    const now = new Date();
    setText(time, format.time(now));
    if (date) setText(date, format.day(now));
    timer = setTimeout(show, MINUTE_MS - (now.getTime() % MINUTE_MS) + 20);
  };
  show();
  // A timer is held up while nobody sees the page.
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    show();
  }, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  return element("div.clock-place", {}, time, date);
}
