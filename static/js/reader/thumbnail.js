/** One page in the rail: its small picture and its number, as one button. */

import { element } from "../element.js";
import { t } from "../i18n.js";

export class Thumbnail {
  #canvas = null;
  #task = null;
  #isWaiting = true;
  #button;
  #sheet = element("span.thumbnail-sheet");

  /**
   * @param {number} index  page, from 0
   * @param {{top: number, width: number, height: number}} box  with the caption in it
   * @param {number} caption  height of the number's line
   * @param {() => void} press
   */
  constructor(index, box, caption, press) {
    this.index = index;
    this.#sheet.style.height = `${box.height - caption}px`;
    this.#button = element("button.thumbnail", {
      type: "button", onclick: press, "aria-label": t("reader.page_name", { page: index + 1 }),
    }, this.#sheet, element("span.thumbnail-number.numbers", {}, index + 1));
    this.element = element("li", {}, this.#button);
    this.element.style.top = `${box.top}px`;
  }

  get isWaiting() { return this.#isWaiting; }
  get hasFocus() { return this.#button === document.activeElement; }

  set isCurrent(isCurrent) {
    if (isCurrent) this.#button.setAttribute("aria-current", "page");
    else this.#button.removeAttribute("aria-current");
  }

  focus() {
    this.#button.focus({ preventScroll: true });
  }

  /** Draws it; whatever goes wrong leaves a white sheet with a number, which still leads there. */
  async draw(pdf) {
    this.#isWaiting = false;
    try {
      const page = await pdf.getPage(this.index + 1);
      const plain = page.getViewport({ scale: 1 });
      const pixels = Math.min(window.devicePixelRatio, 2);
      const viewport = page.getViewport({ scale: (this.#sheet.clientWidth * pixels) / plain.width });
      this.#canvas = element("canvas", {
        "aria-hidden": "true", width: Math.floor(viewport.width), height: Math.floor(viewport.height),
      });
      this.#task = page.render({ canvas: this.#canvas, viewport });
      await this.#task.promise;
      this.#sheet.append(this.#canvas);
    } catch (error) {
      if (error?.name !== "RenderingCancelledException") {
        console.info(`no thumbnail of page ${this.index + 1}: ${error?.message ?? error}`);
      }
    }
    this.#task = null;
  }

  drop() {
    this.#task?.cancel();
    this.element.remove();
    if (this.#canvas) this.#canvas.width = this.#canvas.height = 0;
  }
}
