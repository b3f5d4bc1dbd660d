/**
 * Finding words in the text of a page. Pure.
 *
 * A PDF holds pieces of text where they stand on the paper: a word may be cut in two, a line's end
 * may fall into a Chinese sentence. So white space counts for nothing, on either side, and neither
 * does the difference between upper and lower case or full and half width.
 *
 * @typedef {{str: string, width: number, height: number, transform: number[]}} Item
 * @typedef {{text: string, items: number[], offsets: number[]}} Index
 *   for each character of `text`: which item it is from, and where in it
 */

/** @param {Item[]} items  @returns {Index} */
export function indexOf(items) {
  const index = { text: "", items: [], offsets: [] };
  for (const [item, { str }] of items.entries()) {
    for (let offset = 0; offset < str.length; offset += 1) {
      const plain = plainOf(str[offset]);
      index.text += plain;
      for (let unit = 0; unit < plain.length; unit += 1) {
        index.items.push(item);
        index.offsets.push(offset);
      }
    }
  }
  return index;
}

/** What is compared of a text. */
export function plainOf(text) {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/gu, "");
}

/**
 * Where `words` are: [start, end) positions in the index, one behind the other.
 * @returns {{start: number, end: number}[]}  at most `most`
 */
export function placesOf(index, words, most) {
  const wanted = plainOf(words);
  const places = [];
  if (wanted === "") return places;
  for (let at = index.text.indexOf(wanted); at >= 0 && places.length < most;) {
    places.push({ start: at, end: at + wanted.length });
    at = index.text.indexOf(wanted, at + wanted.length);
  }
  return places;
}

/**
 * The rectangles [x1, y1, x2, y2] of a place in the page's own units: one for each item it touches.
 * Within an item every character counts as equally wide, which is near enough for a marker's pen.
 */
export function boxesOf(items, index, { start, end }) {
  const parts = new Map();
  for (let at = start; at < end; at += 1) {
    const offset = index.offsets[at];
    const part = parts.get(index.items[at]);
    if (part) part.last = offset;
    else parts.set(index.items[at], { first: offset, last: offset });
  }
  return [...parts].map(([item, { first, last }]) => partBox(items[item], first, last + 1));
}

function partBox({ str, width, height, transform }, from, to) {
  const [a, b, c, d, x, y] = transform;
  const along = Math.hypot(a, b) || 1;
  const across = Math.hypot(c, d) || 1;
  const [ux, uy] = [a / along, b / along];
  const [vx, vy] = [c / across, d / across];
  const [near, far] = [(from / str.length) * width, (to / str.length) * width];
  const tall = height || across;
  const xs = [];
  const ys = [];
  for (const step of [near, far]) {
    for (const rise of [-0.2 * tall, 0.9 * tall]) {
      xs.push(x + ux * step + vx * rise);
      ys.push(y + uy * step + vy * rise);
    }
  }
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
