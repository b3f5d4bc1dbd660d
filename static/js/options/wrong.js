/**
 * Why a value was refused, in the reader's language: from the row of the table, since the sentence
 * of the terminal is in English. Pure but for the words it is given.
 */

/**
 * @param {{name: string, type: string, minimum: number | null, maximum: number | null}} row
 * @param {{message?: string, details?: {why?: string}}} fault
 * @param {(key: string, fields?: object) => string} t
 */
export function wrongWords(row, fault, t) {
  const own = `options.wrong.${row.name}`;
  if (t(own) !== own) return t(own);
  const bounds = { minimum: row.minimum, maximum: row.maximum };
  if (row.type === "whole" || row.type === "number") {
    const hasBounds = row.minimum !== null && row.maximum !== null;
    return t(hasBounds ? `options.wrong.${row.type}` : "options.wrong.any_number", bounds);
  }
  const general = `options.wrong.${row.type}`;
  if (t(general) !== general) return t(general);
  return fault.details?.why ?? fault.message ?? t("options.wrong.other");
}

/**
 * What a person typed as the value that is sent, or null where it cannot be one at all.
 * @returns {{value: any} | null}
 */
export function valueOf(row, typed) {
  if (row.name === "server_ip") return isHost(typed) ? { value: typed } : null;
  if (row.type !== "whole" && row.type !== "number") return { value: typed };
  const text = typed.trim().replace(",", ".");
  const pattern = row.type === "whole" ? /^[+-]?\d{1,15}$/ : /^[+-]?\d{1,15}(\.\d{1,6})?$/;
  if (!pattern.test(text)) return null;
  const value = Number(text);
  if (row.minimum !== null && value < row.minimum) return null;
  if (row.maximum !== null && value > row.maximum) return null;
  return { value };
}

/** Whether it can be an address or a host name; the terminal has the last word. */
export function isHost(text) {
  if (text === "" || text.includes(":")) return true;
  const isNumbers = /^[\d.]+$/.test(text);
  if (isNumbers) return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split(".").every((part) => part <= 255);
  return /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?$/i.test(text);
}

/** The value after a press on − or +: one step, in round numbers, within the bounds. */
export function stepped(row, value, direction) {
  const step = stepOf(value, direction);
  const at = direction > 0
    ? Math.floor(value / step + 1e-9) * step + step
    : Math.ceil(value / step - 1e-9) * step - step;
  return Math.min(row.maximum ?? Infinity, Math.max(row.minimum ?? -Infinity, at));
}

/** 1 up to 20, then 5, 10, 50, 100, …: what a finger means by "a little more" grows with it. */
function stepOf(value, direction) {
  const size = Math.abs(value) - (direction < 0 ? 0.5 : 0);
  if (size < 20) return 1;
  const power = 10 ** Math.floor(Math.log10(size));
  return size < 5 * power ? power / 2 : power;
}
