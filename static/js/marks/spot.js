/**
 * From the screen to the page and back, however the page is turned. Pure.
 *
 * @typedef {{left: number, top: number, width: number, height: number}} Box  where a page is shown
 * @typedef {{x: number, y: number}} Spot  fractions of the page as it stands unturned
 */

/** The spot of the page under (`x`, `y`) in the coordinates of its box; outside: the nearest one. */
export function spotIn(box, turn, x, y) {
  const u = share((x - box.left) / box.width);
  const v = share((y - box.top) / box.height);
  if (turn === 90) return { x: v, y: 1 - u };
  if (turn === 180) return { x: 1 - u, y: 1 - v };
  if (turn === 270) return { x: 1 - v, y: u };
  return { x: u, y: v };
}

/** Where a spot is shown, as fractions of the box of its turned page. */
export function shownAt({ x, y }, turn) {
  if (turn === 90) return { x: 1 - y, y: x };
  if (turn === 180) return { x: 1 - x, y: 1 - y };
  if (turn === 270) return { x: y, y: 1 - x };
  return { x, y };
}

/**
 * How a drawing of the unturned page (a thousand units wide) is put into the box of the turned one.
 * @param {number} ratio  height of the unturned page by its width
 * @returns {{viewBox: string, transform: string}}
 */
export function turnedDrawing(ratio, turn) {
  const [width, height] = [1000, round(1000 * ratio)];
  const moves = {
    90: `translate(${height} 0) rotate(90)`,
    180: `translate(${width} ${height}) rotate(180)`,
    270: `translate(0 ${width}) rotate(-90)`,
  };
  const [across, down] = turn % 180 === 0 ? [width, height] : [height, width];
  return { viewBox: `0 0 ${across} ${down}`, transform: moves[turn] ?? "" };
}

/** The page (from 0) under a spot of the sheet, or null between the pages. */
export function pageUnder(boxes, { first, last }, x, y) {
  for (let page = first; page <= last; page += 1) {
    const box = boxes[page];
    const isIn = box && x >= box.left && x <= box.left + box.width && y >= box.top && y <= box.top + box.height;
    if (isIn) return page;
  }
  return null;
}

/** Height by width of the unturned page, of the size it has on the screen. */
export function ratioOf(size, turn) {
  return turn % 180 === 0 ? size.height / size.width : size.width / size.height;
}

/** As many digits as the terminal keeps. */
export function kept(value) {
  return Math.round(value * 1e5) / 1e5;
}

function share(value) {
  return Math.min(1, Math.max(0, value));
}

function round(value) {
  return Math.round(value * 100) / 100;
}
