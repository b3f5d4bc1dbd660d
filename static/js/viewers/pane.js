/**
 * A window on one or more pages: scrolls, zooms about a spot, fits, and knows which page is read.
 *
 * The pages stand under each other, or one stands alone and is turned. Alone, only that page is in the
 * sheet that scrolls; so a finger moves within it, and what goes beyond turns the page.
 *
 * It holds sizes and positions only; what is drawn in a page's box is the business of its owner,
 * who is told by `onLook` whenever something moved.
 */

import { element } from "../element.js";
import {
  ZOOM_STEP, anchorAt, anchorIn, clampScale, currentPage, fitScale, layOut, layOutAlone, positionOf, turned,
  visibleRange,
} from "./geometry.js";
import { watchGestures } from "./gestures.js";
import { edgeAt, roomOf, turnOf } from "./leafing.js";

const GAP = 16;

/** A wheel goes on for a while by itself; that is one turn, not ten. */
const WHEEL_REST_MS = 200;
/** So many times the size of the words, in CSS pixels: what the bars take, whatever size is set. */
export function rem(count) {
  return count * parseFloat(getComputedStyle(document.documentElement).fontSize);
}

/**
 * @typedef {{page: number, y: number, fit: string | null, scale: number, turn: number,
 *   isAlone: boolean}} Place  where a reader is: page from 0, y as a fraction of it
 */

export class Pane {
  #options;
  #sizes = [];
  #layout = { boxes: [], width: 0, height: 0 };
  #scale = 1;
  #fit;
  #turn = 0;
  #isAlone = false;
  #page = 0;
  #room = null;
  #wheeled = 0;
  #lastSpot = 0;
  #forward = true;
  #asked = 0;
  #observer;
  #ended = new AbortController();

  /**
   * @param {{label: string, onLook: () => void, onTap: () => void, above?: number,
   *   below?: number, usual?: "auto" | "whole"}} options  above, below: room before the first and
   *   after the last page; usual: how it fits before anybody zooms
   */
  constructor(options) {
    this.#options = { usual: "auto", ...options };
    this.#fit = this.#options.usual;
    this.sheet = element("div.pane-sheet");
    const role = { tabindex: 0, role: "region", "aria-label": options.label };
    this.element = element("div.pane", role, this.sheet);
    const { signal } = this.#ended;
    this.element.addEventListener("scroll", () => this.#askToLook(), { passive: true, signal });
    this.element.addEventListener("wheel", (event) => this.#wheel(event), { passive: true, signal });
    watchGestures(this.element, {
      isAtOnce: (x) => this.#edge(x) !== 0,
      onTap: (x) => this.#tap(x),
      onTouch: () => { this.#room = roomOf(this.element); },
      onSwipe: (dx, dy) => this.#swipe(dx, dy),
      onDoubleTap: (x, y) => this.#doubleTap(x, y),
      onPinch: (factor, x, y, dx, dy) => this.#pinch(factor, x, y, dx, dy),
    }, signal);
    this.#observer = new ResizeObserver(() => this.#resized());
    this.#observer.observe(this.element);
  }

  get boxes() { return this.#layout.boxes; }
  get scale() { return this.#scale; }
  get fit() { return this.#fit; }
  get turn() { return this.#turn; }
  get forward() { return this.#forward; }
  get sizes() { return this.#turnedSizes(); }
  get count() { return this.#sizes.length; }

  /** Whether one page stands alone in the window. */
  get isAlone() { return this.#isAlone; }
  set isAlone(isAlone) {
    if (isAlone === this.#isAlone) return;
    const page = this.current;
    this.#isAlone = isAlone;
    this.#fit = this.#usual;
    this.#refit(page);
    this.goTo(page);
    this.#centre();
  }

  /** The scale that a page (from 0) is shown at. */
  scaleOf(page) {
    if (!this.#isAlone || !this.#fit || !this.#sizes[page]) return this.#scale;
    return fitScale(this.#fit, turned(this.#sizes[page], this.#turn), this.#view());
  }

  /** First and last page that show. */
  get visible() {
    if (this.#isAlone) return { first: this.#page, last: Math.min(this.#page, this.count - 1) };
    return visibleRange(this.boxes, this.element.scrollTop, this.element.clientHeight);
  }

  /** The page that is being read, from 0. */
  get current() {
    if (this.#isAlone) return this.#page;
    return currentPage(this.boxes, this.element.scrollTop, this.element.clientHeight);
  }

  /** @returns {Place} */
  get place() {
    const { page, y } = this.#spotAt(0, this.element.scrollTop + GAP);
    return { page, y, fit: this.#fit, scale: this.#scale, turn: this.#turn, isAlone: this.#isAlone };
  }

  /** Goes to a place taken earlier, perhaps from another revision of the document. */
  set place(place) {
    const page = this.#within(place.page);
    this.#isAlone = place.isAlone ?? this.#isAlone;
    this.#turn = place.turn ?? 0;
    if (place.fit !== undefined) this.#fit = place.fit;
    if (this.#fit === null) this.#scale = clampScale(place.scale ?? 1);
    this.#page = page;
    this.#refit(page);
    if (place.y === 0) this.goTo(page);
    else this.element.scrollTop = positionOf(this.boxes, { page, x: 0, y: place.y }).y - GAP;
    this.#centre();
    this.#askToLook();
  }

  /** Pages of these sizes (CSS pixels at scale 1), from the beginning. */
  startWith(sizes) {
    this.#sizes = sizes;
    this.#page = this.#within(this.#page);
    this.#refit(this.#page);
    this.#centre();
    this.#askToLook();
  }

  /** Sizes are known better now. What is being read stays where it is. */
  correct(sizes) {
    this.#keeping(0, 0, () => {
      this.#sizes = sizes;
      if (this.#isAlone) this.#refit(this.#page);
      else this.#layOut();
    });
    this.#askToLook();
  }

  /** @param {"width" | "page" | "auto" | "whole"} fit */
  fitTo(fit) {
    const page = this.current;
    this.#fit = fit;
    if (this.#isAlone) this.#refit(page);
    else this.#keeping(0, 0, () => this.#refit(page));
    if (fit === "page" || this.#isAlone) this.goTo(page);
    this.#centre();
    this.#askToLook();
  }

  zoomIn() { this.#zoomAboutMiddle(ZOOM_STEP); }
  zoomOut() { this.#zoomAboutMiddle(1 / ZOOM_STEP); }

  /** A quarter turn to the right. */
  turnRight() {
    const page = this.current;
    this.#turn = (this.#turn + 90) % 360;
    this.#refit(page);
    this.goTo(page);
    this.#centre();
  }

  /**
   * Brings page (from 0) to the top of the window.
   * @param {number} share  or that height of it, as a fraction, clear of the bar above
   */
  goTo(page, share = 0) {
    if (this.#isAlone) this.#turnTo(this.#within(page));
    const box = this.boxes[this.#within(page)];
    if (!box) return;
    const height = this.element.clientHeight;
    const spare = Math.max(0, (height - box.height) / 2);
    const isWholeFirst = (page <= 0 || this.#isAlone) && share === 0 && box.height > height;
    const { above = GAP } = this.#options;
    const clear = Math.max(share > 0 ? above : GAP, spare);
    const start = spare > 0 ? box.top : box.top + share * box.height;
    this.element.scrollTop = isWholeFirst ? 0 : start - clear;
    this.#askToLook();
  }

  /** Scrolls only as far as needed for the spot to stand clear of the bars. */
  reveal(page, share) {
    if (this.#isAlone && page !== this.#page) this.goTo(page);
    const box = this.boxes[page];
    if (!box) return;
    const height = this.element.clientHeight;
    const y = box.top + share * box.height - this.element.scrollTop;
    if (y > height * 0.12 && y < height * 0.75) return;
    this.element.scrollTop += y - height * 0.3;
    this.#askToLook();
  }

  /** A screenful on (1) or back (-1); a page where whole pages are shown. */
  leaf(direction) {
    const box = this.boxes[this.current];
    if (!box) return;
    if (box.height <= this.element.clientHeight) return this.goTo(this.current + direction);
    const room = roomOf(this.element);
    if (this.#isAlone && !(direction > 0 ? room.down : room.up)) return this.turnOver(direction);
    return this.element.scrollBy({ top: direction * this.element.clientHeight * 0.9 });
  }

  /** The page after (1) or before (-1); one that is taller than the window is entered at its near end. */
  turnOver(direction) {
    const page = this.current + direction;
    if (page !== this.#within(page)) return;
    this.goTo(page);
    if (this.#isAlone && direction < 0) this.element.scrollTop = this.element.scrollHeight;
  }

  close() {
    this.#ended.abort();
    this.#observer.disconnect();
    cancelAnimationFrame(this.#asked);
  }

  get #usual() { return this.#isAlone ? "page" : this.#options.usual; }

  #within(page) {
    return Math.max(0, Math.min(page, this.count - 1));
  }

  #turnTo(page) {
    this.#page = page;
    this.#refit(page);
    this.element.scrollLeft = (this.sheet.offsetWidth - this.element.clientWidth) / 2;
  }

  #spotAt(x, y) {
    return this.#isAlone ? anchorIn(this.boxes, this.#page, x, y) : anchorAt(this.boxes, x, y);
  }

  /** The edge under `x` of the window, where a tap turns the page; 0: none. */
  #edge(x) {
    const { left, width } = this.element.getBoundingClientRect();
    const isWhole = this.element.scrollWidth <= this.element.clientWidth;
    return this.#isAlone && isWhole && this.count > 1 ? edgeAt(x - left, width) : 0;
  }

  #tap(x) {
    const edge = this.#edge(x);
    if (edge) this.turnOver(edge);
    else this.#options.onTap();
  }

  #swipe(dx, dy) {
    const turn = this.#isAlone && this.#room ? turnOf(dx, dy, this.#room) : 0;
    if (turn) this.turnOver(turn);
  }

  /** At the end of a page that stands alone a wheel turns it; it rests before the next turn. */
  #wheel({ ctrlKey, deltaY, timeStamp }) {
    if (!this.#isAlone || ctrlKey || Math.abs(deltaY) < 4) return;
    const { up, down } = roomOf(this.element);
    const isResting = timeStamp - this.#wheeled < WHEEL_REST_MS;
    const turns = !isResting && !(deltaY > 0 ? down : up);
    // Within a tall page the wheel has to have come to rest at its end before it turns.
    if (turns || up || down) this.#wheeled = timeStamp;
    if (turns) this.turnOver(Math.sign(deltaY));
  }

  /** The room for a page. A picture that is shown whole stands clear of the bars. */
  #view() {
    const { usual, above = GAP, below = GAP } = this.#options;
    return {
      width: this.element.clientWidth - 2 * GAP,
      height: this.element.clientHeight - (usual === "whole" ? above + below : 2 * GAP),
    };
  }

  #turnedSizes() {
    return this.#sizes.map((size) => turned(size, this.#turn));
  }

  #refit(page) {
    const size = this.#sizes[Math.min(Math.max(0, page), this.count - 1)];
    if (size && this.#fit && this.element.clientWidth > 0) {
      this.#scale = fitScale(this.#fit, turned(size, this.#turn), this.#view());
    }
    this.#layOut();
  }

  #layOut() {
    const { clientWidth: width, clientHeight: height } = this.element;
    const { above = GAP, below = GAP } = this.#options;
    const frame = { width, height, gap: GAP, side: GAP, above, below };
    const sizes = this.#turnedSizes();
    this.#layout = this.#isAlone
      ? layOutAlone(sizes, this.#page, (page) => this.scaleOf(page), frame)
      : layOut(sizes, this.#scale, frame);
    this.sheet.style.width = `${this.#layout.width}px`;
    this.sheet.style.height = `${this.#layout.height}px`;
  }

  /** Does `change` while the spot under (`x`, `y`) of the window stays under it. */
  #keeping(x, y, change) {
    const { scrollLeft, scrollTop } = this.element;
    const spot = this.#spotAt(scrollLeft + x, scrollTop + y);
    change();
    const now = positionOf(this.boxes, spot);
    this.element.scrollLeft = now.x - x;
    this.element.scrollTop = now.y - y;
  }

  #centre() {
    this.element.scrollLeft = (this.sheet.offsetWidth - this.element.clientWidth) / 2;
  }

  #zoom(factor, x, y) {
    const scale = clampScale(this.#scale * factor);
    if (scale === this.#scale) return;
    this.#fit = null;
    this.#keeping(x, y, () => {
      this.#scale = scale;
      this.#layOut();
    });
    this.#askToLook();
  }

  #zoomAboutMiddle(factor) {
    this.#zoom(factor, this.element.clientWidth / 2, this.element.clientHeight / 2);
  }

  #pinch(factor, x, y, dx, dy) {
    const { left, top } = this.element.getBoundingClientRect();
    this.#zoom(factor, x - left, y - top);
    this.element.scrollBy(-dx, -dy);
  }

  #doubleTap(x, y) {
    const { left, top } = this.element.getBoundingClientRect();
    const size = turned(this.#sizes[this.current] ?? { width: 1, height: 1 }, this.#turn);
    const plain = fitScale(this.#usual, size, this.#view());
    if (this.#scale > plain * 1.05) this.fitTo(this.#usual);
    else this.#zoom((plain * 2) / this.#scale, x - left, y - top);
  }

  #resized() {
    if (this.count === 0) return;
    const page = this.current;
    this.#keeping(0, 0, () => this.#refit(page));
    if (this.#fit) this.#centre();
    this.#askToLook();
  }

  #askToLook() {
    if (this.#asked) return;
    this.#asked = requestAnimationFrame(() => {
      this.#asked = 0;
      const spot = this.#isAlone ? this.#page : this.element.scrollTop;
      if (spot !== this.#lastSpot) this.#forward = spot > this.#lastSpot;
      this.#lastSpot = spot;
      this.#options.onLook();
    });
  }
}
