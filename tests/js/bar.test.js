// The bar: who delivered what.

import assert from "node:assert/strict";
import { test } from "node:test";

import { legendOf, partsOf } from "../../static/js/download/bar.js";
import { faceOf } from "../../static/js/meeting/stage.js";
import { titleOf, typeOf } from "../../static/js/meeting/materials.js";

const servers = ["a:1", "b:1", "c:1"];

test("the parts of the bar lie one behind the other and are the whole of what arrived", () => {
  const segments = [{ server: "a:1", bytes: 100 }, { server: "b:1", bytes: 300 }, { server: "a:1", bytes: 100 }];
  const parts = partsOf({ reusedBytes: 500, segments, servers });
  assert.deepEqual(parts.map(({ server, from, share }) => [server, Math.round(from * 100), Math.round(share * 100)]), [
    [null, 0, 50],
    ["a:1", 50, 10],
    ["b:1", 60, 30],
    ["a:1", 90, 10],
  ]);
  assert.equal(parts[1].tone, parts[3].tone);
  assert.notEqual(parts[1].tone, parts[2].tone);
});

test("nothing arrived: no parts, and nothing divided by it", () => {
  assert.deepEqual(partsOf({ reusedBytes: 0, segments: [], servers }), []);
});

test("the legend has one row a server", () => {
  const segments = [{ server: "a:1", bytes: 100 }, { server: "b:1", bytes: 300 }, { server: "a:1", bytes: 50 }];
  const rows = legendOf(partsOf({ reusedBytes: 0, segments, servers }));
  assert.deepEqual(rows.map(({ server, bytes }) => [server, bytes]), [["a:1", 150], ["b:1", 300]]);
});

test("the place above the cards shows what is called for", () => {
  const local = { local: {} };
  const away = { local: null };
  const ended = (state) => ({ state, ending: {} });
  assert.equal(faceOf(away, null), "invitation");
  assert.equal(faceOf(local, null), "none");
  assert.equal(faceOf(local, { state: "waiting", ending: null }), "running");
  assert.equal(faceOf(away, ended("complete")), "complete");
  assert.equal(faceOf(away, ended("cancelled")), "cancelled");
  assert.equal(faceOf(local, ended("cancelled")), "none");
  const failed = ended("failed");
  assert.equal(faceOf(local, failed), "failed");
  assert.equal(faceOf(local, failed, failed), "old");
});

test("a card's title leaves out the ending that its type says", () => {
  assert.equal(titleOf({ name: "报告.PDF", type: "pdf" }), "报告");
  assert.equal(titleOf({ name: ".pdf", type: "pdf" }), ".pdf");
  assert.equal(titleOf({ name: "没有后缀", type: "" }), "没有后缀");
});

test("a type is what the file name says, else what shows it", () => {
  assert.equal(typeOf({ type: "JPG", viewer: "image" }), "image");
  assert.equal(typeOf({ type: "xlsx", viewer: "none" }), "excel");
  assert.equal(typeOf({ type: "odp", viewer: "pdf" }), "powerpoint", "though its PDF is shown");
  assert.equal(typeOf({ type: "", viewer: "pdf" }), "pdf");
  assert.equal(typeOf({ type: "xyz", viewer: "none" }), "none");
});
