// Snapshot first, then every event once and in order.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Sequence } from "../../static/js/sequence.js";

function listening() {
  const heard = [];
  let gaps = 0;
  const sequence = new Sequence(
    (name, { seq }) => heard.push(`${name} ${seq}`),
    () => (gaps += 1),
  );
  return { sequence, heard, gaps: () => gaps };
}

test("what comes before the snapshot waits for it", () => {
  const { sequence, heard } = listening();
  sequence.event("b", { seq: 6 });
  sequence.event("a", { seq: 5 });
  sequence.snapshot({ seq: 4 });
  assert.deepEqual(heard, ["snapshot 4", "a 5", "b 6"]);
});

test("what the snapshot holds already is not told again", () => {
  const { sequence, heard } = listening();
  sequence.event("a", { seq: 4 });
  sequence.snapshot({ seq: 4 });
  sequence.event("a", { seq: 4 });
  sequence.event("b", { seq: 5 });
  sequence.event("b", { seq: 5 });
  assert.deepEqual(heard, ["snapshot 4", "b 5"]);
});

test("a gap is told, and the event behind it is used", () => {
  const { sequence, heard, gaps } = listening();
  sequence.snapshot({ seq: 1 });
  sequence.event("a", { seq: 2 });
  assert.equal(gaps(), 0);
  sequence.event("b", { seq: 9 });
  assert.equal(gaps(), 1);
  assert.deepEqual(heard, ["snapshot 1", "a 2", "b 9"]);
});

test("a restarted terminal counts from one again", () => {
  const { sequence, heard } = listening();
  sequence.snapshot({ seq: 900 });
  sequence.reset();
  sequence.event("a", { seq: 3 });
  sequence.snapshot({ seq: 2 });
  assert.deepEqual(heard, ["snapshot 900", "snapshot 2", "a 3"]);
});

test("events without end before a snapshot do not fill the memory", () => {
  const { sequence, heard } = listening();
  for (let seq = 1; seq <= 5000; seq += 1) sequence.event("a", { seq });
  sequence.snapshot({ seq: 0 });
  assert.equal(heard.length, 1001);
  assert.equal(heard.at(-1), "a 5000");
});
