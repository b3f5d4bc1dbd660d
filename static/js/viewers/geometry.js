/**
 * Where the pages of a document lie, and what follows from it. Pure: numbers in, numbers out.
 *
 * Pages stand in one column, or one of them stands alone. Sizes are CSS pixels at scale 1; the gap and
 * the margins do not grow with the scale, which is why every jump and zoom is reckoned inside a page
 * (see `anchorAt`).
 *
 * @typedef {{width: number, height: number}} Size
 * @typedef {{left: number, top: number, width: number, height: number}} Box
 * @typedef {{boxes: Box[], width: number, height: number}} Layout
 * @typedef {{page: number, x: number, y: number}} Anchor  a spot as fractions of page `page` (from 0)
 */

export const SMALLEST_SCALE = 0.1;
export const LARGEST_SCALE = 8;

/** One step of the zoom buttons: four of them double the size. */
export const ZOOM_STEP = 2 ** 0.25;

/**
 * @param {Size[]} sizes
 * @param {number} scale
 * @param {{width: number, height: number, gap: number, side: number, above: number,
 *   below: number}} frame  the window, and the room around the pages
 * @returns {Layout}  what is lower than the window stands in its middle
 */
export function layOut(sizes, scale, frame) {
  const widest = sizes.reduce((width, size) => Math.max(width, size.width), 0) * scale;
  const width = Math.max(frame.width, Math.ceil(widest) + 2 * frame.side);
  let top = frame.above;
  const boxes = sizes.map((size) => {
    const box = {
      left: Math.floor((width - size.width * scale) / 2),
      top: Math.round(top),
      width: Math.round(size.width * scale),
      height: Math.round(size.height * scale),
    };
    top = box.top + box.height + frame.gap;
    return box;
  });
  const tall = top - frame.gap + frame.below;
  const spare = Math.max(0, Math.floor((frame.height - tall) / 2));
  for (const box of boxes) box.top += spare;
  return { boxes, width, height: Math.max(tall, frame.height) };
}

/**
 * One page alone in the window. The others have boxes of their size out of sight at the left, where
 * nobody can scroll to: so they may be drawn before their turn comes.
 * @param {Size[]} sizes
 * @param {number} page  from 0
 * @param {(page: number) => number} scaleOf  pages of other shapes fit at other scales
 * @param {{width: number, height: number, gap: number, side: number, above: number,
 *   below: number}} frame  as for `layOut`; above, below: only for what is taller than the window
 * @returns {Layout}
 */
export function layOutAlone(sizes, page, scaleOf, frame) {
  const boxes = sizes.map((size, index) => {
    const scale = scaleOf(index);
    const [width, height] = [Math.round(size.width * scale), Math.round(size.height * scale)];
    return { left: -width - OUT_OF_SIGHT, top: 0, width, height };
  });
  const box = boxes[page];
  if (!box) return { boxes, width: frame.width, height: frame.height };
  const width = Math.max(frame.width, box.width + 2 * frame.side);
  const isTall = box.height + 2 * frame.gap > frame.height;
  box.left = Math.floor((width - box.width) / 2);
  box.top = isTall ? frame.above : Math.floor((frame.height - box.height) / 2);
  return { boxes, width, height: isTall ? frame.above + box.height + frame.below : frame.height };
}

/** Shadows and focus rings are drawn outside a box. */
const OUT_OF_SIGHT = 1000;

/** First page (from 0) whose lower edge is below `y`: the one at `y`, or the next one. */
export function pageAt(boxes, y) {
  let low = 0;
  let high = boxes.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (boxes[middle].top + boxes[middle].height > y) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** First and last page (from 0) that show in a window of `height` at `top`. */
export function visibleRange(boxes, top, height) {
  if (boxes.length === 0) return { first: 0, last: -1 };
  const first = pageAt(boxes, top);
  let last = first;
  while (last + 1 < boxes.length && boxes[last + 1].top < top + height) last += 1;
  return { first, last };
}

/** The page a reader would name: of those in the window, the one with most of itself in it. */
export function currentPage(boxes, top, height) {
  const { first, last } = visibleRange(boxes, top, height);
  let best = first;
  let most = -1;
  for (let page = first; page <= last; page += 1) {
    const box = boxes[page];
    const shown = Math.min(box.top + box.height, top + height) - Math.max(box.top, top);
    const share = shown / Math.min(box.height, height);
    if (share > most + 0.001) [best, most] = [page, share];
  }
  return Math.max(best, 0);
}

/** The spot of the document at content position (`x`, `y`). */
export function anchorAt(boxes, x, y) {
  return anchorIn(boxes, pageAt(boxes, y), x, y);
}

/** The same spot as fractions of a page that is known. */
export function anchorIn(boxes, page, x, y) {
  const box = boxes[page];
  if (!box) return { page: 0, x: 0, y: 0 };
  return { page, x: (x - box.left) / box.width, y: (y - box.top) / box.height };
}

/** Content position of `anchor` in a layout, perhaps of another scale. */
export function positionOf(boxes, anchor) {
  const box = boxes[Math.min(anchor.page, boxes.length - 1)];
  if (!box) return { x: 0, y: 0 };
  return { x: box.left + anchor.x * box.width, y: box.top + anchor.y * box.height };
}

/**
 * Scale at which `size` fits `view`.
 * @param {"width" | "page" | "auto" | "whole"} fit  auto: wide pages (slides) whole, upright ones as
 *   wide as is good to read at arm's length; whole: as page, but small pictures stay small
 */
export function fitScale(fit, size, view) {
  const byWidth = view.width / size.width;
  const byPage = Math.min(byWidth, view.height / size.height);
  if (fit === "width") return clampScale(byWidth);
  if (fit === "whole") return clampScale(Math.min(byPage, 2));
  if (fit === "page" || size.width > size.height) return clampScale(byPage);
  return clampScale(Math.max(byPage, Math.min(byWidth, READING_WIDTH / size.width)));
}

/** Widest an upright page opens by itself, in CSS pixels: longer lines tire. */
export const READING_WIDTH = 1120;

export function clampScale(scale) {
  return Math.min(LARGEST_SCALE, Math.max(SMALLEST_SCALE, scale));
}

/**
 * Device pixels for a canvas of `size` CSS pixels: as sharp as the screen, at most twice the CSS
 * pixels, and never more than `limit` in all, or a phone-sized memory is gone with one page.
 * @returns {{width: number, height: number, sharp: boolean}}  sharp: false where the limit bit
 */
export function canvasSize(size, pixelRatio, limit) {
  const ratio = Math.min(Math.max(pixelRatio, 1), 2);
  const wanted = size.width * size.height * ratio * ratio;
  const factor = wanted > limit ? ratio * Math.sqrt(limit / wanted) : ratio;
  return {
    width: Math.max(1, Math.floor(size.width * factor)),
    height: Math.max(1, Math.floor(size.height * factor)),
    sharp: wanted <= limit,
  };
}

/** Size of a page turned by `degrees`. */
export function turned(size, degrees) {
  return degrees % 180 === 0 ? size : { width: size.height, height: size.width };
}
