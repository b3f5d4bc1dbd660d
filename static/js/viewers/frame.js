/**
 * Shows HTML and SVG in a frame that may do nothing: no script, no forms, no new windows, no access
 * to this page; the server forbids it every request besides.
 *
 * Taps inside the frame are not heard out here, so the bars stay.
 */

import { element } from "../element.js";
import { t } from "../i18n.js";
import { Viewer } from "./viewer.js";

export class FrameViewer extends Viewer {
  #frame;

  constructor(material, context) {
    super(material, context);
    this.#frame = element("iframe.frame", {
      sandbox: "",
      referrerpolicy: "no-referrer",
      title: t("reader.document", { name: material.name }),
    });
    this.element = element("div.frame-stage", {}, this.#frame);
  }

  async open() {
    if (!this.material.frame) {
      this.tell("fault", "broken");
      return;
    }
    this.#frame.src = this.material.frame;
    this.tell("ready");
  }

  close() {
    super.close();
    this.#frame.remove();
  }
}
