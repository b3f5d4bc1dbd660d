// What a screen that nobody touches shows, where its clock stands, and the way back.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Away } from "../../static/js/idle/away.js";
import { Quiet, driftAt } from "../../static/js/idle/stages.js";

const MINUTE = 60_000;
const LIMITS = { idleMinutes: 15, dimMinutes: 10 };
const READING = { isHome: false, isBusy: false };
const HOME = { isHome: true, isBusy: false };

test("after its minutes the welcome page returns, and after its own minutes the clock", () => {
  const quiet = new Quiet(0);
  assert.equal(quiet.stageAt(15 * MINUTE - 1, LIMITS, READING), "awake");
  assert.equal(quiet.stageAt(15 * MINUTE, LIMITS, READING), "home");
  assert.equal(quiet.stageAt(25 * MINUTE - 1, LIMITS, HOME), "awake");
  assert.equal(quiet.stageAt(25 * MINUTE, LIMITS, HOME), "night");
});

test("a touch begins it anew", () => {
  const quiet = new Quiet(0);
  quiet.touched(14 * MINUTE);
  assert.equal(quiet.stageAt(28 * MINUTE, LIMITS, READING), "awake");
  assert.equal(quiet.stageAt(29 * MINUTE, LIMITS, READING), "home");
});

test("what runs keeps the screen, and counts as a touch", () => {
  const quiet = new Quiet(0);
  assert.equal(quiet.stageAt(60 * MINUTE, LIMITS, { ...READING, isBusy: true }), "awake");
  assert.equal(quiet.stageAt(74 * MINUTE, LIMITS, READING), "awake");
  assert.equal(quiet.stageAt(75 * MINUTE, LIMITS, READING), "home");
});

test("0 minutes are never, each by itself", () => {
  const never = { idleMinutes: 0, dimMinutes: 0 };
  assert.equal(new Quiet(0).stageAt(1e9, never, READING), "awake");
  assert.equal(new Quiet(0).stageAt(1e9, never, HOME), "awake");
  assert.equal(new Quiet(0).leftAt(1e9, never, HOME), Infinity);
  assert.equal(new Quiet(0).stageAt(1e9, { ...never, dimMinutes: 1 }, HOME), "night");
});

test("a look that comes hours late, as after a sleep of the machine, takes one step and not two", () => {
  const quiet = new Quiet(0);
  const late = 600 * MINUTE;
  assert.equal(quiet.stageAt(late, LIMITS, READING), "home");
  assert.equal(quiet.stageAt(late, LIMITS, HOME), "awake");
});

test("where touches cannot be heard a silence may be longer", () => {
  const quiet = new Quiet(0);
  assert.equal(quiet.stageAt(59 * MINUTE, LIMITS, { ...READING, slack: 4 }), "awake");
  assert.equal(quiet.stageAt(60 * MINUTE, LIMITS, { ...READING, slack: 4 }), "home");
});

test("the clock moves each minute, a little, and gets around", () => {
  const spots = Array.from({ length: 24 * 60 }, (_, minute) => driftAt(29_000_000 + minute));
  for (const [index, { x, y }] of spots.slice(1).entries()) {
    const way = Math.hypot(x - spots[index].x, y - spots[index].y);
    assert.ok(way > 0.0005 && way < 0.12, `a way of ${way}`);
    assert.ok(Math.abs(x) <= 1 && Math.abs(y) <= 1);
  }
  const fields = new Set(spots.map(({ x, y }) => `${Math.round(x * 2)} ${Math.round(y * 2)}`));
  assert.equal(fields.size, 25, "every part of the screen in a day");
});

class Storage {
  kept = new Map();
  getItem(key) { return this.kept.get(key) ?? null; }
  setItem(key, value) { this.kept.set(key, value); }
  removeItem(key) { this.kept.delete(key); }
}

test("the way back leads to a meeting or a material, and to nothing else", () => {
  const storage = new Storage();
  const away = new Away(storage);
  away.keep({ href: "/meetings/a%2Fb/materials/3?r=ff", title: "报告.pdf" });
  assert.deepEqual(away.where, { href: "/meetings/a%2Fb/materials/3?r=ff", title: "报告.pdf", meeting: "a/b" });
  away.keep({ href: "/options", title: "设置" });
  assert.equal(away.where, null);
  for (const nonsense of ["{", "null", "[]", '["javascript:1","x"]', '["//far/meetings/1","x"]', '["/meetings/%zz","x"]']) {
    storage.setItem("kiosk.left", nonsense);
    assert.equal(away.where, null, nonsense);
  }
});
