/** Puts something over a page where the page's own units say: in shares of it, so that it grows along. */

/**
 * @param {HTMLElement} node
 * @param {number[]} box  [x1, y1, x2, y2] in the page's units
 * @param {import("pdfjs-dist").PageViewport} viewport  of any scale, turned as the page is
 */
export function putAt(node, box, viewport) {
  const [x1, y1] = viewport.convertToViewportPoint(box[0], box[1]);
  const [x2, y2] = viewport.convertToViewportPoint(box[2], box[3]);
  node.style.left = `${(100 * Math.min(x1, x2)) / viewport.width}%`;
  node.style.top = `${(100 * Math.min(y1, y2)) / viewport.height}%`;
  node.style.width = `${(100 * Math.abs(x2 - x1)) / viewport.width}%`;
  node.style.height = `${(100 * Math.abs(y2 - y1)) / viewport.height}%`;
  return node;
}
