/**
 * What can become of a page on the screen, and which work comes next. Pure.
 *
 *   waiting --start--> drawing --done--> sharp
 *      ^                  |  \--fail--> failed
 *      |                  |                |
 *      +---- drop --------+---- drop ------+   (also from sharp)
 *
 * A move that is not in the table throws and changes nothing.
 */

export const WAITING = "waiting";
export const DRAWING = "drawing";
export const SHARP = "sharp";
export const FAILED = "failed";

const MOVES = {
  [WAITING]: { start: DRAWING, drop: WAITING },
  [DRAWING]: { done: SHARP, fail: FAILED, drop: WAITING },
  [SHARP]: { drop: WAITING },
  [FAILED]: { drop: WAITING },
};

/** The state after `move`. */
export function after(state, move) {
  const next = MOVES[state]?.[move];
  if (next === undefined) throw new Error(`a page that is ${state} cannot ${move}`);
  return next;
}

/**
 * Which pages are kept on the screen's memory: those that show and one on either side.
 * @returns {number[]} page indexes, in order
 */
export function keptPages({ first, last }, count) {
  const pages = [];
  for (let page = Math.max(0, first - 1); page <= Math.min(count - 1, last + 1); page += 1) {
    pages.push(page);
  }
  return pages;
}

/**
 * Which page is drawn next: the one being read, the others that show from the top, then the
 * neighbour in the direction of reading, then the other one.
 * @param {{first: number, last: number}} visible
 * @param {number} current  the page being read
 * @param {boolean} forward  direction of the last movement
 * @param {(page: number) => boolean} isWaiting
 * @returns {number | null}
 */
export function nextPage(visible, current, forward, isWaiting) {
  const shown = [];
  for (let page = visible.first; page <= visible.last; page += 1) shown.push(page);
  const beside = [visible.last + 1, visible.first - 1];
  if (!forward) beside.reverse();
  return [current, ...shown, ...beside].find((page) => isWaiting(page)) ?? null;
}
