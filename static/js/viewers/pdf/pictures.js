/**
 * Pictures of pages, drawn by the terminal: on the screen before PDF.js has opened the document.
 *
 * Two are asked for at a time, the newest wish first; what nobody wishes any more is not asked for,
 * so that the few lines to the terminal stay free.
 */

import { element } from "../../element.js";
import { release } from "./release.js";
import { fromRuns } from "./sizes.js";

const AT_ONCE = 2;

/** The address of the picture of a page (from 0), `sheets` being the one of the sizes. */
export function pictureAddress(sheets, index) {
  const [path, query = ""] = sheets.split("?");
  return `${path}/${index + 1}${query ? `?${query}` : ""}`;
}

export class Pictures {
  #sheets;
  #wishes = [];
  #running = 0;

  /** @param {string} sheets  address of the sizes of the pages */
  constructor(sheets) {
    this.#sheets = sheets;
  }

  /** @returns {Promise<{width: number, height: number}[] | null>}  every page's size; null where they are not known */
  async sizes(signal) {
    try {
      const answer = await fetch(this.#sheets, { signal, cache: "no-store" });
      return answer.ok ? fromRuns(await answer.json()) : null;
    } catch (error) {
      if (!signal.aborted) console.info(`sizes of pages: ${error?.message ?? error}`);
      return null;
    }
  }

  /**
   * @param {number} index  page, from 0
   * @param {AbortSignal} signal  it is not wished any more
   * @returns {Promise<HTMLCanvasElement | null>}  ready to be shown, and whoever has it gives its memory
   *   back; null: there is none
   */
  of(index, signal) {
    return new Promise((resolve) => {
      this.#wishes.push({ index, signal, resolve });
      signal.addEventListener("abort", () => resolve(null), { once: true });
      this.#next();
    });
  }

  #next() {
    while (this.#running < AT_ONCE && this.#wishes.length > 0) {
      const wish = this.#wishes.pop();
      if (!wish.signal.aborted) void this.#fulfil(wish);
    }
  }

  async #fulfil({ index, signal, resolve }) {
    this.#running += 1;
    try {
      const answer = await fetch(pictureAddress(this.#sheets, index), { signal, cache: "no-store" });
      const picture = answer.status === 200 ? await pictureOf(await answer.blob()) : null;
      if (signal.aborted) release(picture);
      else resolve(picture);
    } catch (error) {
      if (!signal.aborted) console.info(`picture of page ${index + 1}: ${error?.message ?? error}`);
      resolve(null);
    }
    this.#running -= 1;
    this.#next();
  }
}

/** Unpacked into a canvas and not an image: that one's memory the browser frees when it likes. */
async function pictureOf(blob) {
  const bitmap = await createImageBitmap(blob);
  const { width, height } = bitmap;
  const canvas = element("canvas.pdf-picture", { "aria-hidden": "true", width, height });
  canvas.getContext("bitmaprenderer").transferFromImageBitmap(bitmap);
  return canvas;
}
