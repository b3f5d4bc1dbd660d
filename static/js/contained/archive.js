/**
 * The parts of an office file, which is a ZIP archive: what the directory at its end lists, and never
 * more bytes than the limits, whatever the archive says of itself.
 */

export const LIMITS = { parts: 20_000, part: 96 * 2 ** 20, total: 320 * 2 ** 20 };

const END_BYTES = 22;
const LONGEST_COMMENT = 65_535;
const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;
const ZIP_MARK = [0x50, 0x4b];
const OLE_MARK = [0xd0, 0xcf, 0x11, 0xe0];

/** Why a file is not shown: `code` is one of reader.fault.* of the page outside. */
export class Fault extends Error {
  constructor(code, why = code) {
    super(why);
    this.code = code;
  }
}

export class Archive {
  #bytes;
  #parts;
  #unpacked = 0;
  #documents = new Map();

  /** @param {Uint8Array} bytes  @throws {Fault} where they are no archive that can be read */
  constructor(bytes) {
    this.#bytes = bytes;
    this.#parts = directoryOf(bytes);
  }

  has(name) { return this.#parts.has(keyOf(name)); }

  /** The bytes of a part; null where there is none of that name. */
  async bytes(name) {
    const part = this.#parts.get(keyOf(name));
    return part ? this.#unpack(part, true) : null;
  }

  /** A part as an XML document, read once; null where there is none or it is no XML. */
  async xml(name) {
    const key = keyOf(name);
    if (!this.#documents.has(key)) this.#documents.set(key, this.#parse(name));
    return this.#documents.get(key);
  }

  /** Unpacks everything once and keeps nothing: readers that know no limits may have it then. */
  async measure() {
    for (const part of this.#parts.values()) await this.#unpack(part, false);
  }

  async #parse(name) {
    const bytes = await this.bytes(name);
    if (!bytes) return null;
    const parsed = new DOMParser().parseFromString(new TextDecoder().decode(bytes), "application/xml");
    return parsed.querySelector("parsererror") ? null : parsed;
  }

  async #unpack(part, isKept) {
    const packed = dataOf(this.#bytes, part);
    const pieces = [];
    let length = 0;
    const reader = streamOf(packed, part.method).getReader();
    for (;;) {
      const { done, value } = await reader.read().catch((cause) => {
        throw new Fault("broken", cause.message);
      });
      if (done) break;
      length += value.length;
      this.#unpacked += value.length;
      if (length > LIMITS.part || this.#unpacked > LIMITS.total) {
        await reader.cancel();
        throw new Fault("too-large");
      }
      if (isKept) pieces.push(value);
    }
    return isKept ? new Uint8Array(await new Blob(pieces).arrayBuffer()) : null;
  }
}

/** What the first bytes say that it is: "zip", "ole" or "other". @throws {Fault} where it has a password */
export function kindOf(bytes) {
  if (begins(bytes, ZIP_MARK)) return "zip";
  if (!begins(bytes, OLE_MARK)) return "other";
  if (holds(bytes, "EncryptedPackage")) throw new Fault("encrypted");
  return "ole";
}

function begins(bytes, mark) {
  return mark.every((byte, at) => bytes[at] === byte);
}

/** Whether the word stands in the bytes as UTF-16, as names do in an OLE file. */
function holds(bytes, word) {
  const wanted = [...word].flatMap((letter) => [letter.charCodeAt(0), 0]);
  for (let at = bytes.indexOf(wanted[0]); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return true;
  }
  return false;
}

function directoryOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count > LIMITS.parts) throw new Fault("too-large");
  const parts = new Map();
  for (let n = 0; n < count; n += 1) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50) throw new Fault("broken", "no directory");
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if (view.getUint16(at + 8, true) & ENCRYPTED) throw new Fault("encrypted");
    parts.set(keyOf(name), {
      method: view.getUint16(at + 10, true),
      packed: view.getUint32(at + 20, true),
      offset: view.getUint32(at + 42, true),
    });
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return parts;
}

function endOf(view) {
  const first = Math.max(0, view.byteLength - END_BYTES - LONGEST_COMMENT);
  for (let at = view.byteLength - END_BYTES; at >= first; at -= 1) {
    if (view.getUint32(at, true) === 0x06054b50) return at;
  }
  throw new Fault("broken", "no end record");
}

function dataOf(bytes, { offset, packed }) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (offset + 30 > bytes.length || view.getUint32(offset, true) !== 0x04034b50) {
    throw new Fault("broken", "a part is not where its directory says");
  }
  const begin = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (begin + packed > bytes.length) throw new Fault("broken", "a part runs over the end");
  return bytes.subarray(begin, begin + packed);
}

function streamOf(packed, method) {
  const stream = new Blob([packed]).stream();
  if (method === STORED) return stream;
  if (method !== DEFLATED) throw new Fault("broken", `method ${method}`);
  return stream.pipeThrough(new DecompressionStream("deflate-raw"));
}

/** Part names are compared without case and without a slash in front (ECMA-376-2, 6.2.2). */
function keyOf(name) {
  return name.replaceAll("\\", "/").replace(/^\/+/, "").toLowerCase();
}
