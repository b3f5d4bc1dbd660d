/**
 * A stroke as a smooth line, and what a finger touches of it. Pure: the same rule as kiosk/marks/curve.py.
 *
 * Points are fractions of the page as it stands unturned. They are drawn in units of a thousandth of
 * the page's width, both ways; `ratio` is the page's height by its width. Each point pulls a piece of
 * its own, a quadratic curve from the middle before it to the middle behind it, with itself as control.
 *
 * @typedef {{tool: "pen" | "highlighter", ink: string, width: number, points: number[],
 *   pressure?: number[]}} Stroke  points: x, y, x, y …; width in thousandths of the page's width
 * @typedef {{x: number, y: number}} Spot
 */

/** A line has that share of its width without pressure, and so much more under all of it. */
const LIGHTEST = 0.4;
const RANGE = 1.2;

const UNITS = 1000;

/** @param {number[]} flat @returns {Spot[]} in units of a thousandth of the width */
export function spotsOf(flat, ratio) {
  const spots = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    spots.push({ x: flat[at] * UNITS, y: flat[at + 1] * UNITS * ratio });
  }
  return spots;
}

/** @param {Spot[]} spots @returns {{from: Spot, control: Spot, to: Spot}[]} one for each spot */
export function piecesOf(spots) {
  return spots.map((control, at) => ({
    from: at === 0 ? control : middle(spots[at - 1], control),
    control,
    to: at === spots.length - 1 ? control : middle(control, spots[at + 1]),
  }));
}

function middle(one, other) {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}

/** How wide a line of `width` is under a pressure of 0 to 1. */
export function widthAt(width, pressure) {
  return width * (LIGHTEST + RANGE * pressure);
}

/**
 * What to draw: a line to be stroked with its width, or, where pressure was felt, an outline to be filled.
 * @param {Stroke} stroke
 * @returns {{d: string, width: number | null}}
 */
export function pathOf(stroke, ratio) {
  const spots = spotsOf(stroke.points, ratio);
  const pieces = piecesOf(spots);
  if (stroke.pressure?.length === spots.length && spots.length > 1) {
    return { d: outlineOf(pieces, stroke.pressure.map((one) => widthAt(stroke.width, one) / 2)), width: null };
  }
  const start = `M${at(spots[0])}`;
  // A line without length would not show: a dot of nearly none does.
  if (spots.length === 1) return { d: `${start}l0.01 0`, width: stroke.width };
  return { d: start + pieces.map(({ control, to }) => `Q${at(control)} ${at(to)}`).join(""), width: stroke.width };
}

/** The edge of a line whose half-width is `halves` at its points: there on one side, back on the other. */
function outlineOf(pieces, halves) {
  const along = samples(pieces, halves);
  const there = along.map(({ x, y, nx, ny, half }) => ({ x: x + nx * half, y: y + ny * half }));
  const back = along.map(({ x, y, nx, ny, half }) => ({ x: x - nx * half, y: y - ny * half })).reverse();
  const body = `M${[...there, ...back].map(at).join("L")}Z`;
  return body + corners(along).map(disc).join("");
}

/** Spots on the line, with the direction that stands upright on it and half of the width there. */
function samples(pieces, halves) {
  return pieces.flatMap((piece, index) => {
    const steps = index === 0 ? [0, 0.5] : [0.25, 0.5, 0.75];
    if (index === pieces.length - 1) steps.push(1);
    return steps.map((step) => ({ ...on(piece, step), half: halves[index] }));
  });
}

function on({ from, control, to }, step) {
  const rest = 1 - step;
  const x = rest * rest * from.x + 2 * rest * step * control.x + step * step * to.x;
  const y = rest * rest * from.y + 2 * rest * step * control.y + step * step * to.y;
  let [dx, dy] = [rest * (control.x - from.x) + step * (to.x - control.x),
    rest * (control.y - from.y) + step * (to.y - control.y)];
  if (dx === 0 && dy === 0) [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  return { x, y, nx: -dy / length, ny: dx / length };
}

/** Ends, and where the line turns so sharply that its edge would leave a gap. */
function corners(along) {
  return along.filter((spot, index) => {
    const next = along[index + 1];
    return index === 0 || !next || spot.nx * next.nx + spot.ny * next.ny < 0.6;
  });
}

function disc({ x, y, half }) {
  const [r, d] = [round(half), round(2 * half)];
  return `M${at({ x: x - half, y })}a${r} ${r} 0 1 0 ${d} 0a${r} ${r} 0 1 0 ${-d} 0Z`;
}

function at({ x, y }) {
  return `${round(x)} ${round(y)}`;
}

function round(value) {
  return Math.round(value * 100) / 100;
}

/** Whether `stroke` comes within `reach` (thousandths of the width) of the spot (fractions of the page). */
export function touches(stroke, spot, ratio, reach) {
  const spots = spotsOf(stroke.points, ratio);
  const point = { x: spot.x * UNITS, y: spot.y * UNITS * ratio };
  const far = reach + stroke.width / 2;
  if (spots.length === 1) return distance(spots[0], point) <= far;
  return spots.some((one, index) => index > 0 && fromLine(spots[index - 1], one, point) <= far);
}

function distance(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

function fromLine(from, to, point) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const square = dx * dx + dy * dy;
  const share = square === 0 ? 0 : ((point.x - from.x) * dx + (point.y - from.y) * dy) / square;
  const within = Math.min(1, Math.max(0, share));
  return distance({ x: from.x + within * dx, y: from.y + within * dy }, point);
}
