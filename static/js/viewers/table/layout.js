/** How wide the columns of a table are, and which rows show. Pure. */

const SAMPLE = 400;
const NARROWEST = 3;
const WIDEST = 28;
const PADDING = 1.6;
/** In a workbook letters are about this size, with less room around them. */
const PIXELS_PER_EM = 10;
const NUMBER = /^[-+(]?[¥￥$€£]?\s?-?\d[\d,. ]*\)?\s?(%|‰|万元|亿元|元)?$/;

/** @typedef {{number: number, cells: string[]}} Row */

/**
 * Widths in em, from the words in the first rows.
 * @param {string[]} names  what stands over the columns
 * @param {Row[]} rows
 * @param {number[]} told  widths in CSS pixels that the document gives; 0: none
 */
export function columnWidths(names, rows, told = []) {
  const sample = rows.slice(0, SAMPLE);
  return names.map((name, column) => {
    if (told[column] > 0) return bounded(told[column] / PIXELS_PER_EM);
    const longest = sample.reduce((most, { cells }) => Math.max(most, lengthOf(cells[column] ?? "")), 0);
    return bounded(Math.max(lengthOf(name), longest) + PADDING);
  });
}

/** About how wide a text is, in em: what is beyond Latin letters is square. */
export function lengthOf(text) {
  const line = text.slice(0, 200).split("\n", 1)[0];
  let length = 0;
  for (const character of line) length += character.codePointAt(0) > 0x2e7f ? 1 : 0.58;
  return length;
}

function bounded(width) {
  return Math.min(WIDEST, Math.max(NARROWEST, width));
}

/** Whether it is a number to people: those stand on the right. */
export function isNumber(text) {
  return text.length < 30 && NUMBER.test(text.trim());
}

/**
 * First and last row (exclusive) that are kept in the document: those in the window and some around.
 * @param {{top: number, height: number, rowHeight: number, count: number, spare?: number}} view
 *   top: how far the rows are scrolled, in CSS pixels
 */
export function keptRows({ top, height, rowHeight, count, spare = 12 }) {
  const first = Math.floor(top / rowHeight) - spare;
  const last = Math.ceil((top + height) / rowHeight) + spare;
  return { first: Math.min(Math.max(0, first), count), last: Math.min(count, Math.max(0, last)) };
}

/**
 * The first cell of some sheets that has these words in it.
 * @param {{names: string[], rows: Row[]}[]} sheets  @param {string} words
 * @returns {{sheet: number, row: number, column: number} | null}  row -1: the names of the columns
 */
export function cellWith(sheets, words) {
  for (const [sheet, { names, rows }] of sheets.entries()) {
    for (let row = -1; row < rows.length; row += 1) {
      const column = (row < 0 ? names : rows[row].cells).findIndex((cell) => cell?.includes(words));
      if (column >= 0) return { sheet, row, column };
    }
  }
  return null;
}
