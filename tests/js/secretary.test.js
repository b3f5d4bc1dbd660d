// Files that are dropped in go one after the other, and each says what came of it; files by folder.

import assert from "node:assert/strict";
import { test } from "node:test";

import { byFolder } from "../../static/js/secretary/files.js";
import { Uploads } from "../../static/js/secretary/uploads.js";

/** Uploads whose sending ends when the test says so. */
function scripted() {
  const sent = [];
  const uploads = new Uploads(
    (row, told) => new Promise((done, failed) => sent.push({ row, told, done, failed })),
    () => {},
  );
  return { uploads, sent };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const file = (name, size = 10) => ({ name, size });
const states = (uploads) => uploads.rows.map(({ state }) => state);

test("one file is sent at a time, in the order in which they were dropped", async () => {
  const { uploads, sent } = scripted();
  for (const name of ["a", "b"]) void uploads.add("M1", file(name));
  assert.deepEqual(states(uploads), ["sending", "waiting"]);
  sent[0].told(4);
  assert.equal(uploads.rows[0].sent, 4);
  sent[0].done();
  await turn();
  assert.deepEqual(states(uploads), ["done", "sending"]);
  assert.equal(sent[1].row.file.name, "b");
  assert.equal(uploads.isBusy, true);
  sent[1].done();
  await turn();
  assert.equal(uploads.isBusy, false);
});

test("what failed says why, holds nobody up, and can be tried again in the place of what is there", async () => {
  const { uploads, sent } = scripted();
  for (const name of ["a", "b"]) void uploads.add("M1", file(name));
  sent[0].failed({ code: "file-exists", details: {} });
  await turn();
  assert.deepEqual(states(uploads), ["failed", "sending"]);
  assert.equal(uploads.rows[0].fault.code, "file-exists");
  sent[1].done();
  await turn();
  void uploads.again(uploads.rows[0].key, { replace: true });
  assert.equal(sent[2].row.replace, true);
  assert.equal(sent[2].row.fault, null);
});

test("what is too large or empty is not sent at all", () => {
  const { uploads, sent } = scripted();
  uploads.most = 100;
  void uploads.add("M1", file("a", 101));
  void uploads.add("M1", file("b", 0));
  assert.deepEqual(uploads.rows.map(({ fault }) => fault.code), ["upload-too-large", "empty-file"]);
  assert.equal(sent.length, 0);
});

test("what is there already is asked about before it is sent", () => {
  const { uploads, sent } = scripted();
  void uploads.add("M1", file("a"), { isThere: true });
  assert.deepEqual(uploads.rows.map(({ state, fault }) => [state, fault.code]), [["failed", "file-exists"]]);
  assert.equal(sent.length, 0);
  void uploads.again(uploads.rows[0].key, { replace: true });
  assert.equal(sent[0].row.replace, true);
});

test("what arrived goes from the list when the meeting lists it, in whatever form of its name", async () => {
  const { uploads, sent } = scripted();
  void uploads.add("M1", file("e\u0301.pdf"));
  uploads.settle("M1", ["\u00e9.pdf"]);
  assert.equal(uploads.rows.length, 1, "it has not arrived yet");
  sent[0].done();
  await turn();
  uploads.settle("M2", ["\u00e9.pdf"]);
  assert.equal(uploads.rows.length, 1, "another meeting's");
  uploads.settle("M1", ["\u00e9.pdf"]);
  assert.equal(uploads.rows.length, 0);
});

test("a row can be taken away, but not while it is being sent", async () => {
  const { uploads, sent } = scripted();
  void uploads.add("M1", file("a"));
  uploads.drop(uploads.rows[0].key);
  assert.equal(uploads.rows.length, 1);
  sent[0].failed({ code: "no-answer" });
  await turn();
  uploads.drop(uploads.rows[0].key);
  assert.equal(uploads.rows.length, 0);
});

test("files are shown folder by folder, those at the top first", () => {
  const rows = ["b/2.pdf", "a.pdf", "b/c/3.pdf"].map((path) => ({ path }));
  const shown = [...byFolder(rows)].map(([folder, inside]) => [folder, inside.map(({ name }) => name)]);
  assert.deepEqual(shown, [["", ["a.pdf"]], ["b", ["2.pdf", "c/3.pdf"]]]);
  assert.deepEqual([...byFolder([{ path: "x/1" }]).keys()], ["x"]);
});
