// The states of a page, the order of drawing, and the search in a page's text.

import assert from "node:assert/strict";
import { test } from "node:test";

import { boxesOf, indexOf, placesOf } from "../../static/js/viewers/pdf/search.js";
import { DRAWING, FAILED, SHARP, WAITING, after, keptPages, nextPage } from "../../static/js/viewers/pdf/states.js";

test("a page goes from waiting over drawing to sharp, and back when it is dropped", () => {
  assert.equal(after(WAITING, "start"), DRAWING);
  assert.equal(after(DRAWING, "done"), SHARP);
  assert.equal(after(DRAWING, "fail"), FAILED);
  for (const state of [WAITING, DRAWING, SHARP, FAILED]) assert.equal(after(state, "drop"), WAITING);
});

test("a move that is not in the table is refused", () => {
  assert.throws(() => after(SHARP, "start"));
  assert.throws(() => after(WAITING, "done"));
});

test("one page on either side is kept, and no more, however long the document", () => {
  assert.deepEqual(keptPages({ first: 100, last: 101 }, 5000), [99, 100, 101, 102]);
  assert.deepEqual(keptPages({ first: 0, last: 0 }, 1), [0]);
  assert.deepEqual(keptPages({ first: 0, last: -1 }, 0), []);
});

test("the page being read is drawn first, then what shows, then the neighbour ahead", () => {
  const order = (forward) => {
    const waiting = new Set([4, 5, 6, 7]);
    const drawn = [];
    for (;;) {
      const page = nextPage({ first: 5, last: 6 }, 6, forward, (one) => waiting.has(one));
      if (page === null) return drawn;
      drawn.push(page);
      waiting.delete(page);
    }
  };
  assert.deepEqual(order(true), [6, 5, 7, 4]);
  assert.deepEqual(order(false), [6, 5, 4, 7]);
});

const item = (str, x = 0) => ({ str, width: str.length * 10, height: 10, transform: [10, 0, 0, 10, x, 100] });

test("a word that a document cut in pieces is found", () => {
  const index = indexOf([item("年度工"), item("作 报"), item("告")]);
  assert.deepEqual(placesOf(index, "工作报告", 10), [{ start: 2, end: 6 }]);
});

test("upper case, full width and white space make no difference", () => {
  const index = indexOf([item("Ａｎｎｕａｌ  Report")]);
  assert.equal(placesOf(index, "annual report", 10).length, 1);
  assert.equal(placesOf(index, "ANNUALREPORT", 10).length, 1);
});

test("nothing is found of nothing, and never more than asked", () => {
  const index = indexOf([item("aaaaaaaaaa")]);
  assert.deepEqual(placesOf(index, "  ", 10), []);
  assert.equal(placesOf(index, "a", 3).length, 3);
});

test("a place is marked where its characters stand, in every piece it touches", () => {
  const items = [item("abcd", 50), item("efgh", 200)];
  const index = indexOf(items);
  const [place] = placesOf(index, "cdef", 1);
  const [first, second] = boxesOf(items, index, place);
  assert.deepEqual([first[0], first[2]], [70, 90]);
  assert.deepEqual([second[0], second[2]], [200, 220]);
});
