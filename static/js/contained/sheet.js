/**
 * Reads a workbook with SheetJS and tells what stands in its cells, as text, in portions. Nothing is
 * shown here: the page outside has the table.
 */

import { Archive, Fault, kindOf } from "./archive.js";
import { begin } from "./begin.js";

const MOST_SHEETS = 60;
const MOST_ROWS = 20_000;
const MOST_COLUMNS = 200;
const LONGEST_CELL = 2000;
const PORTION = 1000;

/** Formulas, macros and markup in cells are not looked at; a date without a form of its own is an ISO one. */
const OPTIONS = {
  type: "array",
  dense: true,
  cellFormula: false,
  cellHTML: false,
  cellStyles: true,
  bookVBA: false,
  sheetRows: MOST_ROWS + 1,
  dateNF: "yyyy-mm-dd",
};

begin(async (bytes, line) => {
  if (kindOf(bytes) === "zip") await new Archive(bytes).measure();
  const book = workbookOf(bytes);
  const states = book.Workbook?.Sheets ?? [];
  const names = book.SheetNames.filter((_, index) => !states[index]?.Hidden).slice(0, MOST_SHEETS);
  if (names.length === 0) throw new Fault("broken", "no sheets");
  for (const name of names) tellSheet(line, name, book.Sheets[name] ?? {});
  line.tell({ is: "ready", pages: names.length });
});

function workbookOf(bytes) {
  try {
    return globalThis.XLSX.read(bytes, OPTIONS);
  } catch (error) {
    throw new Fault(/password|encrypt/i.test(error?.message) ? "encrypted" : "broken", error?.message);
  }
}

function tellSheet(line, name, sheet) {
  const rows = withoutEnd((sheet["!data"] ?? []).slice(0, MOST_ROWS), (row) => row?.some(textOf));
  const columns = shownColumns(sheet, rows);
  const isCut = (sheet["!data"] ?? []).length > MOST_ROWS || columns.length > MOST_COLUMNS;
  const shown = columns.slice(0, MOST_COLUMNS);
  const widths = shown.map((column) => Math.round(sheet["!cols"]?.[column]?.wpx ?? 0));
  line.tell({ is: "sheet", name: String(name).slice(0, 100), columns: shown.map(letterOf), widths, isCut });
  let portion = [];
  for (let row = 0; row < rows.length; row += 1) {
    if (sheet["!rows"]?.[row]?.hidden) continue;
    portion.push({ number: row + 1, cells: shown.map((column) => textOf(rows[row]?.[column])) });
    if (portion.length < PORTION) continue;
    line.tell({ is: "rows", rows: portion });
    portion = [];
  }
  line.tell({ is: "rows", rows: portion });
}

/** The columns up to the last one with something in it, without those that are hidden. */
function shownColumns(sheet, rows) {
  const count = rows.reduce((most, row) => Math.max(most, withoutEnd(row ?? [], textOf).length), 0);
  return Array.from({ length: Math.min(count, 16_384) }, (_, column) => column)
    .filter((column) => !sheet["!cols"]?.[column]?.hidden);
}

/** The list up to the last one that holds something: formats reach far beyond what is written. */
function withoutEnd(list, holds) {
  let end = list.length;
  while (end > 0 && !holds(list[end - 1])) end -= 1;
  return list.slice(0, end);
}

function textOf(cell) {
  if (!cell || cell.v === undefined) return "";
  return String(cell.w ?? cell.v).slice(0, LONGEST_CELL);
}

function letterOf(column) {
  return globalThis.XLSX.utils.encode_col(column);
}
