// Neighbours, the same material in another revision, what changed in it, remembered places, and long texts.

import assert from "node:assert/strict";
import { test } from "node:test";

import { pageWords } from "../../static/js/reader/left.js";
import {
  addressOf, askedFor, changesBetween, neighbour, recentOf, revisionOf, rowAt, rowsOf, sameIn,
} from "../../static/js/reader/materials.js";
import { newsOf } from "../../static/js/reader/newer.js";
import { Places } from "../../static/js/reader/places.js";
import { placeAt, startOf } from "../../static/js/reader/start.js";
import { withoutAttributes } from "../../static/js/viewers/bare.js";
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
  assert.deepEqual([row.item, row.itemNumber, row.at, row.count], ["报告", 1, 2, 2]);
  assert.deepEqual(rowsOf(meeting).map(({ which }) => which), [1, 1, 2, 1]);
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
  assert.equal(addressOf("7", 3, "ff", { beside: 5 }), "/meetings/7/materials/3?r=ff&with=5");
  assert.deepEqual(askedFor("?r=ff&with=5"), { revision: "ff", beside: 5 });
  for (const nonsense of ["", "?with=", "?with=x", "?with=-1", "?with=1.5", "?with=1e999"]) {
    assert.equal(askedFor(nonsense).beside, null);
  }
  assert.equal(revisionOf({ meetings: [{ id: "7", local: { revision: "ff" } }] }, "7"), "ff");
  assert.equal(revisionOf({ meetings: null }, "7"), null);
});

const words = (key, fields = {}) => `${key}(${Object.values(fields).join(" ")})`;
const old = {
  agenda: [{ title: "报告", materials: [
    { ...material(1, "报告.pdf"), sha256: "a1" }, { ...material(2, "附件.pdf"), sha256: "b1" },
    { ...material(3, "附件.pdf"), sha256: "c1" }, { ...material(4, "旧.pdf"), sha256: "d1" },
    { ...material(5, "缺.pdf", "missing"), sha256: null },
  ] }],
};

test("what changed between two revisions is told by content, name by name", () => {
  const after = {
    agenda: [{ title: "报告", materials: [
      { ...material(1, "新.pdf"), sha256: "e1" }, { ...material(2, "报告.pdf"), sha256: "a2" },
      { ...material(3, "附件.pdf"), sha256: "b1" }, { ...material(4, "附件.pdf"), sha256: "c2" },
    ] }],
  };
  const { changed, added, gone } = changesBetween(old, after);
  assert.deepEqual(changed.map(({ n }) => n), [2, 4]);
  assert.deepEqual(added.map(({ name }) => name), ["新.pdf"]);
  assert.deepEqual(gone.map(({ name }) => name), ["旧.pdf"]);
});

test("another order or another name is no change of content", () => {
  const [{ materials }] = old.agenda;
  const turned = { agenda: [{ title: "别的", materials: [...materials].reverse() }] };
  assert.deepEqual(changesBetween(old, turned).added, []);
  const renamed = { agenda: [{ title: "报告", materials: [{ ...materials[0], name: "报告（定稿）.pdf" }] }] };
  assert.deepEqual(changesBetween({ agenda: [{ materials: materials.slice(0, 1) }] }, renamed),
    { changed: [], added: [], gone: [] });
});

test("the sentence of a new version begins with what is being read, and names two", () => {
  const rows = ["一", "二", "三"].map((name) => ({ name }));
  const said = newsOf({ changed: rows, added: [], gone: rows.slice(0, 1) }, ["三"], words);
  assert.match(said, /^reader\.news_changed\(3 list\.more\(三list\.comma\(\)一\)\)/);
  assert.match(said, /reader\.news_gone\(1 一\)$/);
  assert.equal(newsOf({ changed: [], added: [], gone: [] }, [], words), "reader.newer()");
});

test("the recent ones are those that can be opened, without the one that is open", () => {
  const met = { ...meeting, recent: [4, 9, 3, 2, 1] };
  assert.deepEqual(recentOf(met, { most: 2 }).map(({ n }) => n), [4, 2]);
  assert.deepEqual(recentOf(met, { most: 9, without: 4 }).map(({ n }) => n), [2, 1]);
  assert.deepEqual(recentOf(meeting, { most: 9 }), []);
});

test("where a material was left is said in pages or minutes, and not at its beginning", () => {
  const format = { playing: (seconds) => `${seconds} s` };
  const said = (place, pages = 9) => pageWords({ place, pages }, words, format);
  assert.equal(said({ page: 11 }), "reader.page_name(12)");
  assert.equal(said({ seconds: 83 }), "83 s");
  for (const nothing of [null, {}, { page: 0 }, { page: "x" }, { seconds: 0 }]) assert.equal(said(nothing), "");
  assert.equal(said({ page: 3 }, 1), "");
});

/** A terminal that keeps places, or fails to. */
class Keeper {
  told = [];
  fault = null;
  keep = async (meeting, what) => {
    this.told.push([meeting, what]);
    if (this.fault) throw this.fault;
  };
}

const row = { n: 2, name: "报告.pdf", which: 1, place: { page: 1 } };

test("a place is told to the terminal, once, and known here at once", async () => {
  const keeper = new Keeper();
  const places = new Places(keeper.keep);
  assert.deepEqual(places.get("7", row), { page: 1 });
  await places.set("7", { row, revision: "ff" }, { page: 3 });
  await places.set("7", { row, revision: "ff" }, { page: 3 });
  assert.deepEqual(keeper.told, [["7", { n: 2, revision: "ff", place: { page: 3 } }]]);
  assert.deepEqual(places.get("7", row), { page: 3 });
  assert.deepEqual(places.get("7", { ...row, which: 2 }), { page: 1 });
  await places.set("7", { row, revision: "ff" }, null);
  assert.deepEqual(places.get("7", row), { page: 3 }, "opened again before its place is known");
});

test("a place that could not be told is told the next time; one of a purged meeting is forgotten", async () => {
  const keeper = new Keeper();
  const places = new Places(keeper.keep);
  keeper.fault = { status: 0 };
  await places.set("7", { row, revision: null }, { page: 3 });
  assert.deepEqual(places.get("7", row), { page: 3 });
  keeper.fault = { status: 404 };
  await places.set("7", { row, revision: null }, { page: 3 });
  assert.equal(keeper.told.length, 2);
  assert.deepEqual(places.get("7", row), { page: 1 });
});

test("places do not grow without end", async () => {
  const places = new Places(async () => {});
  for (let n = 0; n < 500; n += 1) await places.set("7", { row: { n, name: `${n}`, which: 1 }, revision: null }, { page: n });
  assert.equal(places.get("7", { name: "0", which: 1 }), null);
  assert.deepEqual(places.get("7", { name: "499", which: 1 }), { page: 499 });
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
