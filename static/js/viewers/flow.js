/** A sheet of flowing words that scrolls: what the text and the Markdown viewer share. */

import { element } from "../element.js";
import { t } from "../i18n.js";
import { watchGestures } from "./gestures.js";
import { showWords } from "./spot.js";
import { Viewer } from "./viewer.js";

const SMALLEST = 0.75;
const LARGEST = 3;
const STEP = 1.15;

export class FlowViewer extends Viewer {
  #scale = 1;
  #sheet = element("article.flow-sheet");
  #wantedPlace = null;

  constructor(material, context) {
    super(material, context);
    this.barsFade = true;
    const role = { tabindex: 0, role: "region" };
    const label = { "aria-label": t("reader.document", { name: material.name }) };
    this.element = element("div.flow", { ...role, ...label }, this.#sheet);
    const { signal } = this.ended;
    this.element.addEventListener("scroll", () => this.tell("change"), { passive: true, signal });
    watchGestures(this.element, {
      onTap: () => context.onTap?.(),
      onPinch: (factor) => this.#zoomTo(this.#scale * factor),
    }, signal);
  }

  /** Puts the words into `sheet`; throws a fault with a `code` where it cannot. */
  async fill(_sheet, _signal) {}

  async open() {
    const { signal } = this.ended;
    try {
      await this.fill(this.#sheet, signal);
    } catch (error) {
      if (!signal.aborted) this.tell("fault", error.code ?? "broken");
      return;
    }
    if (signal.aborted) return;
    this.abilities = new Set(["zoom"]);
    if (this.#wantedPlace) this.#goTo(this.#wantedPlace);
    this.tell("ready");
  }

  get scale() { return this.#scale; }
  get place() {
    const { scrollTop, scrollHeight } = this.element;
    return { share: scrollHeight ? scrollTop / scrollHeight : 0, scale: this.#scale };
  }

  set place(place) { this.#wantedPlace = place; }

  zoomIn() { this.#zoomTo(this.#scale * STEP); }
  zoomOut() { this.#zoomTo(this.#scale / STEP); }
  leaf(direction) {
    this.element.scrollBy({ top: direction * this.element.clientHeight * 0.9 });
  }

  /** Marks these words and scrolls to the first of them; false where they are not in it. */
  showWords(words) {
    return showWords(this.element, this.#sheet, words, this.ended.signal);
  }

  #goTo({ share = 0, scale = 1 }) {
    this.#zoomTo(scale);
    this.element.scrollTop = share * this.element.scrollHeight;
  }

  #zoomTo(scale) {
    const share = this.place.share;
    this.#scale = Math.min(LARGEST, Math.max(SMALLEST, scale));
    this.#sheet.style.fontSize = `${this.#scale}em`;
    this.element.scrollTop = share * this.element.scrollHeight;
    this.tell("change");
  }
}
