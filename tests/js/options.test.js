// What a typed value becomes, a press on + and −, and the words beside a wrong one.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Catalogue } from "../../static/js/i18n.js";
import { nameOf } from "../../static/js/options/pool.js";
import { stepped, valueOf, wrongWords } from "../../static/js/options/wrong.js";

const COUNT = { name: "server_count", type: "whole", minimum: 1, maximum: 254 };
const file = new URL("../../static/i18n/zh-CN.json", import.meta.url);
const catalogue = new Catalogue("zh-CN", JSON.parse(readFileSync(file, "utf-8")));
const t = (key, fields) => catalogue.t(key, fields);

test("a whole number is one only within its bounds", () => {
  assert.deepEqual(valueOf(COUNT, " 12 "), { value: 12 });
  for (const typed of ["0", "255", "1.5", "", "a", "1e3", "--1"]) assert.equal(valueOf(COUNT, typed), null, typed);
});

test("a number may have a comma or a point", () => {
  const row = { type: "number", minimum: 1, maximum: 3600 };
  assert.deepEqual(valueOf(row, "2,5"), { value: 2.5 });
  assert.deepEqual(valueOf(row, "2.5"), { value: 2.5 });
});

test("an address that is none is refused before anybody is asked", () => {
  const row = { name: "server_ip", type: "text" };
  for (const typed of ["10.1.1.11", "files.local", "", "::1"]) assert.deepEqual(valueOf(row, typed), { value: typed });
  for (const typed of ["10.1.1.999", "10.1.1", "a b", "http//x", "-x"]) assert.equal(valueOf(row, typed), null, typed);
});

test("text is text", () => {
  assert.deepEqual(valueOf({ type: "text" }, "x"), { value: "x" });
});

test("a press is one step, larger ones for larger numbers, and stops at the bounds", () => {
  assert.equal(stepped(COUNT, 5, 1), 6);
  assert.equal(stepped(COUNT, 254, 1), 254);
  assert.equal(stepped(COUNT, 1, -1), 1);
  const space = { minimum: 0, maximum: 1_000_000 };
  assert.equal(stepped(space, 200, 1), 250);
  assert.equal(stepped(space, 4096, 1), 4500);
  assert.equal(stepped(space, 4096, -1), 4000);
});

test("up and down again leads back in the round numbers", () => {
  const row = { minimum: 0, maximum: 1_000_000 };
  let value = 10;
  for (let n = 0; n < 30; n += 1) value = stepped(row, value, 1);
  for (let n = 0; n < 30; n += 1) value = stepped(row, value, -1);
  assert.equal(value, 10);
});

test("what is wrong is said in the reader's language, with the bounds", () => {
  assert.equal(wrongWords(COUNT, {}, t), "请填 1 至 254 的整数");
  assert.match(wrongWords({ name: "server_ip", type: "text" }, {}, t), /10\.1\.1\.11/);
});

test("an address is shown as host and port", () => {
  assert.equal(nameOf("http://10.1.1.11:8001/api/v1"), "10.1.1.11:8001");
  assert.equal(nameOf("10.1.1.11:8001"), "10.1.1.11:8001");
  assert.equal(nameOf("https://files.local"), "files.local:443");
  assert.equal(nameOf("http://"), "http://");
});
