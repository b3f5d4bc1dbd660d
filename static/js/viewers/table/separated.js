/**
 * Tables as text: values between commas, semicolons, tabs or bars, in quotes where need be (RFC 4180).
 * Pure.
 */

const SEPARATORS = [",", "\t", ";", "|"];
const SAMPLE_CHARACTERS = 64 * 1024;
const SAMPLE_ROWS = 30;
export const MOST_COLUMNS = 200;
const LONGEST_CELL = 2000;

/**
 * The separator that gives the most even rows; a comma where none does.
 * @param {string} text
 * @returns {string}
 */
export function separatorOf(text) {
  const told = /^sep=(.)\r?\n/i.exec(text);
  if (told) return told[1];
  const sample = text.slice(0, SAMPLE_CHARACTERS);
  const scores = SEPARATORS.map((separator) => scoreOf(sample, separator));
  return SEPARATORS[scores.indexOf(Math.max(...scores))];
}

/** How well it fits: rows of equally many cells count, and more cells a row count more. */
function scoreOf(sample, separator) {
  const counts = [];
  for (const { cells } of rowsOf(sample, separator)) {
    if (counts.length >= SAMPLE_ROWS) break;
    if (cells.length > 1 || cells[0] !== "") counts.push(cells.length);
  }
  const usual = mostFrequent(counts);
  if (usual < 2) return 0;
  const even = counts.filter((count) => count === usual).length / counts.length;
  return even * even * (1 + Math.log2(usual) / 8);
}

function mostFrequent(counts) {
  const tally = new Map();
  for (const count of counts) tally.set(count, (tally.get(count) ?? 0) + 1);
  return [...tally].sort((one, other) => other[1] - one[1] || other[0] - one[0])[0]?.[0] ?? 0;
}

/**
 * The rows one after the other; empty lines are left out. A cell is cut at 2000 characters.
 * @param {string} text
 * @param {string} separator
 * @returns {Generator<{number: number, cells: string[]}>}  number: of the row, from 1
 */
export function* rowsOf(text, separator) {
  const walk = new Walk(text.replace(/^sep=.\r?\n/i, ""), separator);
  for (let number = 1; !walk.isAtEnd;) {
    const cells = walk.row();
    if (cells.length === 1 && cells[0].trim() === "") continue;
    yield { number, cells };
    number += 1;
  }
}

class Walk {
  #text;
  #separator;
  #at = 0;
  #ends;

  constructor(text, separator) {
    this.#text = text;
    this.#separator = separator;
    this.#ends = new RegExp(`[\\r\\n${separator === "|" ? "|" : separator.replace(/[\\\]^-]/, "\\$&")}]`, "g");
  }

  get isAtEnd() { return this.#at >= this.#text.length; }

  row() {
    const cells = [];
    for (;;) {
      const cell = this.#text[this.#at] === '"' ? this.#quoted() : this.#plain();
      if (cells.length < MOST_COLUMNS) cells.push(cell.slice(0, LONGEST_CELL));
      if (this.#text[this.#at] !== this.#separator) break;
      this.#at += 1;
    }
    if (this.#text[this.#at] === "\r") this.#at += 1;
    if (this.#text[this.#at] === "\n") this.#at += 1;
    return cells;
  }

  #plain() {
    this.#ends.lastIndex = this.#at;
    const end = this.#ends.exec(this.#text)?.index ?? this.#text.length;
    const cell = this.#text.slice(this.#at, end);
    this.#at = end;
    return cell;
  }

  /** Up to the quote that is not doubled; what stands behind it up to the separator belongs to the cell. */
  #quoted() {
    let cell = "";
    this.#at += 1;
    for (;;) {
      const end = this.#text.indexOf('"', this.#at);
      if (end < 0) {
        cell += this.#text.slice(this.#at);
        this.#at = this.#text.length;
        return cell;
      }
      cell += this.#text.slice(this.#at, end);
      this.#at = end + 1;
      if (this.#text[this.#at] !== '"') return cell + this.#plain();
      cell += '"';
      this.#at += 1;
    }
  }
}
