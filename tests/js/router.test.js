// Addresses and their parameters.

import assert from "node:assert/strict";
import { test } from "node:test";

import { match } from "../../static/js/router.js";

test("an address gives the parameters of its pattern", () => {
  assert.deepEqual(match("/", "/"), {});
  assert.deepEqual(match("/meetings/{id}", "/meetings/M1"), { id: "M1" });
  assert.deepEqual(match("/meetings/{id}/materials/{n}", "/meetings/M1/materials/3"), { id: "M1", n: "3" });
});

test("a meeting may have any name, also one with a slash in it", () => {
  const id = "2026/四季度 ?#%";
  assert.deepEqual(match("/meetings/{id}", `/meetings/${encodeURIComponent(id)}`), { id });
});

test("another address, an empty segment and a broken escape match nothing", () => {
  assert.equal(match("/meetings/{id}", "/meetings"), null);
  assert.equal(match("/meetings/{id}", "/meetings/"), null);
  assert.equal(match("/meetings/{id}", "/meetings/M1/materials/1"), null);
  assert.equal(match("/meetings/{id}", "/meetings/%E4%B"), null);
  assert.equal(match("/options", "/"), null);
});
