/**
 * The sizes of a document's pages, before they are drawn: what keeps the scroll bar honest.
 *
 * The terminal knows them where it has looked at the document. Where it has not, the first page's size
 * stands in for all, and the others are asked for in the background, in batches, because a document of a
 * thousand pages must not make anybody wait for its last one.
 */

/** PDF counts in points, 72 to the inch; the screen in pixels, 96 to the inch. */
export const PIXELS_PER_POINT = 96 / 72;

const BATCH = 50;
const MOST_PAGES = 2000;

const MOST_KNOWN = 100_000;

/**
 * Every page's size in CSS pixels at scale 1.
 * @param {[number, number, number][]} runs  how many, width and height in points, of pages of one size
 */
export function fromRuns(runs) {
  const sizes = [];
  for (const [count, width, height] of runs) {
    const size = { width: width * PIXELS_PER_POINT, height: height * PIXELS_PER_POINT };
    for (let n = 0; n < count && sizes.length < MOST_KNOWN; n += 1) sizes.push(size);
  }
  return sizes;
}

/** Size of a page in CSS pixels at scale 1, as it stands without turning. */
export function sizeOf(page) {
  const { width, height } = page.getViewport({ scale: PIXELS_PER_POINT });
  return { width: Math.max(1, width), height: Math.max(1, height) };
}

export function isSameSize(one, other) {
  return Math.abs(one.width - other.width) < 0.5 && Math.abs(one.height - other.height) < 0.5;
}

/**
 * Asks for every page's size; `onSizes` hears of each batch in which any differs from the guess.
 * @param {import("pdfjs-dist").PDFDocumentProxy} pdf
 * @param {{width: number, height: number}[]} guess
 * @param {(sizes: {width: number, height: number}[]) => void} onSizes
 * @param {AbortSignal} signal
 */
export async function measurePages(pdf, guess, onSizes, signal) {
  const sizes = [...guess];
  const end = Math.min(pdf.numPages, MOST_PAGES);
  for (let start = 1; start < end && !signal.aborted; start += BATCH) {
    const indexes = range(start, Math.min(start + BATCH, end));
    const found = await Promise.allSettled(indexes.map((index) => pdf.getPage(index + 1)));
    if (signal.aborted) return;
    const changed = found.filter((result, at) => {
      if (result.status !== "fulfilled") return false;
      return take(sizes, indexes[at], sizeOf(result.value));
    });
    if (changed.length > 0) onSizes([...sizes]);
  }
}

function take(sizes, index, size) {
  if (isSameSize(sizes[index], size)) return false;
  sizes[index] = size;
  return true;
}

function range(start, end) {
  return Array.from({ length: end - start }, (_, index) => start + index);
}
