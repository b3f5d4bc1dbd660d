// Neighbours, the same material in another revision, remembered places, and long texts.

import assert from "node:assert/strict";
import { test } from "node:test";

import { addressOf, neighbour, revisionOf, rowAt, sameIn } from "../../static/js/reader/materials.js";
import { Places } from "../../static/js/reader/places.js";
import { placeAt, startOf } from "../../static/js/reader/start.js";
import { withoutAttributes } from "../../static/js/viewers/markdown.js";
import { cutAtLine, inPieces } from "../../static/js/viewers/words.js";

const material = (n, name, state = "ready") => ({ n, name, state });
const meeting = {
  agenda: [
    { title: "报告", materials: [material(1, "报告.pdf"), material(2, "附件.pdf")] },
    { title: "预算", materials: [material(3, "附件.pdf", "missing"), material(4, "表.xlsx", "unsupported")] },
  ],
};

test("the row of a material says where it stands", () => {
  const row = rowAt(meeting, 2);
  assert.deepEqual([row.item, row.itemNumber, row.place, row.count], ["报告", 1, 2, 2]);
  assert.equal(rowAt(meeting, 9), null);
});

test("the next material is the next that there is something to see of, across agenda items", () => {
  assert.equal(neighbour(meeting, 2, 1).n, 4);
  assert.equal(neighbour(meeting, 4, -1).n, 2);
  assert.equal(neighbour(meeting, 4, 1), null);
  assert.equal(neighbour(meeting, 1, -1), null);
});

test("in a newer revision the material is found by its name, best in its own agenda item", () => {
  const newer = {
    agenda: [
      { title: "新增", materials: [material(1, "附件.pdf")] },
      { title: "报告", materials: [material(2, "报告.pdf"), material(3, "附件.pdf")] },
    ],
  };
  assert.equal(sameIn(newer, rowAt(meeting, 2)).n, 3);
  assert.equal(sameIn(newer, rowAt(meeting, 3)).n, 1);
  assert.equal(sameIn(newer, rowAt(meeting, 4)), null);
});

test("the address keeps the revision, whatever the meeting is called", () => {
  assert.equal(addressOf("a/b", 3, "ff"), "/meetings/a%2Fb/materials/3?r=ff");
  assert.equal(addressOf("7", 3, null), "/meetings/7/materials/3");
  assert.equal(revisionOf({ meetings: [{ id: "7", local: { revision: "ff" } }] }, "7"), "ff");
  assert.equal(revisionOf({ meetings: null }, "7"), null);
});

class Storage {
  kept = new Map();
  getItem(key) { return this.kept.get(key) ?? null; }
  setItem(key, value) { this.kept.set(key, value); }
}

test("a place is remembered by the material's name and outlives the page", () => {
  const storage = new Storage();
  new Places(storage).set("7", "报告.pdf", { page: 3, y: 0.5 });
  assert.deepEqual(new Places(storage).get("7", "报告.pdf"), { page: 3, y: 0.5 });
  assert.equal(new Places(storage).get("8", "报告.pdf"), null);
});

test("places do not grow without end, and nonsense in the storage is nothing", () => {
  const storage = new Storage();
  const places = new Places(storage);
  for (let n = 0; n < 500; n += 1) places.set("7", `${n}`, { page: n });
  assert.equal(places.get("7", "0"), null);
  assert.deepEqual(places.get("7", "499"), { page: 499 });
  storage.setItem("kiosk.places", "{not json");
  assert.equal(new Places(storage).get("7", "499"), null);
});

test("a long text falls into pieces that are the text again", () => {
  const text = Array.from({ length: 999 }, (_, n) => `第 ${n} 行\r\n`).join("") + "𠮷".repeat(500);
  const pieces = inPieces(text, 100);
  assert.equal(pieces.join(""), text.replaceAll("\r\n", "\n"));
  assert.ok(pieces.every((piece) => piece.length <= 100 && !/^[\udc00-\udfff]/.test(piece)));
});

test("a text that is cut ends with a whole line", () => {
  assert.equal(cutAtLine("one\ntwo\nthr"), "one\ntwo");
  assert.equal(cutAtLine("one line only"), "one line only");
});

test("raw markup in Markdown keeps its tags and loses everything else", () => {
  assert.equal(withoutAttributes('<b style="x" onclick="y">fat</b><br>'), "<b>fat</b><br>");
  assert.equal(withoutAttributes('a<script>alert(1)</script><img src=x onerror="1">b'), "ab");
  assert.equal(withoutAttributes("<img src=x onerror=alert(1)"), "&lt;img src=x onerror=alert(1)");
});

test("an address says at which page a material opens and what is marked there", () => {
  assert.deepEqual(startOf("?r=ff&page=150&find=%E5%B7%A5%E4%BD%9C"), { page: 150, find: "工作" });
  assert.deepEqual(startOf(""), { page: null, find: "" });
  const address = addressOf("7", 3, "ff", { page: 150, find: "a&b=c" });
  assert.deepEqual(startOf(new URL(address, "http://127.0.0.1").search), { page: 150, find: "a&b=c" });
});

test("a page that makes no sense is none, and words have an end", () => {
  for (const page of ["0", "-3", "1e3", "12345678", "２", "1.5", "x"]) assert.equal(startOf(`?page=${page}`).page, null);
  assert.equal([...startOf(`?find=${"𠮷".repeat(999)}`).find].length, 200);
});

test("the page of the address wins over the remembered one; how it was shown stays", () => {
  const remembered = { page: 3, y: 0.5, fit: null, scale: 2, turn: 90 };
  assert.equal(placeAt(remembered, { page: null }), remembered);
  assert.deepEqual(placeAt(remembered, { page: 150 }), { page: 149, y: 0, fit: null, scale: 2, turn: 90 });
  assert.deepEqual(placeAt(null, { page: 1 }), { page: 0, y: 0 });
});
