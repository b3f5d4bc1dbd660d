/**
 * Shows HTML in a frame that may do nothing: no script, no forms, no new windows, no access
 * to this page; the server forbids it every request besides. A link in it leads nowhere: the
 * frame is put back to its document.
 *
 * Taps inside the frame are not heard out here, so the bars stay, and the sheet keeps clear of them.
 * Words are as large as everywhere in the reader, and can be made larger: the sheet is laid out in less
 * room then, and enlarged as a whole.
 */

import { element } from "../element.js";
import { t } from "../i18n.js";
import { rem } from "./pane.js";
import { hasSomething } from "./visible.js";
import { Viewer } from "./viewer.js";
import { fetchWords } from "./words.js";

/** What the terminal names the first place of words that are sought (kiosk/render/markup.py). */
const FOUND = "kiosk-found";

const LOOKED_AT_BYTES = 512 * 1024;
const MOST_RETURNS = 50;
const SMALLEST = 0.5;
const LARGEST = 3;
const STEP = 1.15;
/** What a page takes for the size of a word, in CSS pixels. */
const ITS_REM = 16;

export class FrameViewer extends Viewer {
  #frame;
  #address;
  #loads = 0;
  #scale = 1;

  constructor(material, context) {
    super(material, context);
    this.#address = material.frame;
    this.#frame = element("iframe.frame", {
      sandbox: "",
      referrerpolicy: "no-referrer",
      title: t("reader.document", { name: material.name }),
    });
    this.element = element("div.frame-stage", {}, element("div.frame-sheet", {}, this.#frame));
    this.#frame.addEventListener("load", () => this.#loaded(), { signal: this.ended.signal });
  }

  get scale() { return this.#scale; }
  get place() { return { scale: this.#scale }; }
  set place(place) { this.#scale = place?.scale ?? 1; }

  zoomIn() { this.#zoomTo(this.#scale * STEP); }
  zoomOut() { this.#zoomTo(this.#scale / STEP); }

  async open() {
    const code = this.material.frame ? await this.#fault() : "broken";
    if (this.ended.signal.aborted) return;
    if (code) this.tell("fault", code);
    else this.#begin();
  }

  close() {
    super.close();
    this.#frame.remove();
  }

  /** The terminal marks these words in the page: nothing in the frame could, and an address leads there. */
  showWords(words) {
    const address = new URL(this.material.frame, location.href);
    address.searchParams.set("find", words);
    address.hash = FOUND;
    this.#address = address.href;
    return true;
  }

  /** Why there would be nothing to see; null where there is something. */
  async #fault() {
    const { url } = this.material;
    try {
      const { text, isCut } = await fetchWords(url, { limit: LOOKED_AT_BYTES, signal: this.ended.signal });
      return isCut || hasSomething(text) ? null : "frame-empty";
    } catch (error) {
      return error.code ?? "not-loaded";
    }
  }

  #begin() {
    this.#loads = 0;
    this.abilities = new Set(["zoom"]);
    this.#zoomTo(this.#scale);
    this.tell("ready");
    this.#frame.src = this.#address;
  }

  #zoomTo(scale) {
    this.#scale = Math.min(LARGEST, Math.max(SMALLEST, scale));
    this.#frame.style.setProperty("--zoom", ((this.#scale * rem(1)) / ITS_REM).toFixed(3));
    this.tell("change");
  }

  /** Loaded again: somebody followed a link, and is brought back. */
  #loaded() {
    if (!this.#frame.src) return;
    this.#loads += 1;
    // Each return is a load, too.
    if (this.#loads > 2 * MOST_RETURNS) this.tell("fault", "broken");
    else if (this.#loads % 2 === 0) this.#frame.contentWindow.location.replace(this.#address);
  }
}
