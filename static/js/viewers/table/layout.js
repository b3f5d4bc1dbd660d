/** How wide the columns of a table are, and which rows show. Pure. */

import { patternOf } from "../sought.js";

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
    return sample.reduce((most, { cells }) => Math.max(most, widthFor(cells[column] ?? "")), widthFor(name));
  });
}

/** The width, in em, of a column that shows all of a text, if any does. */
export function widthFor(text) {
  return bounded(lengthOf(text) + PADDING);
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
 * The first cell of some sheets in which these words begin; they may go on in the next ones.
 *
 * @param {{name?: string, names: string[], rows: Row[], widths?: number[]}[]} sheets  @param {string} words
 * @param {number} start  the row of the first sheet that is looked at first
 * @returns {{sheet: number, row: number, column: number, last: number} | null}  row -1: the names of the columns;
 *   of a workbook, where these are letters, the name of the sheet. last: the column in which the words end,
 *   where that is in this row
 */
export function cellWith(sheets, words, start = -1) {
  const pattern = patternOf(words);
  if (!pattern) return null;
  for (const [sheet, { name, names, rows, widths }] of sheets.entries()) {
    const above = widths ? [name] : names;
    for (let row = sheet === 0 ? start : -1; row < rows.length; row += 1) {
      const cells = row < 0 ? above : rows[row].cells;
      const found = columnsWith(pattern, cells, rows[row + 1]?.cells ?? []);
      if (found) return { sheet, row, ...found };
    }
  }
  return null;
}

/** From which cell to which one it is, of those that begin with `cells` and go on with the next row's. */
function columnsWith(pattern, cells, next) {
  const line = lineOf(cells);
  pattern.lastIndex = 0;
  const found = pattern.exec(line + lineOf(next));
  if (!found || found.index >= line.length) return null;
  let end = 0;
  const ends = cells.map((cell) => (end += lineOf([cell]).length));
  const column = ends.findIndex((at) => found.index < at);
  const last = ends.findIndex((at) => pattern.lastIndex <= at);
  return { column, last: last < 0 ? column : last };
}

function lineOf(cells) {
  return cells.map((cell) => `${cell ?? ""}\n`).join("");
}
