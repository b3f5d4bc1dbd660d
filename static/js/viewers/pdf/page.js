/**
 * One page of a PDF on the screen: a white sheet of the right size, a picture by the terminal until
 * PDF.js has drawn it, its links, and its text for those who hear it. What is drawn is swapped in when
 * it is whole, so nothing flickers on zooming.
 */

import { element } from "../../element.js";
import { t } from "../../i18n.js";
import { canvasSize } from "../geometry.js";
import { linksOf } from "./links.js";
import { putAt } from "./putting.js";
import { release } from "./release.js";
import { PIXELS_PER_POINT, sizeOf } from "./sizes.js";
import { DRAWING, FAILED, WAITING, after } from "./states.js";

/** 16 million pixels, 64 MB: the most that one page may take. */
const CANVAS_LIMIT = 16 * 1024 * 1024;

/** A page that is not drawn by then says so and lets the others have their turn. */
const DRAWING_LIMIT_MS = 10_000;

/** Documents claim all sorts of languages; one that no voice knows is better left out. */
const KNOWN_LANGUAGE = /^(zh|en|ja|ko|fr|de|ru|es|it|pt)(-[A-Za-z]{2,4})*$/;

export class PdfPage {
  #index;
  #does;
  #pdf = null;
  #state = WAITING;
  #canvas = null;
  #picture = null;
  #wish = null;
  #hasNoPicture = false;
  #hasOnlyPicture = false;
  #text = element("p.only-read");
  #links = element("div.pdf-links");
  #linkedTurn = null;
  #task = null;
  #proxy = null;
  #drawnAs = "";
  #finder = null;
  #turn = 0;

  /**
   * @param {number} index  from 0
   * @param {number} count  of pages in the document; 0 while that is not known
   * @param {{onSize?: (size: {width: number, height: number}) => void,
   *   onLink?: (target: object) => void}} does  onSize: told when it is known for sure; onLink: a link
   *   was pressed (see links.js)
   */
  constructor(index, count, does = {}) {
    this.#index = index;
    this.#does = does;
    this.element = element("section.pdf-page");
    const name = count ? t("reader.page_of", { page: index + 1, pages: count }) : t("reader.opening");
    this.element.setAttribute("aria-label", name);
    this.element.append(this.#text, this.#links);
  }

  get state() { return this.#state; }
  get index() { return this.#index; }
  get isWaiting() { return this.#pdf !== null && this.#state === WAITING; }
  get isBlank() { return this.#canvas === null && this.#picture === null && this.#state === WAITING; }

  /** @param {import("pdfjs-dist").PDFDocumentProxy} pdf  it can be drawn from now on */
  open(pdf) {
    this.#pdf = pdf;
  }

  /** @param {number} turn  degrees to the right; a picture, which is upright, is turned along */
  place(box, turn = 0) {
    const { dataset, style } = this.element;
    dataset.turn = turn;
    style.setProperty("--wide", `${box.width}px`);
    style.setProperty("--tall", `${box.height}px`);
    style.left = `${box.left}px`;
    style.top = `${box.top}px`;
    style.width = `${box.width}px`;
    style.height = `${box.height}px`;
  }

  /** Shows a ready-made picture until the page itself is drawn. */
  showPicture(picture) {
    if (this.#canvas) return release(picture);
    release(this.#picture);
    this.#picture = picture;
    this.element.querySelector(".pdf-fault")?.remove();
    this.element.prepend(picture);
    this.element.dataset.pictured = "true";
  }

  /**
   * Asks for a picture once, while there is nothing better.
   * @param {(index: number, signal: AbortSignal) => Promise<HTMLCanvasElement | null>} ask
   */
  async wantPicture(ask) {
    if (this.#wish || this.#canvas || this.#picture) return;
    this.#wish = new AbortController();
    const { signal } = this.#wish;
    const picture = await ask(this.#index, signal);
    if (signal.aborted) return release(picture);
    if (picture) this.showPicture(picture);
    else this.#hasNoPicture = true;
    this.#sayIfBlank();
  }

  /** Nothing better will come than the picture; where there is none, words say so. */
  set hasOnlyPicture(hasOnly) {
    this.#hasOnlyPicture = hasOnly;
    this.#sayIfBlank();
  }

  /** The page has to be drawn again (another scale); its old picture stays until then. */
  outdate(scale, turn) {
    if (this.#drawnAs === asKey(scale, turn) || this.#state === WAITING) return;
    this.#stop();
    this.#state = after(this.#state, "drop");
  }

  #dropPicture() {
    this.#wish?.abort();
    release(this.#picture);
    this.#picture = null;
    delete this.element.dataset.pictured;
  }

  /** Draws it. Resolves in every case; `state` says how it went. */
  async draw(scale, turn) {
    this.#state = after(this.#state, "start");
    this.#drawnAs = asKey(scale, turn);
    this.#turn = turn;
    const drawing = this.#drawnAs;
    const isWanted = () => this.#drawnAs === drawing && this.#state === DRAWING;
    const limit = timeLimit(DRAWING_LIMIT_MS);
    try {
      this.#proxy ??= await Promise.race([this.#pdf.getPage(this.#index + 1), limit.passed]);
      if (!isWanted()) return;
      this.#does.onSize?.(sizeOf(this.#proxy));
      const canvas = await Promise.race([this.#render(scale, turn), limit.passed]);
      if (isWanted()) this.#swapIn(canvas);
      else release(canvas);
    } catch (error) {
      if (isWanted()) this.#fail(error);
    } finally {
      limit.end();
    }
  }

  /** Frees picture, text and what PDF.js holds of the page. */
  drop() {
    this.#stop();
    this.#dropPicture();
    this.#state = after(this.#state, "drop");
    release(this.#canvas);
    this.#canvas = null;
    this.element.remove();
    this.#proxy?.cleanup();
  }

  async #render(scale, turn) {
    const proxy = this.#proxy;
    const rotation = (proxy.rotate + turn) % 360;
    const plain = proxy.getViewport({ scale: scale * PIXELS_PER_POINT, rotation });
    const { width, height } = canvasSize(plain, window.devicePixelRatio, CANVAS_LIMIT);
    const canvas = element("canvas.pdf-canvas", { "aria-hidden": "true", width, height });
    const factor = width / plain.width;
    const viewport = plain.clone({ scale: scale * PIXELS_PER_POINT * factor });
    this.#task = proxy.render({ canvas, viewport });
    try {
      await this.#task.promise;
      return canvas;
    } catch (error) {
      release(canvas);
      throw error;
    }
  }

  #swapIn(canvas) {
    this.#task = null;
    this.#state = after(this.#state, "done");
    this.element.querySelector(".pdf-fault")?.remove();
    this.element.prepend(canvas);
    release(this.#canvas);
    this.#dropPicture();
    this.#canvas = canvas;
    this.element.dataset.state = this.#state;
    this.mark(this.#finder);
    void this.#readAloud();
    void this.#link();
  }

  /** Marks the places that were found; null: none. */
  mark(finder) {
    this.#finder = finder;
    for (const old of this.element.querySelectorAll(".find-mark")) old.remove();
    if (!finder || !this.#proxy) return;
    const rotation = (this.#proxy.rotate + this.#turn) % 360;
    const viewport = this.#proxy.getViewport({ scale: 1, rotation });
    for (const spot of finder.on(this.#index)) {
      const isCurrent = spot === finder.current;
      for (const box of spot.boxes) this.element.append(markAt(box, viewport, isCurrent));
    }
  }

  #fail(error) {
    this.#task?.cancel();
    this.#task = null;
    this.#state = after(this.#state, "fail");
    this.element.dataset.state = FAILED;
    if (!this.#picture) this.#say();
    console.info(`page ${this.#index + 1} cannot be drawn: ${error?.message ?? error}`);
  }

  #sayIfBlank() {
    if (this.#hasOnlyPicture && this.#hasNoPicture) this.#say();
  }

  #say() {
    this.element.querySelector(".pdf-fault")?.remove();
    this.element.append(element("p.pdf-fault", {}, t("reader.page_fault", { page: this.#index + 1 })));
  }

  #stop() {
    this.#drawnAs = "";
    this.#task?.cancel();
    this.#task = null;
  }

  /** Its links within the document, once for each turn. */
  async #link() {
    const turn = this.#turn;
    if (this.#linkedTurn === turn) return;
    this.#linkedTurn = turn;
    const viewport = this.#proxy.getViewport({ scale: 1, rotation: (this.#proxy.rotate + turn) % 360 });
    const links = await linksOf(this.#pdf, this.#proxy, viewport, (target) => this.#does.onLink?.(target));
    if (this.#linkedTurn === turn) this.#links.replaceChildren(...links);
  }

  /** Fills in the text alternative; a page without one stays without. */
  async #readAloud() {
    if (this.#text.textContent) return;
    try {
      const { items, lang } = await this.#proxy.getTextContent();
      if (KNOWN_LANGUAGE.test(lang ?? "")) this.#text.lang = lang;
      this.#text.textContent = items.map((item) => item.str + (item.hasEOL ? " " : "")).join("");
    } catch (error) {
      console.info(`page ${this.#index + 1} has no readable text: ${error?.message ?? error}`);
    }
  }
}

function markAt(box, viewport, isCurrent) {
  return putAt(element("span.find-mark", { "data-current": String(isCurrent) }), box, viewport);
}

/** `passed` rejects after `ms`, unless ended before. */
function timeLimit(ms) {
  let timer = 0;
  const passed = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not drawn within ${ms} ms`)), ms);
  });
  return { passed, end: () => clearTimeout(timer) };
}

function asKey(scale, turn) {
  return `${scale}/${turn}`;
}
