// The page and the terminal make the same snapshot of the same events.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { reduceDownload } from "../../static/js/progress.js";

const vectors = JSON.parse(readFileSync(new URL("../vectors/downloads.json", import.meta.url), "utf8"));

for (const { name, events, snapshot } of vectors) {
  test(`the page agrees with the terminal: ${name}`, () => {
    assert.deepEqual(after(events), snapshot);
  });
}

for (const { name, events } of vectors) {
  test(`nothing runs backwards, whatever order the events come in: ${name}`, () => {
    for (const order of [events, events.toReversed(), [...events, ...events]]) {
      order.reduce((before, event) => {
        const now = after([event], before);
        const again = event.event === "downloadStart" || event.event === "downloadQueued";
        if (before && !again) assertForward(before, now);
        return now;
      }, null);
    }
  });
}

function after(events, before = null) {
  return events.reduce((snapshot, { event, ...payload }) => reduceDownload(snapshot, event, payload), before);
}

function assertForward(before, now) {
  for (const figure of ["percent", "receivedBytes", "reusedBytes"]) {
    assert.ok(now[figure] >= before[figure], `${figure} fell from ${before[figure]} to ${now[figure]}`);
  }
  assert.ok(now.percent <= 100);
  if (before.ending) assert.equal(now, before);
}
