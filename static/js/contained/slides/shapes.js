/** Draws the shapes of a slide, and those of its layout and master behind them. */

import { element } from "../../element.js";
import { chartTable } from "./chart.js";
import {
  EMU_PER_PIXEL, WHOLE_SLIDE, boxOf, groupFrame, outlineOf, placed,
} from "./geometry.js";
import { attribute, child, children, numberOf } from "./parts.js";
import { TextStyle } from "./style.js";
import { paragraphsOf } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const PICTURES = {
  png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", gif: "image/gif", bmp: "image/bmp", webp: "image/webp",
};
const SAME = { ctrTitle: "title", subTitle: "body", obj: "body", tbl: "body", chart: "body", pic: "body" };
const INSETS = { lIns: 91_440, tIns: 45_720, rIns: 91_440, bIns: 45_720 };
const MOST_SHAPES = 3000;
const DEEPEST = 12;

/** What the placeholders of a layout or master tell: by index, and by kind. */
export function placeholdersOf(part) {
  const shapes = children(child(part?.root, "cSld", "spTree"), "sp");
  return shapes.map((shape) => ({ shape, ...placeholderOf(shape) })).filter(({ kind }) => kind !== null);
}

function placeholderOf(shape) {
  const nv = children(shape).find((node) => /^nv\w*Pr$/.test(node.localName));
  const ph = child(nv, "nvPr", "ph");
  if (!ph) return { kind: null, index: null };
  const kind = attribute(ph, "type") ?? "obj";
  return { kind: SAME[kind] ?? kind, index: attribute(ph, "idx") };
}

export class ShapeDrawer {
  #deck;
  #part;
  #layers;
  #left = MOST_SHAPES;

  /**
   * @param {import("./deck.js").Deck} deck
   * @param {import("./parts.js").Part} part  whose shapes are drawn
   * @param {{layers: object[][], master: object | null, palette: object, styles: Element | null}} look
   *   layers: placeholders of what it is made after, the nearest first; styles: the master's txStyles
   */
  constructor(deck, part, look) {
    this.#deck = deck;
    this.#part = part;
    this.#layers = look.layers;
    this.palette = look.palette;
    this.styles = look.styles;
  }

  /** Draws all of the part's shapes into `slide`; placeholders only where the part is the slide itself. */
  async draw(slide, { withPlaceholders }) {
    await this.#tree(child(this.#part.root, "cSld", "spTree"), WHOLE_SLIDE, { slide, withPlaceholders, depth: 0 });
  }

  async #tree(tree, frame, into) {
    if (into.depth > DEEPEST) return;
    for (const node of children(tree)) {
      if (this.#left <= 0) return;
      await this.#node(node, frame, into);
    }
  }

  async #node(node, frame, into) {
    const deeper = { ...into, depth: into.depth + 1 };
    switch (node.localName) {
      case "grpSp": return this.#tree(node, groupFrame(child(node, "grpSpPr", "xfrm"), frame), deeper);
      case "AlternateContent": {
        const old = child(node, "Fallback");
        return this.#tree(old?.children.length ? old : child(node, "Choice"), frame, deeper);
      }
      case "sp":
      case "cxnSp": return this.#shape(node, frame, into);
      case "pic": return this.#picture(node, frame, into);
      case "graphicFrame": return this.#graphic(node, frame, into);
      default: return undefined;
    }
  }

  #shape(node, frame, { slide, withPlaceholders }) {
    const place = placeholderOf(node);
    if (place.kind !== null && !withPlaceholders) return;
    const models = place.kind === null ? [] : this.#modelsOf(place);
    const spPr = child(node, "spPr");
    const box = [node, ...models].map((one) => boxOf(child(one, "spPr", "xfrm"))).find(Boolean);
    if (!box) return;
    const shown = this.#place(slide, box, frame);
    const fill = [node, ...models].map((one) => this.palette.fill(child(one, "spPr"))).find((one) => one !== null);
    this.#paint(shown, spPr, { fill: fill ?? this.#ofTheme(node, "fillRef"), line: this.#lineOf(node), box });
    this.#write(shown, node, models, place);
  }

  #modelsOf({ kind, index }) {
    return this.#layers.map((layer) => (
      layer.find((one) => index !== null && one.index === index) ?? layer.find((one) => one.kind === kind)
    )).filter(Boolean).map(({ shape }) => shape);
  }

  #place(slide, box, frame) {
    this.#left -= 1;
    const shown = element("div.shape");
    Object.assign(shown.style, placed(box, frame));
    slide.append(shown);
    return shown;
  }

  #ofTheme(node, name) {
    const reference = child(node, "style", name);
    return numberOf(reference, "idx") > 0 ? this.palette.of(reference) : null;
  }

  #lineOf(node) {
    const line = child(node, "spPr", "ln");
    const colour = this.palette.fill(line) ?? this.#ofTheme(node, "lnRef");
    if (!colour || colour === "none") return null;
    return { colour, width: Math.max(1, numberOf(line, "w", EMU_PER_PIXEL) / EMU_PER_PIXEL) };
  }

  #paint(shown, spPr, { fill, line, box }) {
    const outline = outlineOf(spPr);
    const background = fill && fill !== "none" ? fill : null;
    if (outline.isLine) return void shown.append(lineIn(box, line));
    if (outline.path) return void shown.append(drawn("path", outline.path, background, line));
    if (outline.polygon) {
      const points = { points: outline.polygon.replaceAll(",", ""), width: 100, height: 100 };
      return void shown.append(drawn("polygon", points, background, line));
    }
    if (background) shown.style.background = background;
    if (line) shown.style.border = `${line.width}px solid ${line.colour}`;
    if (outline.radius) shown.style.borderRadius = outline.radius;
    return undefined;
  }

  #write(shown, node, models, { kind }) {
    const body = child(node, "txBody");
    if (!body?.textContent.trim()) return;
    const bodies = [body, ...models.map((one) => child(one, "txBody"))];
    const told = (name) => bodies.map((one) => attribute(child(one, "bodyPr"), name)).find((one) => one !== null);
    const style = this.#styleOf(node, bodies, kind);
    const words = element("div.shape-text", {}, ...paragraphsOf(body, style));
    const anchor = { ctr: "center", b: "flex-end" }[told("anchor")];
    words.style.justifyContent = anchor ?? "flex-start";
    words.style.padding = ["tIns", "rIns", "bIns", "lIns"]
      .map((name) => `${Number(told(name) ?? INSETS[name]) / EMU_PER_PIXEL}px`).join(" ");
    if (told("wrap") === "none") words.style.whiteSpace = "pre";
    if (told("vert")?.startsWith("eaVert")) words.style.writingMode = "vertical-rl";
    shown.append(words);
  }

  #styleOf(node, bodies, kind) {
    const fit = child(bodies[0], "bodyPr", "normAutofit");
    const of = { title: "titleStyle", body: "bodyStyle" }[kind] ?? "otherStyle";
    const lists = [...bodies.map((one) => child(one, "lstStyle")), child(this.styles, of), this.#deck.textStyle];
    const colour = this.palette.of(child(node, "style", "fontRef"));
    return new TextStyle(lists, this.palette, { scale: numberOf(fit, "fontScale", 100_000) / 100_000, colour });
  }

  async #picture(node, frame, { slide }) {
    const box = boxOf(child(node, "spPr", "xfrm"))
      ?? this.#modelsOf(placeholderOf(node)).map((one) => boxOf(child(one, "spPr", "xfrm"))).find(Boolean);
    if (!box) return;
    const shown = this.#place(slide, box, frame);
    const fill = child(node, "blipFill");
    const url = await this.#pictureAddress(attribute(child(fill, "blip"), "embed"));
    if (!url) return void shown.append(this.#missing("picture"));
    const picture = element("img", { src: url, alt: "", draggable: "false" });
    const cut = child(fill, "srcRect");
    if (cut) crop(shown, picture, cut);
    return void shown.append(picture);
  }

  async #pictureAddress(id) {
    const target = id ? this.#part.targetOf(id) : null;
    const type = PICTURES[target?.split(".").at(-1).toLowerCase()];
    return type ? this.#deck.pictureAt(target, type) : null;
  }

  async #graphic(node, frame, into) {
    const box = boxOf(child(node, "xfrm"));
    const data = child(node, "graphic", "graphicData");
    const table = child(data, "tbl");
    const picture = data?.getElementsByTagNameNS("*", "pic")[0];
    if (picture && !table) return this.#picture(picture, frame, into);
    if (!box || (await this.#diagram(data, box, frame, into))) return undefined;
    const shown = this.#place(into.slide, box, frame);
    shown.append(table ? this.#table(table) : await this.#chart(data));
    return undefined;
  }

  async #chart(data) {
    const chart = await this.#part.open(attribute(child(data, "chart"), "id"));
    return (chart && chartTable(chart.root)) ?? this.#missing(child(data, "chart") ? "chart" : "drawing");
  }

  /** Draws the shapes that Office keeps of a diagram; false where there are none. */
  async #diagram(data, box, frame, into) {
    const model = await this.#part.open(attribute(child(data, "relIds"), "dm"));
    const told = model?.root.getElementsByTagNameNS("*", "dataModelExt")[0];
    const kept = await this.#part.open(attribute(told, "relId"));
    const tree = child(kept?.root, "spTree");
    if (!tree) return false;
    const inside = { ...frame, x: frame.x + frame.scaleX * box.x, y: frame.y + frame.scaleY * box.y };
    await this.#tree(tree, inside, { ...into, depth: into.depth + 1 });
    return true;
  }

  #table(table) {
    const style = new TextStyle([child(this.styles, "otherStyle"), this.#deck.textStyle], this.palette);
    const widths = children(child(table, "tblGrid"), "gridCol").map((column) => numberOf(column, "w"));
    const whole = widths.reduce((sum, width) => sum + width, 0) || 1;
    const columns = widths.map((width) => {
      const column = element("col");
      column.style.width = `${(100 * width) / whole}%`;
      return column;
    });
    const rows = children(table, "tr").map((row) => {
      const shown = element("tr", {}, ...children(row, "tc").map((cell) => this.#cell(cell, style)));
      shown.style.height = `${numberOf(row, "h") / EMU_PER_PIXEL}px`;
      return shown;
    });
    return element("table", {}, element("colgroup", {}, ...columns), element("tbody", {}, ...rows));
  }

  #cell(cell, style) {
    if (attribute(cell, "hMerge") === "1" || attribute(cell, "vMerge") === "1") return null;
    const shown = element("td", {
      colspan: numberOf(cell, "gridSpan", 1), rowspan: numberOf(cell, "rowSpan", 1),
    }, ...paragraphsOf(child(cell, "txBody"), style));
    const fill = this.palette.fill(child(cell, "tcPr"));
    if (fill && fill !== "none") shown.style.background = fill;
    return shown;
  }

  #missing(kind) {
    return element("div.shape-missing", {}, this.#deck.words[kind] ?? "");
  }
}

function lineIn(box, line) {
  const svg = document.createElementNS(SVG, "svg");
  svg.style.overflow = "visible";
  const shown = document.createElementNS(SVG, "line");
  const isRising = box.isFlipped !== box.isUpsideDown;
  const ends = { x1: "0", y1: isRising ? "100%" : "0", x2: "100%", y2: isRising ? "0" : "100%" };
  for (const [name, value] of Object.entries(ends)) shown.setAttribute(name, value);
  shown.setAttribute("stroke", line?.colour ?? "#000000");
  shown.setAttribute("stroke-width", String(line?.width ?? 1));
  svg.append(shown);
  return svg;
}

function drawn(kind, { d, points, width, height }, fill, line) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("preserveAspectRatio", "none");
  const shape = document.createElementNS(SVG, kind);
  if (d) shape.setAttribute("d", d);
  if (points) shape.setAttribute("points", points);
  shape.setAttribute("fill", /^rgb/.test(fill ?? "") ? fill : "none");
  if (line) {
    shape.setAttribute("stroke", line.colour);
    shape.setAttribute("stroke-width", String(line.width));
    shape.setAttribute("vector-effect", "non-scaling-stroke");
  }
  svg.append(shape);
  return svg;
}

/** Shows only the part of the picture that is left when the edges are cut off. */
function crop(shown, picture, cut) {
  const edge = (name) => Math.min(99_000, Math.max(0, numberOf(cut, name))) / 100_000;
  const [left, top, right, bottom] = ["l", "t", "r", "b"].map(edge);
  const across = Math.max(0.01, 1 - left - right);
  const down = Math.max(0.01, 1 - top - bottom);
  shown.style.overflow = "hidden";
  Object.assign(picture.style, {
    inset: "auto",
    left: `${(-100 * left) / across}%`,
    top: `${(-100 * top) / down}%`,
    width: `${100 / across}%`,
    height: `${100 / down}%`,
  });
}
