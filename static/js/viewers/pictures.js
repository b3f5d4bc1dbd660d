/**
 * Shows what a browser cannot unpack (TIFF, HEIF) or should not (pictures of hundreds of megabytes)
 * by the pictures that the terminal made of it, one a page. Those that show and their neighbours are
 * loaded; a page takes the size of the first one until its own is known.
 */

import { element } from "../element.js";
import { t } from "../i18n.js";
import { Pane, rem } from "./pane.js";
import { standIn } from "./turned.js";
import { Viewer } from "./viewer.js";

/** What the terminal found wrong with a picture, in words of the catalogues. */
const TROUBLES = {
  "no-reader": "picture-unknown", "too-large": "picture-huge", "took-too-long": "too-slow", gone: "gone",
};

/** The code of reader.fault.* for a picture that the terminal could not read. */
export function faultOf(trouble) {
  return TROUBLES[trouble] ?? "picture-broken";
}

export class PicturesViewer extends Viewer {
  #pane;
  #count;
  #shown = new Map();
  #sizes = [];
  #wantedPlace = null;

  constructor(material, context) {
    super(material, context);
    this.barsFade = true;
    this.#count = material.pictures?.count ?? 0;
    this.#pane = new Pane({
      label: t("reader.picture", { name: material.name }),
      onLook: () => this.#look(),
      onTap: () => context.onTap?.(),
      usual: this.#count > 1 ? "auto" : "whole",
      above: rem(5.5),
      below: rem(6.5),
    });
    this.element = this.#pane.element;
  }

  get pane() { return this.#pane; }
  get pages() { return this.#sizes.length; }
  get page() { return this.#pane.current + 1; }
  get scale() { return this.#pane.scale; }
  get fit() { return this.#pane.fit; }
  get place() { return this.#pane.count ? this.#pane.place : this.#wantedPlace; }
  set place(place) { this.#wantedPlace = place; }

  async open() {
    if (this.#count < 1) {
      this.tell("fault", faultOf(this.material.trouble));
      return;
    }
    const first = this.#add(0);
    const isHere = await first.decode().then(() => true, () => false);
    if (this.ended.signal.aborted) return;
    if (isHere) this.#begin(first);
    else this.tell("fault", "not-loaded");
  }

  close() {
    super.close();
    for (const index of [...this.#shown.keys()]) this.#drop(index);
    this.#pane.close();
  }

  goTo(page) { this.#pane.goTo(page - 1); }
  leaf(direction) { this.#pane.leaf(direction); }
  zoomIn() { this.#pane.zoomIn(); }
  zoomOut() { this.#pane.zoomOut(); }
  turnRight() { this.#pane.turnRight(); }
  fitTo(fit) { this.#pane.fitTo(fit === "auto" && this.#count === 1 ? "whole" : fit); }

  #begin(first) {
    this.#sizes = Array.from({ length: this.#count }, () => sizeOf(first));
    this.#pane.startWith(this.#sizes);
    this.abilities = new Set(["zoom", "fit", "turn", "marks"]);
    if (this.#count > 1) this.abilities.add("pages");
    if (this.material.pages > this.#count) this.element.append(this.#note());
    if (this.#wantedPlace) this.#pane.place = this.#wantedPlace;
    this.tell("ready");
  }

  #note() {
    const words = t("reader.pictures_cut", { count: this.#count, pages: this.material.pages });
    return element("p.reader-note", {}, words);
  }

  #look() {
    const { boxes, turn, visible } = this.#pane;
    const isKept = (index) => index >= visible.first - 1 && index <= visible.last + 1;
    for (const index of [...this.#shown.keys()]) if (!isKept(index)) this.#drop(index);
    boxes.forEach((box, index) => {
      if (isKept(index)) standIn(this.#shown.get(index) ?? this.#add(index), box, turn);
    });
    this.tell("change");
  }

  #add(index) {
    const { url } = this.material.pictures;
    const alt = this.#count > 1 ? t("reader.page_of", { page: index + 1, pages: this.#count }) : this.material.name;
    const picture = element("img.picture", { alt, draggable: "false", src: url.replace("{page}", index + 1) });
    picture.addEventListener("load", () => this.#learn(index, sizeOf(picture)), { once: true });
    this.#shown.set(index, picture);
    this.#pane.sheet.append(picture);
    return picture;
  }

  #drop(index) {
    const picture = this.#shown.get(index);
    this.#shown.delete(index);
    picture.remove();
    picture.removeAttribute("src");
  }

  /** A page turned out to be of another size than the first one. */
  #learn(index, size) {
    const thought = this.#sizes[index];
    if (!thought || (thought.width === size.width && thought.height === size.height)) return;
    this.#sizes = this.#sizes.with(index, size);
    this.#pane.correct(this.#sizes);
  }
}

function sizeOf({ naturalWidth, naturalHeight }) {
  return { width: Math.max(1, naturalWidth), height: Math.max(1, naturalHeight) };
}
