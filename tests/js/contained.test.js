// Contained readers: what they may say, and archives that say other things than they hold.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";

import { Archive, Fault, LIMITS, kindOf } from "../../static/js/contained/archive.js";
import { resolved } from "../../static/js/contained/slides/parts.js";
import { foldersOf } from "../../static/js/viewers/archive.js";
import { checked } from "../../static/js/viewers/contained/messages.js";

/** The bytes of an archive; its directory tells a size of 5 for each part. */
function zip(parts, { method = 8, flags = 0 } = {}) {
  const bodies = [];
  const rows = [];
  let offset = 0;
  for (const [name, content] of Object.entries(parts)) {
    const packed = method === 8 ? deflateRawSync(content) : Buffer.from(content);
    const title = Buffer.from(name);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(method, 8);
    head.writeUInt32LE(packed.length, 18);
    head.writeUInt16LE(title.length, 26);
    const row = Buffer.alloc(46);
    row.writeUInt32LE(0x02014b50, 0);
    row.writeUInt16LE(flags, 8);
    row.writeUInt16LE(method, 10);
    row.writeUInt32LE(packed.length, 20);
    row.writeUInt32LE(5, 24);
    row.writeUInt16LE(title.length, 28);
    row.writeUInt32LE(offset, 42);
    bodies.push(head, title, packed);
    rows.push(row, title);
    offset += 30 + title.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(parts).length, 10);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...bodies, ...rows, end]));
}

const words = async (archive, name) => new TextDecoder().decode(await archive.bytes(name));

test("a part is found whatever the case and the slashes of its name", async () => {
  const archive = new Archive(zip({ "Word\\Document.xml": "<a/>", "[Content_Types].xml": "<b/>" }));
  assert.equal(await words(archive, "/word/document.XML"), "<a/>");
  assert.equal(await archive.bytes("word/nothing.xml"), null);
  assert.ok(archive.has("[content_types].xml"));
});

test("stored parts are read as they are", async () => {
  assert.equal(await words(new Archive(zip({ a: "words" }, { method: 0 })), "a"), "words");
});

test("a bomb is stopped at the bytes that it really gives", async () => {
  const archive = new Archive(zip({ a: Buffer.alloc(LIMITS.part + 1) }));
  await assert.rejects(archive.measure(), { code: "too-large" });
  const many = Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, Buffer.alloc(90 * 2 ** 20)]));
  await assert.rejects(new Archive(zip(many)).measure(), { code: "too-large" });
});

test("what is no archive, or lies about itself, is broken", async () => {
  assert.throws(() => new Archive(new Uint8Array(10)), Fault);
  assert.throws(() => new Archive(new Uint8Array(100_000)), { code: "broken" });
  const torn = zip({ a: "words" });
  torn[torn.length - 6] = 0xff;
  assert.throws(() => new Archive(torn), { code: "broken" });
  const moved = zip({ a: "words" });
  moved[0] = 0;
  await assert.rejects(new Archive(moved).bytes("a"), { code: "broken" });
  const noise = zip({ a: "words" });
  noise.fill(0xff, 31, 36);
  await assert.rejects(new Archive(noise).measure(), { code: "broken" });
  await assert.rejects(new Archive(zip({ a: "words" }, { method: 99 })).bytes("a"), { code: "broken" });
});

test("a password is told from damage", () => {
  const ole = [0xd0, 0xcf, 0x11, 0xe0, ...Buffer.from("..EEncryptedPackage", "utf16le")];
  assert.throws(() => kindOf(new Uint8Array(ole)), { code: "encrypted" });
  assert.throws(() => new Archive(zip({ a: "words" }, { flags: 1 })), { code: "encrypted" });
  assert.equal(kindOf(new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 1, 2])), "ole");
  assert.equal(kindOf(zip({ a: "" })), "zip");
  assert.equal(kindOf(new Uint8Array([1, 2])), "other");
});

test("a relationship never leads out of the file", () => {
  assert.equal(resolved("ppt/slides/slide1.xml", "../media/a.png"), "ppt/media/a.png");
  assert.equal(resolved("ppt/slides/slide1.xml", "/ppt/media/a.png"), "ppt/media/a.png");
  assert.equal(resolved("ppt/slides/slide1.xml", "../../../../../etc/passwd"), "etc/passwd");
});

test("what a reader says passes with its own fields only", () => {
  assert.deepEqual(checked({ is: "ready", pages: 3, more: "x" }), { is: "ready", pages: 3 });
  assert.deepEqual(checked({ is: "tap", url: "x" }), { is: "tap" });
  assert.deepEqual(checked({ is: "fault", code: "encrypted" }), { is: "fault", code: "encrypted" });
  assert.deepEqual(checked({ is: "key", key: "End", isCommand: false }), { is: "key", key: "End", isCommand: false });
  const at = { is: "at", page: 2, zoom: 1.5, isFitted: true, share: 0.25 };
  assert.deepEqual(checked(at), at);
  const sheet = { is: "sheet", name: "表", columns: ["A"], widths: [80], isCut: false };
  assert.deepEqual(checked(sheet), sheet);
  const rows = { is: "rows", rows: [{ number: 1, cells: ["a"] }] };
  assert.deepEqual(checked(rows), rows);
});

test("anything else that a reader says is nothing", () => {
  const wrong = [
    null, 1, "ready", [], {}, { is: "constructor" }, { is: "navigate", url: "/" },
    { is: "ready", pages: 0 }, { is: "ready", pages: "3" }, { is: "ready", pages: 1e9 },
    { is: "fault", code: "<b>" }, { is: "fault", code: "constructor" },
    { is: "key", key: "a", isCommand: false }, { is: "key", key: "w", isCommand: true }, { is: "key", key: {}, isCommand: true },
    { is: "at", page: 1, zoom: NaN, isFitted: true, share: 0 }, { is: "at", page: 1, zoom: 1, isFitted: true, share: 2 },
    { is: "sheet", name: "x".repeat(101), columns: [], widths: [], isCut: false },
    { is: "sheet", name: "x", columns: Array(201).fill("A"), widths: [], isCut: false },
    { is: "sheet", name: "x", columns: [{}], widths: [], isCut: false },
    { is: "rows", rows: [{ number: 1, cells: [1] }] }, { is: "rows", rows: [{ number: 1, cells: ["x".repeat(2001)] }] },
    { is: "rows", rows: Array(1001).fill({ number: 1, cells: [] }) }, { is: "rows", rows: { length: 1 } }, { is: "rows", rows: [null] },
  ];
  for (const message of wrong) assert.equal(checked(message), null, JSON.stringify(message));
});

test("the files of an archive stand under their folders, in the order they came", () => {
  const folders = foldersOf([["a.txt", 1], ["附件/b.txt", 2], ["附件/图/c.png", 3], ["附件/d.txt", 4]]);
  assert.deepEqual([...folders], [
    ["", [["a.txt", 1]]], ["附件", [["b.txt", 2], ["d.txt", 4]]], ["附件/图", [["c.png", 3]]],
  ]);
});
