/** Fetches the words of a material, as UTF-8, and at most as many as a page can hold. */

/** What did not come: `code` is one of reader.fault.*. */
export class WordsFault extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * @param {string} url  the material's address
 * @param {{limit: number, signal: AbortSignal}} options  limit: bytes that are read
 * @returns {Promise<{text: string, isCut: boolean}>}  cut: at the end of a line where there is one
 * @throws {WordsFault}
 */
export async function fetchWords(url, { limit, signal }) {
  const address = new URL(url, location.href);
  address.searchParams.set("as", "text");
  const { bytes, isCut } = await fetchUpTo(address, { limit, signal });
  const text = new TextDecoder("utf-8").decode(bytes);
  return { text: isCut ? cutAtLine(text) : text, isCut };
}

/**
 * The first bytes of what is at an address, `limit` at most.
 * @returns {Promise<{bytes: Uint8Array, isCut: boolean}>}
 * @throws {WordsFault}
 */
export async function fetchUpTo(address, { limit, signal }) {
  const answer = await fetch(address, { signal, cache: "no-store" }).catch((error) => {
    if (signal.aborted) throw error;
    throw new WordsFault("not-loaded");
  });
  if (!answer.ok) throw new WordsFault(answer.status === 404 ? "gone" : "not-loaded");
  return readUpTo(answer.body.getReader(), limit);
}

async function readUpTo(reader, limit) {
  const pieces = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { bytes: joined(pieces, length), isCut: false };
    pieces.push(value.subarray(0, limit - length));
    length += pieces.at(-1).length;
    if (length < limit) continue;
    const next = await reader.read();
    await reader.cancel();
    return { bytes: joined(pieces, length), isCut: !next.done || pieces.at(-1).length < value.length };
  }
}

function joined(pieces, length) {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Without the last, torn line; a text of one line stays as it is. */
export function cutAtLine(text) {
  const end = text.lastIndexOf("\n");
  return end > 0 ? text.slice(0, end) : text;
}

/**
 * Splits a text into pieces that a browser lays out one by one as they come into view.
 * @param {string} text
 * @param {number} size  characters in a piece; a line longer than that is split too
 * @returns {string[]}  joined with nothing between them they are the text without carriage returns
 */
export function inPieces(text, size) {
  const clean = text.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  const pieces = [];
  for (let start = 0; start < clean.length;) {
    const end = pieceEnd(clean, start, size);
    pieces.push(clean.slice(start, end));
    start = end;
  }
  return pieces;
}

function pieceEnd(text, start, size) {
  if (start + size >= text.length) return text.length;
  const line = text.lastIndexOf("\n", start + size - 1);
  if (line >= start) return line + 1;
  const unit = text.charCodeAt(start + size - 1);
  const isHalf = unit >= 0xd800 && unit < 0xdc00;
  return start + size - (isHalf && size > 1 ? 1 : 0);
}
