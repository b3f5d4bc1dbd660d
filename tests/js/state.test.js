// What the page knows follows from what it heard.

import assert from "node:assert/strict";
import { test } from "node:test";

import { INITIAL, Store, reduce } from "../../static/js/state.js";

const SNAPSHOT = { seq: 7, online: true, asked: true, server: "10.1.1.12:8001", meetings: [{ id: "M1" }], downloads: [] };
const START = { meetingId: "M1", at: null, servers: ["10.1.1.11:8001"], totalBytes: 100 };

function after(...events) {
  return events.reduce((state, [name, payload]) => reduce(state, name, payload), INITIAL);
}

test("nothing is known before the snapshot", () => {
  assert.equal(INITIAL.meetings, null);
  assert.equal(INITIAL.connection, "starting");
});

test("a snapshot says everything, also that a download is gone", () => {
  const state = after(["snapshot", SNAPSHOT], ["downloadStart", START], ["snapshot", SNAPSHOT]);
  assert.deepEqual(state.downloads, {});
  assert.equal(state.connection, "live");
  assert.equal(state.server, "10.1.1.12:8001");
});

test("a lost line keeps what was known and says that it is lost", () => {
  const state = after(["snapshot", SNAPSHOT], ["disconnected"]);
  assert.equal(state.connection, "lost");
  assert.deepEqual(state.meetings, SNAPSHOT.meetings);
});

test("a line that never was cannot be lost", () => {
  assert.equal(after(["disconnected"]).connection, "starting");
});

test("downloads of several meetings do not touch one another", () => {
  const state = after(["downloadStart", START], ["downloadStart", { ...START, meetingId: "M2" }]);
  const moved = reduce(state, "downloadProgress", { meetingId: "M2", phase: "downloading", percent: 40, receivedBytes: 40 });
  assert.equal(moved.downloads.M1, state.downloads.M1);
  assert.equal(moved.downloads.M2.percent, 40);
});

test("a meeting may be called like a property of every object", () => {
  const state = after(["downloadStart", { ...START, meetingId: "__proto__" }], ["downloadProgress", { meetingId: "constructor", percent: 3 }]);
  assert.equal(Object.hasOwn(state.downloads, "constructor"), false);
  assert.equal({}.percent, undefined);
});

test("an ending and a change make the meetings worth asking for again", () => {
  const begun = after(["downloadStart", START]);
  const done = reduce(begun, "downloadComplete", { meetingId: "M1", receivedBytes: 100 });
  assert.ok(done.changes > begun.changes);
  assert.ok(reduce(done, "meetingsChanged", { meetingId: "" }).changes > done.changes);
});

test("events nobody knows change nothing", () => {
  assert.equal(after(["somethingElse", { meetingId: "M1" }]), INITIAL);
});

test("a listener hears each change once, and nothing after its signal", () => {
  const store = new Store();
  const leaving = new AbortController();
  const heard = [];
  store.subscribe((state, before) => heard.push([before.connection, state.connection]), { signal: leaving.signal });
  store.dispatch("snapshot", SNAPSHOT);
  store.dispatch("disconnected");
  store.dispatch("disconnected");
  leaving.abort();
  store.dispatch("snapshot", SNAPSHOT);
  assert.deepEqual(heard, [["starting", "live"], ["live", "lost"]]);
});
