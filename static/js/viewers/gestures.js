/**
 * Fingers on a document: tap, double tap, swipe, pinch.
 *
 * One finger scrolls, and the browser does that by itself (touch-action: pan-x pan-y), smoothly
 * even while a page is being drawn. Two fingers are taken over here before the browser makes a
 * scroll of them, so that the document grows and never the page around it.
 */

const TAP_PIXELS = 12;
const TAP_MS = 400;
const DOUBLE_TAP_MS = 280;
const DOUBLE_TAP_PIXELS = 48;
const SWIPE_PIXELS = 48;
const SWIPE_MS = 600;

/**
 * @param {HTMLElement} element
 * @param {{onTap?: (x: number, y: number) => void, onDoubleTap?: (x: number, y: number) => void,
 *   isAtOnce?: (x: number, y: number) => boolean,
 *   onTouch?: () => void, onSwipe?: (dx: number, dy: number) => void,
 *   onPinch?: (factor: number, x: number, y: number, dx: number, dy: number) => void}} on
 *   x, y: where, in client pixels; dx, dy: how far the finger, or the middle of two, moved;
 *   isAtOnce: a tap there is not waited with, for it cannot become a double one; onTouch: one finger
 *   came down
 * @param {AbortSignal} signal  ends it
 */
export function watchGestures(element, on, signal) {
  if (on.onPinch) watchPinch(element, on.onPinch, signal);
  if (on.onSwipe) watchSwipes(element, on, signal);
  watchTaps(element, on, signal);
}

/** A quick stroke of one finger. The browser may scroll meanwhile; whether it could is not known here. */
function watchSwipes(element, { onTouch, onSwipe }, signal) {
  const options = { passive: true, signal };
  let from = null;
  element.addEventListener("touchstart", ({ touches: [finger, ...others], timeStamp }) => {
    from = others.length === 0 ? { x: finger.clientX, y: finger.clientY, timeStamp } : null;
    if (from) onTouch?.();
  }, options);
  element.addEventListener("touchend", ({ touches, changedTouches: [finger], timeStamp }) => {
    if (!from || touches.length > 0) return;
    const [dx, dy] = [finger.clientX - from.x, finger.clientY - from.y];
    if (timeStamp - from.timeStamp <= SWIPE_MS && Math.hypot(dx, dy) >= SWIPE_PIXELS) onSwipe(dx, dy);
    from = null;
  }, options);
  element.addEventListener("touchcancel", () => { from = null; }, options);
}

function watchPinch(element, onPinch, signal) {
  const options = { passive: false, signal };
  let last = null;
  element.addEventListener("touchstart", (event) => {
    if (event.touches.length < 2) return;
    event.preventDefault();
    last = spread(event.touches);
  }, options);
  element.addEventListener("touchmove", (event) => {
    if (!last || event.touches.length < 2) return;
    event.preventDefault();
    const now = spread(event.touches);
    onPinch(now.distance / last.distance, now.x, now.y, now.x - last.x, now.y - last.y);
    last = now;
  }, options);
  const end = (event) => {
    last = event.touches.length >= 2 ? spread(event.touches) : null;
  };
  element.addEventListener("touchend", end, { signal });
  element.addEventListener("touchcancel", end, { signal });
  // A trackpad's pinch arrives as a wheel with the control key held.
  element.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    onPinch(Math.exp(-clamp(event.deltaY, 60) / 100), event.clientX, event.clientY, 0, 0);
  }, options);
}

function spread([one, other]) {
  return {
    distance: Math.max(1, Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY)),
    x: (one.clientX + other.clientX) / 2,
    y: (one.clientY + other.clientY) / 2,
  };
}

function watchTaps(element, { onTap, onDoubleTap, isAtOnce }, signal) {
  let down = null;
  let fingers = 0;
  let earlier = null;
  let timer = 0;
  element.addEventListener("pointerdown", (event) => {
    fingers += 1;
    // What can be pressed answers for itself.
    const isFree = event.button === 0 && !event.target.closest("a, button");
    down = fingers === 1 && isFree ? event : null;
  }, { signal });
  element.addEventListener("pointercancel", () => {
    fingers = Math.max(0, fingers - 1);
    down = null;
  }, { signal });
  element.addEventListener("pointerup", (event) => {
    fingers = Math.max(0, fingers - 1);
    if (!down || !near(down, event, TAP_PIXELS) || event.timeStamp - down.timeStamp > TAP_MS) return;
    down = null;
    clearTimeout(timer);
    if (isAtOnce?.(event.clientX, event.clientY)) {
      earlier = null;
      onTap?.(event.clientX, event.clientY);
      return;
    }
    if (earlier && isDouble(earlier, event) && onDoubleTap) {
      earlier = null;
      onDoubleTap(event.clientX, event.clientY);
      return;
    }
    earlier = event;
    timer = setTimeout(() => onTap?.(event.clientX, event.clientY), onDoubleTap ? DOUBLE_TAP_MS : 0);
  }, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
}

function isDouble(first, second) {
  return second.timeStamp - first.timeStamp < DOUBLE_TAP_MS && near(first, second, DOUBLE_TAP_PIXELS);
}

function near(one, other, pixels) {
  return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) <= pixels;
}

function clamp(value, most) {
  return Math.max(-most, Math.min(most, value));
}
