// What is said of Office files: that they are being prepared, or why they cannot be.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { openable } from "../../static/js/meeting/agenda.js";
import { stateOf } from "../../static/js/meeting/materials.js";
import { needsWaiting } from "../../static/js/reader/waiting.js";
import { wordsFor } from "../../static/js/viewers/none.js";

const ENGLISH = JSON.parse(readFileSync(new URL("../../static/i18n/en.json", import.meta.url), "utf8"));

test("what is being prepared is here, and yet waited for", () => {
  const states = ["ready", "preparing", "unsupported", "missing", "remote", "downloading"];
  assert.equal(openable({ materials: states.map((state) => ({ state })) }), 3);
  assert.deepEqual(states.filter((state) => needsWaiting({ state })), ["preparing", "missing", "remote", "downloading"]);
  assert.equal(stateOf({ n: 2, state: "preparing" }, 2), "preparing");
});

test("each trouble has its own words, and one that nobody knows those of any strange file", () => {
  const troubles = ["encrypted", "broken", "took-too-long", "too-large", "no-converter", "no-space"];
  for (const trouble of troubles) {
    const keys = wordsFor({ viewer: "office", trouble });
    assert.deepEqual(keys, [`reader.trouble.${trouble}`, `reader.trouble.${trouble}.hint`]);
    assert.ok(keys.every((key) => ENGLISH[key]));
  }
  const strange = ["reader.none_title", "reader.none_words"];
  assert.deepEqual(wordsFor({ viewer: "office", trouble: "unknown" }), strange);
  assert.deepEqual(wordsFor({ viewer: "office", trouble: "<script>" }), strange);
  assert.deepEqual(wordsFor({ viewer: "none", trouble: null }), strange);
});
