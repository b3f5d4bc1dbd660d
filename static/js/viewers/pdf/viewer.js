/**
 * Shows a PDF: the pages that show and one on either side are drawn, one at a time, the one being
 * read first; the others are sheets of paper that are not even in the document tree. So memory
 * depends on the screen and not on the number of pages.
 *
 * Where the terminal has looked at the document, every page's size is known before PDF.js has read a
 * byte, and what shows is a picture until it is sharp: one can read and leaf at once.
 */

import { element } from "../../element.js";
import { t } from "../../i18n.js";
import { Pane } from "../pane.js";
import { Viewer } from "../viewer.js";
import { entriesOf } from "./outline.js";
import { PdfPage } from "./page.js";
import { Pictures } from "./pictures.js";
import { isSameSize, measurePages, sizeOf } from "./sizes.js";
import { PdfFault, openPdf } from "./source.js";
import { DRAWING, keptPages, nextPage } from "./states.js";

/** A zoom is drawn when the fingers have rested this long; until then the old picture stretches. */
const REST_MS = 140;

/** Documents that nobody has read yet are shown as the last one was chosen to be. */
const ALONE = "kiosk.pdf.alone";

/** Faults that lie with PDF.js alone: where there are pictures of the pages, they stay. */
const READABLE = ["broken", "too-slow", "viewer-missing"];

/** What the bar offers for more than one page. */
const MANY = ["pages", "rail", "alone"];

export class PdfViewer extends Viewer {
  #pane;
  #pdf = null;
  #closePdf = () => {};
  #pages = new Map();
  #drawing = null;
  #timer = 0;
  #wantedPlace = null;
  #pictures = null;
  #hasOnlyPictures = false;
  #ahead = null;
  #cardPicture = null;
  #finder = null;
  #sizes = [];
  #outline = [];

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
    this.#pane.isAlone = localStorage.getItem(ALONE) === "true";
    this.element = this.#pane.element;
    this.element.classList.add("pdf");
  }

  get pdf() { return this.#pdf; }
  get pictures() { return this.#pictures; }
  get outline() { return this.#outline; }
  get pane() { return this.#pane; }
  get pages() { return this.#sizes.length; }
  get page() { return this.#pane.current + 1; }
  get scale() { return this.#pane.scale; }
  get fit() { return this.#pane.fit; }
  get turn() { return this.#pane.turn; }
  get place() { return this.pages ? this.#pane.place : this.#wantedPlace; }
  set place(place) {
    this.#wantedPlace = place;
    if (this.pages && place) this.#pane.place = place;
  }

  /** Whether one page stands alone; chosen for one document it is the choice for the next ones, too. */
  get isAlone() { return this.#pane.isAlone; }
  set isAlone(isAlone) {
    this.#pane.isAlone = isAlone;
    localStorage.setItem(ALONE, String(isAlone));
    this.tell("change");
  }

  async open() {
    const { signal } = this.ended;
    const { bytes, trouble, url } = this.material;
    try {
      if (trouble === "encrypted") throw new PdfFault("encrypted");
      const isKnown = await this.#showPictures();
      if (!isKnown) await this.#showCardPicture();
      const { pdf, isWhole, close } = await openPdf(url, { bytes, signal });
      this.#closePdf = close;
      await this.#begin(pdf);
      const measures = isWhole && !isKnown;
      if (measures) void measurePages(pdf, this.#sizes, (known) => this.#correct(known), signal);
    } catch (error) {
      if (signal.aborted) return;
      console.info(`${this.material.name}: ${error?.cause?.message ?? error?.message}`);
      const code = error instanceof PdfFault ? error.code : "broken";
      if (this.pages && READABLE.includes(code)) this.#stayWithPictures();
      else this.tell("fault", code);
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

  /** To where a link or an entry of the outline leads. */
  goToTarget({ page, share }) {
    this.#pane.goTo(page, share);
  }

  /** Every page is in its place, and what shows as a picture; false where nothing is known of them. */
  async #showPictures() {
    const { signal } = this.ended;
    if (!this.material.sheets) return false;
    this.#pictures = new Pictures(this.material.sheets);
    const last = Math.max(1, this.material.pages ?? 1) - 1;
    const index = Math.min(this.#wantedPlace?.page ?? 0, last);
    this.#ahead = { index, picture: this.#pictures.of(index, signal) };
    const sizes = await this.#pictures.sizes(signal);
    if (!sizes || signal.aborted) return false;
    this.abilities = new Set(["zoom", "fit", "turn", "marks"]);
    this.#startWith(sizes);
    this.tell("ready");
    return true;
  }

  /** PDF.js cannot show it, or not in time; what the terminal draws can be read all the same. */
  #stayWithPictures() {
    this.#hasOnlyPictures = true;
    for (const page of this.#pages.values()) page.hasOnlyPicture = true;
  }

  /** The card's picture of page 1 stands in its place while PDF.js is still starting. */
  async #showCardPicture() {
    const { thumbnail } = this.material;
    if (!thumbnail || (this.#wantedPlace?.page ?? 0) > 0) return;
    const picture = element("img.pdf-picture", { alt: "", src: thumbnail });
    const isHere = await Promise.race([
      picture.decode().then(() => true, () => false),
      pause(400).then(() => false),
    ]);
    if (!isHere || this.ended.signal.aborted) return;
    this.#cardPicture = picture;
    const size = { width: picture.naturalWidth, height: picture.naturalHeight };
    this.#pane.startWith([size]);
    const stand = new PdfPage(0, 0);
    stand.showPicture(picture);
    stand.place(this.#pane.boxes[0]);
    this.#pane.sheet.append(stand.element);
    this.tell("ready");
  }

  async #begin(pdf) {
    const isKnown = this.#sizes.length === pdf.numPages;
    const first = isKnown ? null : await pdf.getPage(1);
    this.ended.signal.throwIfAborted();
    this.#pdf = pdf;
    this.abilities = new Set(["zoom", "fit", "turn", "find", "marks"]);
    if (pdf.numPages > 1) for (const one of MANY) this.abilities.add(one);
    if (isKnown) {
      for (const page of this.#pages.values()) page.open(pdf);
    } else {
      this.#pictures = null; // of another document than PDF.js makes of the file
      this.#startWith(Array.from({ length: pdf.numPages }, () => sizeOf(first)));
    }
    this.#drawSoon();
    this.tell("ready");
    void this.#readOutline();
  }

  async #readOutline() {
    try {
      this.#outline = entriesOf(await this.#pdf.getOutline());
    } catch (error) {
      console.info(`${this.material.name} has no outline: ${error?.message ?? error}`);
    }
    if (this.#outline.length === 0) return;
    this.abilities.add("outline");
    this.tell("change");
  }

  /** Lays out pages of these sizes, at the place that is wanted, or where one was. */
  #startWith(sizes) {
    const place = this.pages ? this.#pane.place : this.#wantedPlace;
    for (const page of this.#pages.values()) page.drop();
    this.#pages.clear();
    this.#sizes = sizes;
    this.#pane.sheet.replaceChildren();
    this.#pane.startWith(sizes);
    if (sizes.length > 1) for (const one of MANY) this.abilities.add(one);
    if (place) this.#pane.place = place;
    this.#look();
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
    if (!this.pages) return;
    const { boxes, current, isAlone, turn, visible } = this.#pane;
    const kept = new Set(keptPages(visible, boxes.length));
    for (const [index, page] of this.#pages) {
      if (kept.has(index)) continue;
      page.drop();
      this.#pages.delete(index);
    }
    for (const index of kept) {
      const page = this.#pages.get(index) ?? this.#add(index);
      page.place(boxes[index], turn);
      page.outdate(this.#pane.scaleOf(index), turn);
      page.element.inert = isAlone && index !== current;
      if (index >= visible.first && index <= visible.last) this.#askForPicture(page);
    }
    this.tell("change");
    this.#drawSoon();
  }

  #askForPicture(page) {
    if (!this.#pictures) return;
    void page.wantPicture((index, signal) => {
      const ahead = this.#ahead;
      this.#ahead = null;
      return ahead?.index === index ? ahead.picture : this.#pictures.of(index, signal);
    });
  }

  #add(index) {
    const page = new PdfPage(index, this.pages, {
      onSize: (size) => this.#learn(index, size),
      onLink: (target) => this.goToTarget(target),
    });
    if (this.#pdf) page.open(this.#pdf);
    page.hasOnlyPicture = this.#hasOnlyPictures;
    if (index === 0 && this.#cardPicture) page.showPicture(this.#cardPicture);
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
    if (!this.#pdf || this.#drawing?.state === DRAWING || this.ended.signal.aborted) return;
    const isWaiting = (index) => this.#pages.get(index)?.isWaiting;
    const { visible, current, forward } = this.#pane;
    const index = nextPage(visible, current, forward, isWaiting);
    if (index === null) return;
    const page = this.#pages.get(index);
    this.#drawing = page;
    void page.draw(this.#pane.scaleOf(index), this.#pane.turn).then(() => {
      if (this.#drawing === page) this.#drawing = null;
      this.#drawNext();
    });
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
