/**
 * How the words of a shape look. A property that a run or paragraph does not name is looked for, level
 * by level, in the shape, its layout, its master and the presentation.
 */

import { EMU_PER_PIXEL } from "./geometry.js";
import { attribute, child, children, numberOf } from "./parts.js";

const USUAL_POINTS = 18;

export class TextStyle {
  #lists;
  #palette;
  #scale;

  /**
   * @param {(Element | null)[]} lists  elements with lvl1pPr … in them, the nearest first
   * @param {import("./colour.js").Palette} palette
   * @param {{scale?: number, colour?: string | null}} [given]  scale: of the letters, to fit the shape;
   *   colour: where nobody names one
   */
  constructor(lists, palette, { scale = 1, colour = null } = {}) {
    this.#lists = lists.filter(Boolean);
    this.#palette = palette;
    this.#scale = scale;
    this.colour = colour;
  }

  /** CSS of a paragraph. */
  paragraph(pPr) {
    const chain = this.#chain(pPr);
    const align = { ctr: "center", r: "right", just: "justify", dist: "justify" }[said(chain, "algn")];
    const spacing = first(chain, (node) => child(node, "lnSpc", "spcPct"));
    const before = first(chain, (node) => child(node, "spcBef", "spcPts"));
    return {
      textAlign: align ?? "left",
      paddingLeft: `${Number(said(chain, "marL") ?? 0) / EMU_PER_PIXEL}px`,
      textIndent: `${Number(said(chain, "indent") ?? 0) / EMU_PER_PIXEL}px`,
      lineHeight: spacing ? String((numberOf(spacing, "val", 100_000) / 100_000) * 1.2) : "1.2",
      marginTop: before ? `${(numberOf(before, "val") / 75) * this.#scale}px` : "0",
    };
  }

  /** CSS of a run. */
  run(pPr, rPr) {
    const chain = [rPr, ...this.#chain(pPr).map((node) => child(node, "defRPr"))].filter(Boolean);
    const points = Number(said(chain, "sz") ?? USUAL_POINTS * 100) / 100;
    const colour = first(chain, (node) => this.#palette.of(child(node, "solidFill")));
    const isOn = (name) => ["1", "true", "sng", "dbl", "heavy"].includes(said(chain, name));
    return {
      fontSize: `${Math.max(1, (points * 4) / 3) * this.#scale}px`,
      fontWeight: isOn("b") ? "700" : "400",
      fontStyle: isOn("i") ? "italic" : "normal",
      textDecoration: isOn("u") ? "underline" : "none",
      verticalAlign: shiftOf(Number(said(chain, "baseline") ?? 0)),
      color: colour ?? this.colour ?? "",
    };
  }

  /** What stands before a paragraph: the letter, "1" where they are counted, or "". */
  bullet(pPr) {
    for (const node of this.#chain(pPr)) {
      for (const mark of children(node)) {
        if (mark.localName === "buNone") return "";
        if (mark.localName === "buAutoNum") return "1";
        if (mark.localName === "buChar") return letterOf(attribute(mark, "char"));
      }
    }
    return "";
  }

  #chain(pPr) {
    const level = Math.min(8, Math.max(0, numberOf(pPr, "lvl")));
    return [pPr, ...this.#lists.map((list) => child(list, `lvl${level + 1}pPr`))].filter(Boolean);
  }
}

function said(chain, name) {
  return first(chain, (node) => attribute(node, name));
}

function first(chain, look) {
  for (const node of chain) {
    const found = look(node);
    if (found !== null && found !== undefined) return found;
  }
  return null;
}

function shiftOf(baseline) {
  if (baseline === 0) return "baseline";
  return baseline > 0 ? "super" : "sub";
}

/** Symbol fonts have their bullets where other fonts have none or other letters. */
function letterOf(char) {
  return !char || char.charCodeAt(0) >= 0xe000 || /[\w§Øüè]/.test(char) ? "•" : char.slice(0, 2);
}
