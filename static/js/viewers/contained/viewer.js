/**
 * Shows a Word document or a presentation that could not be made into a PDF: a reader of its own draws
 * it in a contained frame, and the bars and keys work as everywhere.
 */

import { element } from "../../element.js";
import { t } from "../../i18n.js";
import { Viewer } from "../viewer.js";
import { ContainedFrame } from "./frame.js";

/** Whatever is not here by then is given up; reading the file is in it. */
export const PATIENCE_MS = 9000;
const STEP = 2 ** 0.25;

export class ContainedViewer extends Viewer {
  #frame;
  #cover = element("p.contained-opening", { role: "status" }, t("reader.opening"));
  #pages = 0;
  #at = { page: 1, zoom: 1, isFitted: true, share: 0 };
  #wantedPlace = null;
  #late = 0;

  constructor(material, context) {
    super(material, context);
    this.#frame = new ContainedFrame(material.viewer, t("reader.document", { name: material.name }));
    this.element = element("div.contained-stage", {}, this.#frame.element, this.#cover);
  }

  get pages() { return this.#pages; }
  get page() { return Math.min(this.#at.page, Math.max(1, this.#pages)); }
  get scale() { return this.#at.zoom; }
  get place() {
    if (!this.#pages) return this.#wantedPlace;
    const { share, zoom, isFitted } = this.#at;
    // Page and fit are for the PDF that may stand in its place some day.
    return { share, zoom: isFitted ? null : zoom, page: this.page - 1, y: 0, fit: "auto" };
  }

  set place(place) { this.#wantedPlace = place; }

  async open() {
    this.#late = setTimeout(() => this.#fail("too-slow"), PATIENCE_MS);
    const { signal } = this.ended;
    const words = {
      picture: t("reader.slide_picture"), chart: t("reader.slide_chart"), drawing: t("reader.slide_drawing"),
    };
    const given = { words, place: this.#wantedPlace };
    try {
      await this.#frame.open({ url: this.material.url, given, signal }, (message) => this.#hear(message));
    } catch (error) {
      if (!signal.aborted) this.#fail(error.code ?? "broken");
    }
  }

  close() {
    clearTimeout(this.#late);
    super.close();
    this.#frame.close();
  }

  goTo(page) { this.#frame.ask({ do: "goTo", page }); }
  leaf(by) { this.#frame.ask({ do: "leaf", by }); }
  /** What is told in there is not known out here: the reader in the frame finds them. */
  showWords(words) {
    this.#frame.ask({ do: "find", words });
    return true;
  }

  zoomIn() { this.#frame.ask({ do: "zoom", zoom: this.#at.zoom * STEP }); }
  zoomOut() { this.#frame.ask({ do: "zoom", zoom: this.#at.zoom / STEP }); }
  fitTo() { this.#frame.ask({ do: "fit" }); }

  #hear(message) {
    switch (message.is) {
      case "ready": return this.#begin(message.pages);
      case "fault": return this.#fail(message.code);
      case "tap": return this.context.onTap?.();
      case "key": return this.#press(message);
      case "at": {
        this.#at = message;
        return this.#pages ? this.tell("change") : undefined;
      }
      default: return undefined;
    }
  }

  #begin(pages) {
    if (this.#pages) return;
    clearTimeout(this.#late);
    this.#pages = pages;
    this.barsFade = true;
    this.abilities = new Set(pages > 1 ? ["zoom", "pages"] : ["zoom"]);
    this.#cover.remove();
    this.element.dataset.state = "ready";
    this.tell("ready");
  }

  #fail(code) {
    clearTimeout(this.#late);
    this.tell("fault", code);
  }

  /** A key of the reader that was pressed in there counts as pressed out here. */
  #press({ key, isCommand }) {
    const options = { key, ctrlKey: isCommand, bubbles: true, cancelable: true };
    this.element.dispatchEvent(new KeyboardEvent("keydown", options));
  }
}
