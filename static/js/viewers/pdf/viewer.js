/**
 * Shows a PDF: the pages that show and one on either side are drawn, one at a time, the one being
 * read first; the others are sheets of paper that are not even in the document tree. So memory
 * depends on the screen and not on the number of pages.
 */

import { t } from "../../i18n.js";
import { Pane } from "../pane.js";
import { Viewer } from "../viewer.js";
import { PdfPage } from "./page.js";
import { isSameSize, measurePages, sizeOf } from "./sizes.js";
import { PdfFault, openPdf } from "./source.js";
import { DRAWING, WAITING, keptPages, nextPage } from "./states.js";

/** A zoom is drawn when the fingers have rested this long; until then the old picture stretches. */
const REST_MS = 140;

export class PdfViewer extends Viewer {
  #pane;
  #pdf = null;
  #closePdf = () => {};
  #pages = new Map();
  #drawing = null;
  #timer = 0;
  #wantedPlace = null;
  #firstPicture = null;
  #finder = null;
  #sizes = [];

  constructor(material, context) {
    super(material, context);
    this.barsFade = true;
    this.#pane = new Pane({
      label: t("reader.document", { name: material.name }),
      onLook: () => this.#look(),
      onTap: () => context.onTap?.(),
      above: 96,
      below: 120,
    });
    this.element = this.#pane.element;
    this.element.classList.add("pdf");
  }

  get pdf() { return this.#pdf; }
  get pane() { return this.#pane; }
  get pages() { return this.#pdf?.numPages ?? 0; }
  get page() { return this.#pane.current + 1; }
  get scale() { return this.#pane.scale; }
  get fit() { return this.#pane.fit; }
  get turn() { return this.#pane.turn; }
  get place() { return this.#pdf ? this.#pane.place : this.#wantedPlace; }
  set place(place) {
    this.#wantedPlace = place;
    if (this.#pdf && place) this.#pane.place = place;
  }

  async open() {
    const { signal } = this.ended;
    try {
      await this.#showPictureFirst();
      const { bytes, url } = this.material;
      const { pdf, isWhole, close } = await openPdf(url, { bytes, signal });
      this.#closePdf = close;
      await this.#begin(pdf);
      if (isWhole) void measurePages(pdf, this.#sizes, (known) => this.#correct(known), signal);
    } catch (error) {
      if (signal.aborted) return;
      console.info(`${this.material.name}: ${error?.cause?.message ?? error?.message}`);
      this.tell("fault", error instanceof PdfFault ? error.code : "broken");
    }
  }

  close() {
    super.close();
    clearTimeout(this.#timer);
    for (const page of this.#pages.values()) page.drop();
    this.#pages.clear();
    this.#pane.close();
    this.#closePdf();
  }

  goTo(page) { this.#pane.goTo(page - 1); }
  leaf(direction) { this.#pane.leaf(direction); }
  zoomIn() { this.#pane.zoomIn(); }
  zoomOut() { this.#pane.zoomOut(); }
  fitTo(fit) { this.#pane.fitTo(fit); }
  turnRight() { this.#pane.turnRight(); }

  /** Marks what `finder` found, on the pages that show and on those that will; null: nothing. */
  mark(finder) {
    this.#finder = finder;
    for (const page of this.#pages.values()) page.mark(finder);
  }

  /** Brings a spot (page from 0, height on it as a fraction) into the upper half of the window. */
  showSpot(page, share) {
    this.#pane.reveal(page, share);
  }

  /** The ready-made picture of page 1 stands in its place while PDF.js is still starting. */
  async #showPictureFirst() {
    const { thumbnail } = this.material;
    if (!thumbnail || (this.#wantedPlace?.page ?? 0) > 0) return;
    const picture = new Image();
    picture.src = thumbnail;
    const isHere = await Promise.race([
      picture.decode().then(() => true, () => false),
      new Promise((resolve) => setTimeout(() => resolve(false), 400)),
    ]);
    if (!isHere || this.ended.signal.aborted) return;
    this.#firstPicture = thumbnail;
    const size = { width: picture.naturalWidth, height: picture.naturalHeight };
    this.#pane.startWith([size]);
    const stand = new PdfPage(null, 0);
    stand.showPicture(thumbnail);
    stand.place(this.#pane.boxes[0]);
    this.#pane.sheet.append(stand.element);
    this.tell("ready");
  }

  async #begin(pdf) {
    const first = await pdf.getPage(1);
    this.ended.signal.throwIfAborted();
    this.#pdf = pdf;
    this.#sizes = Array.from({ length: pdf.numPages }, () => sizeOf(first));
    this.#pane.sheet.replaceChildren();
    this.#pane.startWith(this.#sizes);
    this.abilities = new Set(["zoom", "fit", "turn", "find", "marks"]);
    if (pdf.numPages > 1) this.abilities.add("pages").add("rail");
    if (this.#wantedPlace) this.#pane.place = this.#wantedPlace;
    this.#look();
    this.tell("ready");
  }

  #correct(sizes) {
    this.#sizes = sizes;
    this.#pane.correct(sizes);
  }

  /** A page turned out to be of another size than was thought. */
  #learn(index, size) {
    if (isSameSize(this.#sizes[index], size)) return;
    this.#correct(this.#sizes.with(index, size));
  }

  /** Something moved: other pages may show, or the same ones at another size. */
  #look() {
    if (!this.#pdf) return;
    const { boxes, scale, turn } = this.#pane;
    const kept = new Set(keptPages(this.#pane.visible, boxes.length));
    for (const [index, page] of this.#pages) {
      if (kept.has(index)) continue;
      page.drop();
      this.#pages.delete(index);
    }
    for (const index of kept) {
      const page = this.#pages.get(index) ?? this.#add(index);
      page.place(boxes[index]);
      page.outdate(scale, turn);
    }
    this.tell("change");
    this.#drawSoon();
  }

  #add(index) {
    const page = new PdfPage(this.#pdf, index, (size) => this.#learn(index, size));
    if (index === 0 && this.#firstPicture) page.showPicture(this.#firstPicture);
    page.mark(this.#finder);
    this.#pages.set(index, page);
    const later = [...this.#pages.values()].find((other) => other.index > index && other.element.isConnected);
    this.#pane.sheet.insertBefore(page.element, later?.element ?? null);
    return page;
  }

  #drawSoon() {
    clearTimeout(this.#timer);
    const isFresh = [...this.#pages.values()].some((page) => page.isBlank);
    this.#timer = setTimeout(() => this.#drawNext(), isFresh ? 0 : REST_MS);
  }

  #drawNext() {
    if (this.#drawing?.state === DRAWING || this.ended.signal.aborted) return;
    const isWaiting = (index) => this.#pages.get(index)?.state === WAITING;
    const { visible, current, forward } = this.#pane;
    const index = nextPage(visible, current, forward, isWaiting);
    if (index === null) return;
    const page = this.#pages.get(index);
    this.#drawing = page;
    void page.draw(this.#pane.scale, this.#pane.turn).then(() => {
      if (this.#drawing === page) this.#drawing = null;
      this.#drawNext();
    });
  }
}
