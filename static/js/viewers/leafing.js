/** Turning pages where one stands alone in the window: what a tap, a swipe or a wheel means. Pure. */

const EDGE_SHARE = 0.14;
const WIDEST_EDGE = 160;
const NARROWEST_EDGE = 48;

/** How much more one way than the other a swipe has to go to be meant. */
const CLEARLY = 1.5;

/**
 * @typedef {{left: boolean, right: boolean, up: boolean, down: boolean}} Room
 *   where the page goes on beyond the window
 */

/** The edge that a tap at `x` of a window is on: -1 (back), 1 (on), 0 for the middle. */
export function edgeAt(x, width) {
  const edge = Math.min(Math.max(width * EDGE_SHARE, NARROWEST_EDGE), WIDEST_EDGE, width / 3);
  if (x < edge) return -1;
  return x > width - edge ? 1 : 0;
}

/**
 * Where a finger that moved by (`dx`, `dy`) leads: on (1), back (-1) or nowhere (0). While there is
 * room in that direction the finger moves the page instead.
 * @param {Room} room  as it was when the finger came down
 */
export function turnOf(dx, dy, room) {
  if (Math.abs(dx) >= CLEARLY * Math.abs(dy)) return stepOf(dx, room.left, room.right);
  if (Math.abs(dy) >= CLEARLY * Math.abs(dx)) return stepOf(dy, room.up, room.down);
  return 0;
}

/** A finger that moves to the left or up shows what is at the right or below. */
function stepOf(distance, hasBefore, hasAfter) {
  if (distance === 0 || (distance < 0 ? hasAfter : hasBefore)) return 0;
  return distance < 0 ? 1 : -1;
}

/** @returns {Room}  of an element that scrolls */
export function roomOf({ scrollLeft, scrollTop, scrollWidth, scrollHeight, clientWidth, clientHeight }) {
  return {
    left: scrollLeft > 1,
    right: scrollLeft + clientWidth < scrollWidth - 1,
    up: scrollTop > 1,
    down: scrollTop + clientHeight < scrollHeight - 1,
  };
}
