/**
 * Pages in one column inside the frame: they scroll and zoom here, and the page outside is told where
 * the reader is. Taps and the keys of the reader are told too, so that its bars and keys work.
 */

import { watchGestures } from "../viewers/gestures.js";
import { Marker } from "../viewers/spot.js";

const SMALLEST_ZOOM = 0.2;
const LARGEST_ZOOM = 5;
const SIDE = 16;
/** Room that the bars outside need over and under a whole page. */
const BARS = 112;
/** Widest a page opens by itself, in CSS pixels: longer lines tire. */
const READING_WIDTH = 1120;
const KEYS = ["+", "=", "-", "PageDown", "PageUp", "ArrowRight", "ArrowLeft", "Home", "End", "Escape"];
const COMMANDS = ["+", "=", "-", "0", "f", "g", "p", "s", "o"];
/** Where in the window the page is looked for that is being read, from above. */
const LOOKED_AT = [0.4, 0.45, 0.35, 0.5, 0.25, 0.6, 0.1, 0.85];

export class Column {
  #line;
  #sheet;
  #pages;
  #fit;
  #isFitted = true;
  #zoom = 1;
  #asked = 0;
  #marker;
  #words = "";

  /**
   * @param {import("./begin.js").Line} line
   * @param {HTMLElement} sheet  holds the pages and is in the document
   * @param {HTMLElement[]} pages
   * @param {"width" | "page"} fit  how a page opens
   */
  constructor(line, sheet, pages, fit) {
    this.#line = line;
    this.#sheet = sheet;
    this.#marker = new Marker(sheet);
    this.#pages = pages;
    this.#fit = fit;
    for (const [index, page] of pages.entries()) page.dataset.page = String(index + 1);
    line.on({
      goTo: ({ page }) => this.#goTo(page),
      leaf: ({ by }) => this.#leaf(by),
      zoom: ({ zoom }) => this.#zoomTo(zoom),
      fit: () => this.#fitAgain(),
      find: ({ words }) => this.#find(words),
    });
    this.#watch();
    this.#fitAgain();
  }

  get #root() { return document.documentElement; }

  /** Where the reader was when this document was left. */
  restore({ zoom = null, share = 0 }) {
    if (typeof zoom === "number") this.#zoomTo(zoom);
    if (share > 0) scrollTo(scrollX, share * this.#root.scrollHeight);
    this.#tell();
  }

  /** Marks the words that are sought in what was drawn since. */
  markAgain() {
    return this.#words ? this.#marker.mark(this.#words) : [];
  }

  #find(words) {
    this.#words = words;
    // What was not laid out yet moves as it comes into view: the second time it is where it says.
    for (let turn = 0; turn < 2; turn += 1) {
      const [first] = this.markAgain();
      if (first) scrollBy(0, first.getBoundingClientRect().top - innerHeight * 0.3);
    }
    this.#tell();
  }

  #watch() {
    const { signal } = new AbortController();
    addEventListener("scroll", () => this.#askToTell(), { passive: true });
    addEventListener("resize", () => (this.#isFitted ? this.#fitAgain() : this.#tell()));
    addEventListener("keydown", (event) => this.#key(event));
    watchGestures(this.#root, {
      onTap: () => this.#line.tell({ is: "tap" }),
      onPinch: (factor) => this.#zoomTo(this.#zoom * factor),
    }, signal);
  }

  #key(event) {
    const { key } = event;
    const isCommand = event.ctrlKey || event.metaKey;
    if (!(isCommand ? COMMANDS.includes(key.toLowerCase()) : KEYS.includes(key)) || event.altKey) return;
    event.preventDefault();
    this.#line.tell({ is: "key", key, isCommand });
  }

  #fitAgain() {
    this.#isFitted = true;
    this.#sheet.style.zoom = "1";
    const width = Math.max(...this.#pages.map((page) => page.offsetWidth), 1);
    const byWidth = Math.min(this.#root.clientWidth - 2 * SIDE, READING_WIDTH) / width;
    const height = Math.max(this.#pages[0]?.offsetHeight ?? 1, 1);
    const byPage = Math.min((this.#root.clientWidth - 2 * SIDE) / width, (innerHeight - BARS) / height);
    this.#set(this.#fit === "page" ? byPage : byWidth);
  }

  #zoomTo(zoom) {
    this.#isFitted = false;
    this.#set(zoom);
  }

  /** Keeps in the middle what is in the middle. */
  #set(zoom) {
    const root = this.#root;
    const down = (root.scrollTop + root.clientHeight / 2) / root.scrollHeight;
    const across = (root.scrollLeft + root.clientWidth / 2) / root.scrollWidth;
    const isAtTop = root.scrollTop === 0;
    this.#zoom = Math.min(LARGEST_ZOOM, Math.max(SMALLEST_ZOOM, zoom));
    this.#sheet.style.zoom = String(this.#zoom);
    const top = isAtTop ? 0 : down * root.scrollHeight - root.clientHeight / 2;
    scrollTo(across * root.scrollWidth - root.clientWidth / 2, top);
    this.#tell();
  }

  #goTo(page) {
    if (page <= 1) scrollTo(scrollX, 0);
    else this.#pages[Math.min(page, this.#pages.length) - 1]?.scrollIntoView({ block: "start", inline: "nearest" });
    this.#tell();
  }

  #leaf(by) {
    if (this.#fit === "page" && this.#isFitted) this.#goTo(this.#current() + by);
    else scrollBy(0, by * innerHeight * 0.9);
  }

  #current() {
    for (const share of LOOKED_AT) {
      const found = document.elementFromPoint(innerWidth / 2, innerHeight * share)?.closest("[data-page]");
      if (found) return Number(found.dataset.page);
    }
    return 1;
  }

  #askToTell() {
    this.#asked ||= requestAnimationFrame(() => {
      this.#asked = 0;
      this.#tell();
    });
  }

  #tell() {
    const { scrollTop, scrollHeight } = this.#root;
    const share = scrollHeight ? scrollTop / scrollHeight : 0;
    const zoom = this.#zoom;
    this.#line.tell({ is: "at", page: this.#current(), zoom, isFitted: this.#isFitted, share });
  }
}
