/** Shows a table that is text: the first row names the columns. */

import { t } from "../../i18n.js";
import { fetchWords } from "../words.js";
import { MOST_COLUMNS, rowsOf, separatorOf } from "./separated.js";
import { TableViewer } from "./viewer.js";

const LIMIT_BYTES = 8 * 1024 * 1024;
const MOST_ROWS = 200_000;
/** Rows that are read before anything shows, and how long the page is held up for more of them. */
const FIRST = 500;
const TURN_MS = 12;

export class TextTableViewer extends TableViewer {
  async open() {
    const { signal } = this.ended;
    let found;
    try {
      found = await fetchWords(this.material.url, { limit: LIMIT_BYTES, signal });
    } catch (error) {
      if (!signal.aborted) this.tell("fault", error.code ?? "broken");
      return;
    }
    if (signal.aborted) return;
    await this.#fill(found.text, found.isCut);
  }

  async #fill(text, isCut) {
    const rows = rowsOf(text, separatorOf(text));
    const { value: head = { cells: [] } } = rows.next();
    const sheet = { name: this.material.name, names: [], rows: [], isCut: false, last: linesOf(text) };
    const first = take(rows, FIRST);
    const widest = first.reduce((most, { cells }) => Math.max(most, cells.length), head.cells.length);
    sheet.names = Array.from({ length: Math.min(widest, MOST_COLUMNS) }, (_, at) => nameOf(head.cells[at], at));
    sheet.rows = first;
    this.sheets = [sheet];
    this.begin();
    await this.#takeRest(rows, sheet);
    sheet.isCut = isCut || sheet.rows.length >= MOST_ROWS;
    if (!this.ended.signal.aborted) this.say(this.noteOf(sheet));
  }

  /** The rest in turns, so that fingers and bars are answered meanwhile. */
  async #takeRest(rows, sheet) {
    while (!this.ended.signal.aborted && sheet.rows.length < MOST_ROWS) {
      const before = sheet.rows.length;
      const end = performance.now() + TURN_MS;
      while (performance.now() < end && sheet.rows.length < MOST_ROWS) sheet.rows.push(...take(rows, 200));
      this.grown();
      if (sheet.rows.length === before) return;
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  noteOf(sheet) {
    return sheet.names.length === 0 ? t("reader.text_empty") : super.noteOf(sheet);
  }
}

/** What stands over a column; something always does. */
function nameOf(told, at) {
  return told?.trim() ? told : t("reader.table_column", { number: at + 1 });
}

function linesOf(text) {
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}

function take(rows, count) {
  const taken = [];
  while (taken.length < count) {
    const { value, done } = rows.next();
    if (done) break;
    taken.push({ number: value.number - 1, cells: value.cells });
  }
  return taken;
}
