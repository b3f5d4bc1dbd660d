/**
 * Shows a picture: fits, zooms, turns. One too large to unpack is not unpacked: the terminal makes a
 * smaller one of it, which `pictures.js` shows; until then it is not ready.
 */

import { element } from "../element.js";
import { t } from "../i18n.js";
import { Pane, rem } from "./pane.js";
import { faultOf } from "./pictures.js";
import { standIn } from "./turned.js";
import { Viewer } from "./viewer.js";

/** Unpacked this is 160 MB; the terminal makes a smaller one of whatever has 32 million and more. */
const LARGEST_PIXELS = 40_000_000;

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

  /** Where its bytes are. */
  get address() { return this.material.url; }
  get pane() { return this.#pane; }
  get scale() { return this.#pane.scale; }
  get fit() { return this.#pane.fit; }
  get place() { return this.#pane.count ? this.#pane.place : this.#wantedPlace; }
  set place(place) { this.#wantedPlace = place; }

  async open() {
    const code = await this.#load(this.address);
    if (this.ended.signal.aborted) return;
    if (code === null) this.#show();
    else if (this.material.trouble) this.tell("fault", faultOf(this.material.trouble));
    else if (code === "broken") this.tell("fault", "picture-broken");
    else this.tell("unready");
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

  /** Loads it without unpacking: "huge", "broken", or null where it can be shown. */
  #load(url) {
    return new Promise((resolve) => {
      this.#picture.onload = () => {
        const { naturalWidth: width, naturalHeight: height } = this.#picture;
        if (width * height > LARGEST_PIXELS) resolve("huge");
        else this.#picture.decode().then(() => resolve(null), () => resolve("broken"));
      };
      this.#picture.onerror = () => resolve("broken");
      this.#picture.src = url;
    });
  }

  #show() {
    const { naturalWidth: width, naturalHeight: height } = this.#picture;
    this.#pane.sheet.append(this.#picture);
    this.#pane.startWith([{ width: Math.max(1, width), height: Math.max(1, height) }]);
    this.abilities = new Set(["zoom", "fit", "turn", "marks"]);
    if (this.#wantedPlace) this.#pane.place = this.#wantedPlace;
    this.tell("ready");
  }

  #look() {
    const [box] = this.#pane.boxes;
    if (!box) return;
    standIn(this.#picture, box, this.#pane.turn);
    this.tell("change");
  }
}
