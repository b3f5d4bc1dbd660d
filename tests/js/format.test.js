// Numbers, sizes and times as people read them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Format } from "../../static/js/format.js";
import { Catalogue } from "../../static/js/i18n.js";

function format(language) {
  const file = new URL(`../../static/i18n/${language}.json`, import.meta.url);
  const catalogue = new Catalogue(language, JSON.parse(readFileSync(file, "utf8")));
  return new Format(language, (key, fields) => catalogue.t(key, fields));
}

const chinese = format("zh-CN");
const english = format("en");

test("sizes have at most three figures", () => {
  const shown = [0, 999, 1000, 12_400_000, 99_940_000, 99_960_000, 999_499_999, 999_600_000, 2 ** 31];
  assert.deepEqual(
    shown.map((bytes) => english.bytes(bytes)),
    ["0 B", "999 B", "1.0 KB", "12.4 MB", "99.9 MB", "100 MB", "999 MB", "1.0 GB", "2.1 GB"],
  );
});

test("what is no size is not shown as one", () => {
  for (const nothing of [null, undefined, NaN, -1, Infinity]) assert.equal(english.bytes(nothing), "");
});

test("a speed never goes negative", () => {
  assert.equal(english.speed(-5), "0 B/s");
  assert.equal(english.speed(12_400_000), "12.4 MB/s");
});

test("durations are whole and never zero", () => {
  assert.equal(chinese.duration(0.2), "1 秒");
  assert.equal(chinese.duration(59.6), "1 分 0 秒");
  assert.equal(english.duration(80), "1 min 20 s");
  assert.equal(english.duration(3660), "1 h 1 min");
  assert.equal(english.duration(Infinity), "");
  assert.equal(english.duration(-3), "");
});

test("a hundred percent is only said at the end", () => {
  assert.deepEqual([-1, 0, 62.9, 99.99, 100, 140].map((value) => english.percent(value)), [0, 0, 62, 99, 100, 100]);
});

test("the port of a server is left out where it is everybody's", () => {
  const servers = ["10.1.1.11:8001", "10.1.1.12:8001"];
  assert.equal(english.server("10.1.1.12:8001", servers), "10.1.1.12");
  assert.equal(english.server("10.1.1.12:8002", servers), "10.1.1.12:8002");
  assert.equal(english.server(null, servers), "");
});

test("a recording has minutes and seconds", () => {
  assert.equal(english.playing(83), "1:23");
  assert.equal(english.playing(3723.4), "1:02:03");
});

test("a time that is none is left out", () => {
  assert.equal(english.time("noon"), "");
  assert.equal(english.time(null), "");
  assert.match(chinese.time("2026-11-24T09:12:00"), /^09:12$/);
});
