// What is said of the materials while the download goes on.

import assert from "node:assert/strict";
import { test } from "node:test";

import { progressOf } from "../../static/js/meeting/agenda.js";
import { arrivingOf, stateOf } from "../../static/js/meeting/materials.js";
import { standingOf } from "../../static/js/reader/waiting.js";

const row = (n, state = "downloading") => ({ n, state });
const coming = (more = {}) => ({ ending: null, phase: "downloading", ready: [], front: null, ...more });

test("the material that comes now is the one somebody waits for, else the first that is not here", () => {
  const rows = [row(1, "ready"), row(2), row(3, "missing"), row(4)];
  assert.equal(arrivingOf(coming(), rows), 2);
  assert.equal(arrivingOf(coming({ ready: [1, 2] }), rows), 4);
  assert.equal(arrivingOf(coming({ front: 4 }), rows), 4);
  assert.equal(arrivingOf(coming({ front: 1 }), rows), 2, "what is here does not come");
  assert.equal(arrivingOf(coming({ ready: [1, 2, 4] }), rows), null);
});

test("nothing comes before the first byte, between two servers, while it is checked, or at the end", () => {
  for (const phase of ["waiting", "connecting", "verifying", "publishing"]) {
    assert.equal(arrivingOf(coming({ phase }), [row(1)]), null);
  }
  assert.equal(arrivingOf(coming({ ending: {} }), [row(1)]), null);
  assert.equal(arrivingOf(null, [row(1)]), null);
});

test("only what is waited for can be said to arrive", () => {
  assert.equal(stateOf(row(2), 2), "arriving");
  assert.equal(stateOf(row(2), 3), "downloading");
  assert.equal(stateOf(row(2, "ready"), 2), "ready");
});

test("an item of the agenda has come when nothing of it is waited for", () => {
  const item = (...materials) => ({ materials });
  assert.equal(progressOf(item(), 1), "ready");
  assert.equal(progressOf(item(row(1, "ready"), row(2, "missing")), 3), "ready");
  assert.equal(progressOf(item(row(1, "ready"), row(2)), 2), "arriving");
  assert.equal(progressOf(item(row(1), row(2)), 3), "waiting");
});

test("where a server sends everything in its own order, nothing is said to come first", () => {
  const streamed = coming({ front: 2, streamed: true });
  assert.equal(standingOf(streamed, 2), "coming");
  assert.equal(arrivingOf(streamed, [row(1), row(2)]), 1);
});

test("what is waited for comes first, unless somebody asked for another one since", () => {
  assert.equal(standingOf(null, 2), "none");
  assert.equal(standingOf(coming({ ending: {} }), 2), "none");
  assert.equal(standingOf(coming({ front: 2 }), 2), "first");
  assert.equal(standingOf(coming(), 2), "first", "it is being asked for");
  assert.equal(standingOf(coming({ front: 3 }), 2), "coming");
});
