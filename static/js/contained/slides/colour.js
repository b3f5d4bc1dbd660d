/** Colours of a presentation as CSS: named by the theme, then made lighter or darker. */

import { attribute, child, children, numberOf } from "./parts.js";

const WHOLE = 100_000;
const USUAL_MAP = { bg1: "lt1", tx1: "dk1", bg2: "lt2", tx2: "dk2" };

export class Palette {
  #theme = new Map();
  #map;

  /** @param {Element | null} theme  @param {Element | null} map  the master's clrMap */
  constructor(theme, map) {
    for (const row of children(child(theme, "themeElements", "clrScheme"))) {
      const [colour] = children(row);
      this.#theme.set(row.localName, hexOf(attribute(colour, "lastClr") ?? attribute(colour, "val")));
    }
    this.#map = (name) => attribute(map, name) ?? USUAL_MAP[name] ?? name;
  }

  /** The colour that an element holds (solidFill, gs, fontRef …); null where it holds none. */
  of(node, own = null) {
    for (const colour of children(node)) {
      const base = this.#base(colour, own);
      if (base) return toned(base, colour);
    }
    return null;
  }

  /** What an element (spPr, tcPr, bgPr …) is filled with: a CSS background, "none", or null: not said. */
  fill(node) {
    for (const fill of children(node)) {
      if (fill.localName === "noFill") return "none";
      if (fill.localName === "solidFill") return this.of(fill);
      if (fill.localName === "gradFill") return this.#gradient(fill);
      if (fill.localName === "pattFill") return this.of(child(fill, "fgClr"));
    }
    return null;
  }

  #base(colour, own) {
    const value = attribute(colour, "val");
    switch (colour.localName) {
      case "srgbClr": return hexOf(value);
      case "sysClr": return hexOf(attribute(colour, "lastClr"));
      case "schemeClr": return value === "phClr" ? own : this.#theme.get(this.#map(value)) ?? null;
      case "scrgbClr": return ["r", "g", "b"].map((name) => (255 * numberOf(colour, name)) / WHOLE);
      case "prstClr": return { black: [0, 0, 0], white: [255, 255, 255], red: [255, 0, 0] }[value] ?? null;
      default: return null;
    }
  }

  #gradient(fill) {
    const stops = children(child(fill, "gsLst"), "gs")
      .map((stop) => [numberOf(stop, "pos") / 1000, this.of(stop)])
      .filter(([, colour]) => colour)
      .sort(([one], [other]) => one - other);
    if (stops.length < 2) return stops[0]?.[1] ?? null;
    const angle = numberOf(child(fill, "lin"), "ang") / 60_000 + 90;
    return `linear-gradient(${angle}deg, ${stops.map(([at, colour]) => `${colour} ${at}%`).join(", ")})`;
  }
}

function hexOf(text) {
  if (!/^[0-9a-f]{6}$/i.test(text ?? "")) return null;
  return [0, 2, 4].map((at) => parseInt(text.slice(at, at + 2), 16));
}

/** @param {number[]} base  red, green, blue  @param {Element} colour  with lumMod, tint … in it */
export function toned(base, colour) {
  let rgb = base;
  let alpha = 1;
  for (const change of children(colour)) {
    const share = numberOf(change, "val", WHOLE) / WHOLE;
    if (change.localName === "alpha") alpha = share;
    else if (change.localName === "shade") rgb = rgb.map((part) => part * share);
    else if (change.localName === "tint") rgb = rgb.map((part) => 255 - (255 - part) * share);
    else if (change.localName === "lumMod") rgb = scaled(rgb, share);
    else if (change.localName === "lumOff") rgb = shifted(rgb, share);
  }
  const [red, green, blue] = rgb.map((part) => Math.round(Math.min(255, Math.max(0, part))));
  return `rgb(${red} ${green} ${blue} / ${alpha})`;
}

/** So many times as light, in the sense of HSL: a mixture with black. */
function scaled(rgb, share) {
  return rgb.map((part) => part * share);
}

/** Lighter by that share of white, in the sense of HSL. */
function shifted(rgb, share) {
  const lightness = (Math.max(...rgb) + Math.min(...rgb)) / 510;
  const wanted = Math.min(1, Math.max(0, lightness + share));
  if (lightness >= 1) return rgb.map(() => 255 * wanted);
  const rest = (1 - wanted) / (1 - lightness);
  return rgb.map((part) => 255 - (255 - part) * rest);
}
