/** Shows a picture: fits, zooms, turns. One too large to unpack is shown by its small rendition. */

import { element } from "../element.js";
import { t } from "../i18n.js";
import { Pane, rem } from "./pane.js";
import { Viewer } from "./viewer.js";

/** Unpacked this is 400 MB; a browser that is asked for more may be gone, and the kiosk with it. */
const LARGEST_PIXELS = 100_000_000;

export class ImageViewer extends Viewer {
  #pane;
  #picture = element("img.picture");
  #wantedPlace = null;

  constructor(material, context) {
    super(material, context);
    this.barsFade = true;
    this.#pane = new Pane({
      label: t("reader.picture", { name: material.name }),
      onLook: () => this.#look(),
      onTap: () => context.onTap?.(),
      usual: "whole",
      above: rem(5.5),
      below: rem(6.5),
    });
    this.#picture.alt = material.name;
    this.#picture.draggable = false;
    this.element = this.#pane.element;
  }

  get pane() { return this.#pane; }
  get scale() { return this.#pane.scale; }
  get fit() { return this.#pane.fit; }
  get place() { return this.#pane.count ? this.#pane.place : this.#wantedPlace; }
  set place(place) { this.#wantedPlace = place; }

  async open() {
    const code = await this.#load(this.material.url, LARGEST_PIXELS);
    if (this.ended.signal.aborted) return;
    if (code === "picture-huge" && this.material.thumbnail) {
      const failed = await this.#load(this.material.thumbnail, LARGEST_PIXELS);
      if (!failed) return this.#show(element("p.reader-note", {}, t("reader.picture_small")));
    }
    if (code) this.tell("fault", code);
    else this.#show();
  }

  close() {
    super.close();
    this.#pane.close();
    this.#picture.removeAttribute("src");
  }

  zoomIn() { this.#pane.zoomIn(); }
  zoomOut() { this.#pane.zoomOut(); }
  turnRight() { this.#pane.turnRight(); }
  leaf(direction) { this.#pane.leaf(direction); }
  fitTo(fit) { this.#pane.fitTo(fit === "auto" ? "whole" : fit); }

  /** Loads it without unpacking; the code of what is wrong with it, or null. */
  #load(url, limit) {
    return new Promise((resolve) => {
      this.#picture.onload = () => {
        const { naturalWidth: width, naturalHeight: height } = this.#picture;
        if (width * height > limit) resolve("picture-huge");
        else this.#picture.decode().then(() => resolve(null), () => resolve("picture-broken"));
      };
      this.#picture.onerror = () => resolve("picture-broken");
      this.#picture.src = url;
    });
  }

  #show(note = null) {
    const { naturalWidth: width, naturalHeight: height } = this.#picture;
    this.#pane.sheet.append(this.#picture);
    if (note) this.element.append(note);
    this.#pane.startWith([{ width: Math.max(1, width), height: Math.max(1, height) }]);
    this.abilities = new Set(["zoom", "fit", "turn", "marks"]);
    if (this.#wantedPlace) this.#pane.place = this.#wantedPlace;
    this.tell("ready");
  }

  #look() {
    const [box] = this.#pane.boxes;
    if (!box) return;
    const isOnSide = this.#pane.turn % 180 !== 0;
    const { style } = this.#picture;
    style.width = `${isOnSide ? box.height : box.width}px`;
    style.height = `${isOnSide ? box.width : box.height}px`;
    style.left = `${box.left + box.width / 2}px`;
    style.top = `${box.top + box.height / 2}px`;
    style.transform = `translate(-50%, -50%) rotate(${this.#pane.turn}deg)`;
    this.tell("change");
  }
}
