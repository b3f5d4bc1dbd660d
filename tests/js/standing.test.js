// How it stands with a meeting, and which scene the start page shows.

import assert from "node:assert/strict";
import { test } from "node:test";

import { isOpen, sceneOf, standing } from "../../static/js/standing.js";

const running = { state: "downloading", percent: 63.7, serverCount: 5, ending: null };
const waiting = { state: "waiting", percent: 0, serverCount: 0, ending: null };
const failed = { state: "failed", percent: 40, serverCount: 5, ending: {} };
const here = { id: "M1", status: "ongoing", local: { missing: [] } };
const away = { id: "M1", status: "ongoing", local: null };
const known = { asked: true, online: true, configured: true };

test("a download under way comes before everything else", () => {
  assert.deepEqual(standing(here, running), { name: "running", key: "welcome.running", fields: { percent: 63 }, action: "watch" });
  assert.equal(standing(away, waiting).key, "welcome.waiting");
  assert.equal(isOpen(failed), false);
});

test("what is here can be opened, whatever became of the update", () => {
  assert.equal(standing(here, failed).action, "open");
  assert.equal(standing({ ...here, update: true }, null).name, "update");
  assert.deepEqual(standing({ ...here, local: { missing: ["a", "b"] } }, null).fields, { count: 2 });
});

test("what is not here is one tap away, and a failure is looked at first", () => {
  assert.equal(standing(away, null).action, "download");
  assert.equal(standing(away, failed).action, "watch");
});

test("one meeting that is on has the screen, ended ones stand below", () => {
  const old = { id: "M0", status: "ended", local: {} };
  const scene = sceneOf({ ...known, meetings: [old, away] });
  assert.deepEqual([scene.name, scene.main, scene.others], ["one", [away], [old]]);
});

test("several meetings are a choice, ended ones too when there is nothing else", () => {
  assert.equal(sceneOf({ ...known, meetings: [away, here] }).name, "several");
  assert.equal(sceneOf({ ...known, meetings: [{ id: "M0", status: "ended" }] }).name, "several");
});

test("an empty page says why it is empty", () => {
  assert.equal(sceneOf({ ...known, meetings: null }).name, "unknown");
  assert.equal(sceneOf({ ...known, meetings: [], configured: false, asked: false }).name, "unset");
  assert.equal(sceneOf({ ...known, meetings: [], asked: false }).name, "unknown");
  assert.equal(sceneOf({ ...known, meetings: [], online: false }).name, "offline");
  assert.equal(sceneOf({ ...known, meetings: [] }).name, "none");
});
