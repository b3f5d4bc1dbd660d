// The page and the terminal make the same snapshot of the same events.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { isCatchingUp, reduceDownload } from "../../static/js/progress.js";

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
  const shown = ({ receivedBytes, reusedBytes }) => receivedBytes + reusedBytes;
  assert.ok(now.percent >= before.percent, `percent fell from ${before.percent} to ${now.percent}`);
  assert.ok(shown(now) >= shown(before), `bytes fell from ${shown(before)} to ${shown(now)}`);
  assert.ok(now.percent <= 100);
  if (before.ending) assert.equal(now, before);
}

test("what is fetched again is said to be until it is here again", () => {
  const at = (receivedBytes, heldBytes) => ({ phase: "downloading", receivedBytes, reusedBytes: 0, heldBytes });
  assert.ok(isCatchingUp(at(500, 50)));
  assert.ok(!isCatchingUp(at(500, 500)));
  assert.ok(!isCatchingUp({ ...at(500, 50), phase: "connecting" }));
});
