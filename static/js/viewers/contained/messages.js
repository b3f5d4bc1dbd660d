/**
 * What a contained reader may say. It has read hostile bytes, so nothing of it is believed: whatever is
 * not one of these, in these bounds, is nothing. Pure.
 */

export const FAULTS = ["broken", "encrypted", "too-large", "no-slides"];
export const MOST_PAGES = 20_000;
export const MOST_SHEETS = 60;
export const MOST_COLUMNS = 200;
export const MOST_PORTION = 1000;
const LONGEST_CELL = 2000;
const LONGEST_NAME = 100;
const KEYS = ["+", "=", "-", "PageDown", "PageUp", "ArrowRight", "ArrowLeft", "Home", "End", "Escape"];
const COMMANDS = ["+", "=", "-", "0", "f", "g", "p", "s", "o"];

const CHECKS = {
  ready: ({ pages }) => isCount(pages, 1, MOST_PAGES) && { pages },
  fault: ({ code }) => FAULTS.includes(code) && { code },
  tap: () => ({}),
  key: ({ key, isCommand }) => typeof key === "string" && typeof isCommand === "boolean"
    && (isCommand ? COMMANDS.includes(key.toLowerCase()) : KEYS.includes(key)) && { key, isCommand },
  at: ({ page, zoom, isFitted, share }) => isCount(page, 1, MOST_PAGES) && isWithin(zoom, 0.01, 100)
    && typeof isFitted === "boolean" && isWithin(share, 0, 1) && { page, zoom, isFitted, share },
  sheet: ({ name, columns, widths, isCut }) => isText(name, LONGEST_NAME) && typeof isCut === "boolean"
    && isListOf(columns, MOST_COLUMNS, (column) => isText(column, 3))
    && isListOf(widths, MOST_COLUMNS, (width) => isWithin(width, 0, 100_000))
    && { name, columns, widths, isCut },
  rows: ({ rows }) => isListOf(rows, MOST_PORTION, isRow) && { rows },
};

/** @returns {{is: string} | null}  the message with the fields that belong to it, and no other */
export function checked(message) {
  if (typeof message !== "object" || message === null) return null;
  const { is } = message;
  if (typeof is !== "string" || !Object.hasOwn(CHECKS, is)) return null;
  const fields = CHECKS[is](message);
  return fields ? { is, ...fields } : null;
}

function isRow(row) {
  return typeof row === "object" && row !== null && isCount(row.number, 1, 10_000_000)
    && isListOf(row.cells, MOST_COLUMNS, (cell) => isText(cell, LONGEST_CELL));
}

function isCount(value, least, most) {
  return Number.isInteger(value) && isWithin(value, least, most);
}

function isWithin(value, least, most) {
  return typeof value === "number" && value >= least && value <= most;
}

function isText(value, longest) {
  return typeof value === "string" && value.length <= longest;
}

function isListOf(value, most, isOne) {
  return Array.isArray(value) && value.length <= most && value.every(isOne);
}
