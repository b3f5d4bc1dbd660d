/**
 * A window on one or more pages: scrolls, zooms about a spot, fits, and knows which page is read.
 *
 * It holds sizes and positions only; what is drawn in a page's box is the business of its owner,
 * who is told by `onLook` whenever something moved.
 */

import { element } from "../element.js";
import {
  ZOOM_STEP, anchorAt, clampScale, currentPage, fitScale, layOut, positionOf, turned, visibleRange,
} from "./geometry.js";
import { watchGestures } from "./gestures.js";

const GAP = 16;

/**
 * @typedef {{page: number, y: number, fit: string | null, scale: number, turn: number}} Place
 *   where a reader is: page from 0, y as a fraction of it
 */

export class Pane {
  #options;
  #sizes = [];
  #layout = { boxes: [], width: 0, height: 0 };
  #scale = 1;
  #fit;
  #turn = 0;
  #lastTop = 0;
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
    watchGestures(this.element, {
      onTap: options.onTap,
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

  /** First and last page that show. */
  get visible() {
    return visibleRange(this.boxes, this.element.scrollTop, this.element.clientHeight);
  }

  /** The page that is being read, from 0. */
  get current() {
    return currentPage(this.boxes, this.element.scrollTop, this.element.clientHeight);
  }

  /** @returns {Place} */
  get place() {
    const spot = anchorAt(this.boxes, 0, this.element.scrollTop + GAP);
    return { page: spot.page, y: spot.y, fit: this.#fit, scale: this.#scale, turn: this.#turn };
  }

  /** Goes to a place taken earlier, perhaps from another revision of the document. */
  set place(place) {
    this.#turn = place.turn ?? 0;
    if (place.fit !== undefined) this.#fit = place.fit;
    if (this.#fit === null) this.#scale = clampScale(place.scale ?? 1);
    this.#refit(place.page);
    const page = Math.min(Math.max(0, place.page), this.count - 1);
    if (place.y === 0) this.goTo(page);
    else this.element.scrollTop = positionOf(this.boxes, { page, x: 0, y: place.y }).y - GAP;
    this.#centre();
    this.#askToLook();
  }

  /** Pages of these sizes (CSS pixels at scale 1), from the beginning. */
  startWith(sizes) {
    this.#sizes = sizes;
    this.#refit(0);
    this.#centre();
    this.#askToLook();
  }

  /** Sizes are known better now. What is being read stays where it is. */
  correct(sizes) {
    this.#keeping(0, 0, () => {
      this.#sizes = sizes;
      this.#layOut();
    });
    this.#askToLook();
  }

  /** @param {"width" | "page" | "auto" | "whole"} fit */
  fitTo(fit) {
    const page = this.current;
    this.#fit = fit;
    this.#keeping(0, 0, () => this.#refit(page));
    if (fit === "page") this.goTo(page);
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

  /** Brings page (from 0) to the top of the window. */
  goTo(page, share = 0) {
    const box = this.boxes[Math.min(Math.max(0, page), this.count - 1)];
    if (!box) return;
    const height = this.element.clientHeight;
    const spare = Math.max(0, (height - box.height) / 2);
    const isWholeFirst = page <= 0 && share === 0 && box.height > height;
    this.element.scrollTop = isWholeFirst ? 0 : box.top + share * box.height - Math.max(GAP, spare);
    this.#askToLook();
  }

  /** Scrolls only as far as needed for the spot to stand clear of the bars. */
  reveal(page, share) {
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
    if (box.height <= this.element.clientHeight) this.goTo(this.current + direction);
    else this.element.scrollBy({ top: direction * this.element.clientHeight * 0.9 });
  }

  close() {
    this.#ended.abort();
    this.#observer.disconnect();
    cancelAnimationFrame(this.#asked);
  }

  #view() {
    return {
      width: this.element.clientWidth - 2 * GAP,
      height: this.element.clientHeight - 2 * GAP,
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
    this.#layout = layOut(this.#turnedSizes(), this.#scale, frame);
    this.sheet.style.width = `${this.#layout.width}px`;
    this.sheet.style.height = `${this.#layout.height}px`;
  }

  /** Does `change` while the spot under (`x`, `y`) of the window stays under it. */
  #keeping(x, y, change) {
    const { scrollLeft, scrollTop } = this.element;
    const spot = anchorAt(this.boxes, scrollLeft + x, scrollTop + y);
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
    const plain = fitScale(this.#options.usual, size, this.#view());
    if (this.#scale > plain * 1.05) this.fitTo(this.#options.usual);
    else this.#zoom((plain * 2) / this.#scale, x - left, y - top);
  }

  #resized() {
    if (this.count === 0) return;
    const page = this.current;
    this.#keeping(0, 0, () => this.#refit(page));
    this.#askToLook();
  }

  #askToLook() {
    if (this.#asked) return;
    this.#asked = requestAnimationFrame(() => {
      this.#asked = 0;
      const top = this.element.scrollTop;
      if (top !== this.#lastTop) this.#forward = top > this.#lastTop;
      this.#lastTop = top;
      this.#options.onLook();
    });
  }
}
