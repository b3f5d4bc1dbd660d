/** Where the shapes of a slide lie, and what outline they have. Pure, but for reading elements. */

import { attribute, child, children, numberOf } from "./parts.js";

/** EMU in a CSS pixel. */
export const EMU_PER_PIXEL = 9525;

/** Outlines that are polygons, in hundredths of the box; what is not here is drawn as a rectangle. */
const POLYGONS = {
  triangle: "50 0, 100 100, 0 100",
  rtTriangle: "0 0, 100 100, 0 100",
  diamond: "50 0, 100 50, 50 100, 0 50",
  parallelogram: "25 0, 100 0, 75 100, 0 100",
  trapezoid: "25 0, 75 0, 100 100, 0 100",
  pentagon: "50 0, 100 38, 81 100, 19 100, 0 38",
  hexagon: "25 0, 75 0, 100 50, 75 100, 25 100, 0 50",
  homePlate: "0 0, 75 0, 100 50, 75 100, 0 100",
  chevron: "0 0, 75 0, 100 50, 75 100, 0 100, 25 50",
  rightArrow: "0 25, 60 25, 60 0, 100 50, 60 100, 60 75, 0 75",
  leftArrow: "100 25, 40 25, 40 0, 0 50, 40 100, 40 75, 100 75",
  upArrow: "25 100, 25 40, 0 40, 50 0, 100 40, 75 40, 75 100",
  downArrow: "25 0, 25 60, 0 60, 50 100, 100 60, 75 60, 75 0",
};
const LINES = ["line", "straightConnector1", "bentConnector3", "curvedConnector3"];

/** @typedef {{x: number, y: number, width: number, height: number, turn: number, isFlipped: boolean, isUpsideDown: boolean}} Box */

/** The box that an xfrm tells, in EMU; null where it tells none. */
export function boxOf(xfrm) {
  const off = child(xfrm, "off");
  const ext = child(xfrm, "ext");
  if (!off || !ext) return null;
  return {
    x: numberOf(off, "x"),
    y: numberOf(off, "y"),
    width: Math.max(0, numberOf(ext, "cx")),
    height: Math.max(0, numberOf(ext, "cy")),
    turn: numberOf(xfrm, "rot") / 60_000,
    isFlipped: attribute(xfrm, "flipH") === "1",
    isUpsideDown: attribute(xfrm, "flipV") === "1",
  };
}

/** What a group does to the boxes in it: (x, y) becomes (x, y) · scale + offset. */
export function groupFrame(xfrm, outer) {
  const box = boxOf(xfrm);
  const from = child(xfrm, "chOff");
  const size = child(xfrm, "chExt");
  if (!box || !from || !size) return outer;
  const scaleX = box.width / Math.max(1, numberOf(size, "cx"));
  const scaleY = box.height / Math.max(1, numberOf(size, "cy"));
  return {
    scaleX: outer.scaleX * scaleX,
    scaleY: outer.scaleY * scaleY,
    x: outer.x + outer.scaleX * (box.x - numberOf(from, "x") * scaleX),
    y: outer.y + outer.scaleY * (box.y - numberOf(from, "y") * scaleY),
  };
}

export const WHOLE_SLIDE = { x: 0, y: 0, scaleX: 1, scaleY: 1 };

/** The box in CSS, inside a group's frame. */
export function placed(box, frame) {
  const px = (value) => `${value / EMU_PER_PIXEL}px`;
  const turns = [];
  if (box.turn) turns.push(`rotate(${box.turn}deg)`);
  return {
    left: px(frame.x + frame.scaleX * box.x),
    top: px(frame.y + frame.scaleY * box.y),
    width: px(frame.scaleX * box.width),
    height: px(frame.scaleY * box.height),
    transform: turns.join(" "),
  };
}

/**
 * The outline of a shape.
 * @returns {{radius?: string, polygon?: string, isLine?: boolean, path?: {d: string, width: number, height: number}}}
 */
export function outlineOf(spPr) {
  const custom = child(spPr, "custGeom", "pathLst", "path");
  if (custom) return { path: pathOf(custom) };
  const kind = attribute(child(spPr, "prstGeom"), "prst") ?? "rect";
  if (LINES.includes(kind)) return { isLine: true };
  if (kind === "ellipse") return { radius: "50%" };
  if (kind.startsWith("round") || kind === "flowChartAlternateProcess") return { radius: "12%" };
  const polygon = Object.hasOwn(POLYGONS, kind) ? POLYGONS[kind] : null;
  return polygon ? { polygon } : {};
}

function pathOf(path) {
  const letters = { moveTo: "M", lnTo: "L", cubicBezTo: "C", quadBezTo: "Q", close: "Z" };
  const steps = children(path).filter((step) => Object.hasOwn(letters, step.localName)).map((step) => {
    const points = children(step, "pt").flatMap((point) => [numberOf(point, "x"), numberOf(point, "y")]);
    return `${letters[step.localName]}${points.join(" ")}`;
  });
  return { d: steps.join(""), width: numberOf(path, "w", 1) || 1, height: numberOf(path, "h", 1) || 1 };
}
