/** One page in the rail: its small picture and its number, as one button. */

import { element } from "../element.js";
import { t } from "../i18n.js";
import { release } from "../viewers/pdf/release.js";

export class Thumbnail {
  #canvas = null;
  #task = null;
  #isWaiting = true;
  #ended = new AbortController();
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

  /**
   * Draws it: from the terminal's picture, which costs this page nothing, or by PDF.js. Whatever goes
   * wrong leaves a white sheet with a number, which still leads there.
   * @param {{pdf: object | null, pictures: import("../viewers/pdf/pictures.js").Pictures | null}} from
   */
  async draw({ pdf, pictures }) {
    this.#isWaiting = false;
    const width = Math.floor(this.#sheet.clientWidth * Math.min(window.devicePixelRatio, 2));
    try {
      const picture = await pictures?.of(this.index, this.#ended.signal);
      if (picture) this.#show(smaller(picture, width));
      else if (pdf && !this.#ended.signal.aborted) this.#show(await this.#rendered(pdf, width));
    } catch (error) {
      if (error?.name !== "RenderingCancelledException") {
        console.info(`no thumbnail of page ${this.index + 1}: ${error?.message ?? error}`);
      }
    }
    this.#task = null;
  }

  async #rendered(pdf, width) {
    const page = await pdf.getPage(this.index + 1);
    const viewport = page.getViewport({ scale: width / page.getViewport({ scale: 1 }).width });
    const canvas = small(width, Math.floor(viewport.height));
    this.#task = page.render({ canvas, viewport });
    await this.#task.promise;
    return canvas;
  }

  #show(canvas) {
    this.#canvas = canvas;
    if (this.#ended.signal.aborted) this.#free();
    else this.#sheet.append(canvas);
  }

  #free() {
    if (this.#canvas) this.#canvas.width = this.#canvas.height = 0;
  }

  drop() {
    this.#ended.abort();
    this.#task?.cancel();
    this.element.remove();
    this.#free();
  }
}

function small(width, height) {
  return element("canvas", { "aria-hidden": "true", width, height: Math.max(1, height) });
}

/** A copy of a picture at the size it is shown at: the picture itself may go. */
function smaller(picture, width) {
  // The rail shows no more of a very tall page either.
  const height = Math.min(picture.height, 3 * picture.width);
  const canvas = small(width, Math.round((width * height) / picture.width));
  const pen = canvas.getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, 0, 0, picture.width, height, 0, 0, width, canvas.height);
  release(picture);
  return canvas;
}
