/**
 * Fingers, stylus and mouse while somebody writes.
 *
 * One finger draws; a second one makes it a pinch, which the pane takes from there. Once a stylus was
 * seen, it alone draws and a finger scrolls: so the hand may rest on the screen. The mouse draws, too.
 * It listens before the pane does, and what it takes the pane does not see.
 */

/** A line that is older than this when a second finger comes down was meant. */
const MEANT_MS = 250;

/** After a stylus was near, a touch is its hand for so long. */
const HAND_MS = 400;

/** Who has a stylus draws with it, on the next material, too. */
let isStylusSeen = false;

/**
 * @typedef {{begin: (event: PointerEvent) => boolean, move: (events: PointerEvent[]) => void,
 *   end: () => void, drop: () => void}} On  begin: false where nothing can be drawn
 */

export class Pen {
  #element;
  #on;
  #drawing = null;
  #finger = null;
  #touches = new Set();
  #stylusLeft = -Infinity;

  /** @param {HTMLElement} element  the pane's @param {On} on @param {AbortSignal} signal */
  constructor(element, on, signal) {
    this.#element = element;
    this.#on = on;
    const options = { capture: true, signal };
    element.addEventListener("pointerdown", (event) => this.#down(event), options);
    element.addEventListener("pointermove", (event) => this.#move(event), options);
    element.addEventListener("pointerup", (event) => this.#up(event), options);
    element.addEventListener("pointercancel", (event) => this.#up(event), options);
    for (const name of ["touchstart", "touchmove", "touchend"]) {
      element.addEventListener(name, (event) => this.#hold(event), { ...options, passive: false });
    }
    signal.addEventListener("abort", () => this.#finish(), { once: true });
  }

  /** One finger is ours; the pane sees two, and makes a pinch of them. */
  #hold(event) {
    if (isPin(event) || event.touches.length > 1 || (event.type === "touchend" && this.#touches.size > 0)) return;
    event.stopImmediatePropagation();
    if (event.cancelable && event.type !== "touchend") event.preventDefault();
  }

  #down(event) {
    if (isPin(event)) return;
    event.stopImmediatePropagation();
    if (event.pointerType === "touch") this.#touch(event);
    else if (event.button === 0) this.#press(event);
  }

  #press(event) {
    if (event.pointerType === "pen") {
      isStylusSeen = true;
      this.#finger = null;
      if (this.#drawing?.type === "touch") this.#drop();
    }
    if (!this.#drawing) this.#begin(event);
  }

  #touch(event) {
    this.#touches.add(event.pointerId);
    if (this.#touches.size > 1) {
      this.#finger = null;
      if (this.#drawing?.type === "touch") this.#leave(event);
      return;
    }
    const isHand = this.#drawing?.type === "pen" || event.timeStamp - this.#stylusLeft < HAND_MS;
    if (!isStylusSeen && this.#begin(event)) return;
    // Beside the page there is nothing to draw on.
    if (!isHand) this.#finger = { id: event.pointerId, x: event.clientX, y: event.clientY };
  }

  #begin(event) {
    if (!this.#on.begin(event)) return false;
    this.#drawing = { id: event.pointerId, type: event.pointerType, at: event.timeStamp };
    this.#element.setPointerCapture(event.pointerId);
    return true;
  }

  /** A second finger: what was drawn so far is kept if it was meant as a line. */
  #leave(event) {
    if (event.timeStamp - this.#drawing.at >= MEANT_MS) this.#finish();
    else this.#drop();
  }

  #move(event) {
    if (isPin(event) && event.pointerId !== this.#drawing?.id) return;
    event.stopImmediatePropagation();
    if (event.pointerType === "pen") this.#stylusLeft = event.timeStamp;
    if (event.pointerId === this.#drawing?.id) {
      const events = event.getCoalescedEvents?.() ?? [];
      this.#on.move(events.length > 0 ? events : [event]);
    } else if (event.pointerId === this.#finger?.id) {
      this.#element.scrollBy(this.#finger.x - event.clientX, this.#finger.y - event.clientY);
      this.#finger = { id: event.pointerId, x: event.clientX, y: event.clientY };
    }
  }

  #up(event) {
    const wasOurs = this.#touches.delete(event.pointerId) || event.pointerId === this.#drawing?.id;
    if (isPin(event) && !wasOurs) return;
    event.stopImmediatePropagation();
    if (event.pointerType === "pen") this.#stylusLeft = event.timeStamp;
    if (event.pointerId === this.#finger?.id) this.#finger = null;
    if (event.pointerId === this.#drawing?.id) this.#finish();
  }

  #finish() {
    if (!this.#drawing) return;
    this.#drawing = null;
    this.#on.end();
  }

  #drop() {
    this.#drawing = null;
    this.#on.drop();
  }
}

function isPin(event) {
  return event.target instanceof Element && event.target.closest(".marks-pin") !== null;
}
