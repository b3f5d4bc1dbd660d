/** A presentation: how large its slides are, which there are, and one of them drawn. */

import { element } from "../../element.js";
import { Fault } from "../archive.js";
import { Palette } from "./colour.js";
import { EMU_PER_PIXEL } from "./geometry.js";
import { attribute, child, children, numberOf, openPart } from "./parts.js";
import { ShapeDrawer, placeholdersOf } from "./shapes.js";

const MOST_SLIDES = 1000;
const PRESENTATION = "ppt/presentation.xml";
const USUAL = { cx: 9_144_000, cy: 6_858_000 };

export class Deck {
  #archive;
  #presentation;
  #pictures = new Map();

  /** @param {Record<string, string>} words  for what is not drawn: picture, chart, drawing */
  constructor(archive, presentation, words) {
    this.#archive = archive;
    this.#presentation = presentation;
    this.words = words;
    const ids = children(child(presentation.root, "sldIdLst"), "sldId");
    this.slides = ids.map((row) => presentation.targetOf(relationIdOf(row))).filter(Boolean).slice(0, MOST_SLIDES);
  }

  /** @throws {Fault} where the archive holds no presentation */
  static async open(archive, words) {
    const [kind] = children((await archive.xml("_rels/.rels"))?.documentElement, "Relationship")
      .filter((row) => attribute(row, "Type")?.endsWith("/officeDocument"));
    const path = attribute(kind, "Target")?.replace(/^\//, "") ?? PRESENTATION;
    const presentation = await openPart(archive, path);
    if (presentation?.root.localName !== "presentation") throw new Fault("broken", "no presentation");
    return new Deck(archive, presentation, words);
  }

  get textStyle() { return child(this.#presentation.root, "defaultTextStyle"); }

  /** In CSS pixels. */
  get size() {
    const size = child(this.#presentation.root, "sldSz");
    const [width, height] = Object.entries(USUAL).map(([name, usual]) => numberOf(size, name, usual) / EMU_PER_PIXEL);
    return { width: bounded(width), height: bounded(height) };
  }

  /** A sheet for each slide, of its size and empty. */
  sheets() {
    const { width, height } = this.size;
    return this.slides.map(() => {
      const sheet = element("div.slide");
      sheet.style.width = `${width}px`;
      sheet.style.height = `${height}px`;
      return sheet;
    });
  }

  /** Draws slide `index` (from 0) onto its sheet. A slide that cannot be read stays white. */
  async draw(index, sheet) {
    const slide = await openPart(this.#archive, this.slides[index]);
    if (!slide) return;
    const layout = await slide.related("slideLayout");
    const master = (await layout?.related("slideMaster")) ?? null;
    const theme = (await master?.related("theme")) ?? null;
    const palette = new Palette(theme?.root ?? null, child(master?.root, "clrMap"));
    const parts = [slide, layout, master].filter(Boolean);
    const grounds = parts.map((part) => groundOf(part, palette));
    sheet.style.background = grounds.find((one) => one && one !== "none") ?? "#ffffff";
    const isMasterShown = parts.slice(0, 2).every((part) => attribute(part.root, "showMasterSp") !== "0");
    const layers = [placeholdersOf(layout), placeholdersOf(master)];
    const look = { layers, palette, styles: child(master?.root, "txStyles") };
    for (const part of [isMasterShown ? master : null, layout, slide].filter(Boolean)) {
      await new ShapeDrawer(this, part, look).draw(sheet, { withPlaceholders: part === slide });
    }
  }

  /** An address for a picture of the file, made once; null where it is not there. */
  async pictureAt(path, type) {
    if (!this.#pictures.has(path)) {
      const bytes = await this.#archive.bytes(path);
      this.#pictures.set(path, bytes ? URL.createObjectURL(new Blob([bytes], { type })) : null);
    }
    return this.#pictures.get(path);
  }
}

/** The id with a namespace: the one without is a number of the slide's own. */
function relationIdOf(row) {
  return [...row.attributes].find((one) => one.localName === "id" && one.namespaceURI)?.value ?? "";
}

function groundOf(part, palette) {
  const ground = child(part.root, "cSld", "bg");
  return palette.fill(child(ground, "bgPr")) ?? palette.of(child(ground, "bgRef"));
}

function bounded(pixels) {
  return Math.min(6000, Math.max(50, pixels));
}
