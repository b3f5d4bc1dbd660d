// The states of a page, the order of drawing, sizes and pictures, outline and links, the search in a page's text.

import assert from "node:assert/strict";
import { test } from "node:test";

import { topOf } from "../../static/js/viewers/pdf/destinations.js";
import { leadsWithin } from "../../static/js/viewers/pdf/links.js";
import { entriesOf, sectionAt, shownAbove, shownEntries } from "../../static/js/viewers/pdf/outline.js";
import { pictureAddress } from "../../static/js/viewers/pdf/pictures.js";
import { boxesOf, indexOf, placesOf } from "../../static/js/viewers/pdf/search.js";
import { fromRuns } from "../../static/js/viewers/pdf/sizes.js";
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

test("sizes in runs of equal ones become the size of each page, in pixels, and never without end", () => {
  assert.deepEqual(fromRuns([[2, 72, 144], [1, 36, 36]]), [
    { width: 96, height: 192 }, { width: 96, height: 192 }, { width: 48, height: 48 },
  ]);
  assert.equal(fromRuns([[1e9, 72, 72]]).length, 100_000);
});

test("a picture's address keeps the revision", () => {
  assert.equal(pictureAddress("/meetings/7/pages/3?r=ff", 149), "/meetings/7/pages/3/150?r=ff");
  assert.equal(pictureAddress("/meetings/7/pages/3", 0), "/meetings/7/pages/3/1");
});

const entry = (title, more = {}) => ({ title, dest: title, items: [], count: 0, ...more });
const outline = [
  entry("1"),
  entry("2", { count: -2, items: [entry("2.1", { items: [entry("2.1.1")] }), entry("2.2")] }),
  { title: "elsewhere", dest: null, url: "http://127.0.0.1/", items: [] },
  entry("3", { dest: null, items: [entry("3.1")], count: 1 }),
];

test("an outline is one list in its order, without what leads out of the document", () => {
  const entries = entriesOf(outline);
  assert.deepEqual(entries.map(({ title }) => title), ["1", "2", "2.1", "2.1.1", "2.2", "3", "3.1"]);
  assert.deepEqual(entries.map(({ level }) => level), [1, 1, 2, 3, 2, 1, 2]);
  assert.deepEqual(entries.map(({ parent }) => parent), [-1, -1, 1, 2, 1, -1, 5]);
  assert.deepEqual(entriesOf(null), []);
});

test("what belongs to a closed entry does not show", () => {
  const entries = entriesOf(outline);
  assert.deepEqual(shownEntries(entries), [0, 1, 5, 6]);
  entries[2].isOpen = true;
  assert.deepEqual(shownEntries(entries), [0, 1, 5, 6]);
  entries[1].isOpen = true;
  assert.deepEqual(shownEntries(entries), [0, 1, 2, 3, 4, 5, 6]);
});

test("the section that is read is the last one that begins on the page or before it", () => {
  const entries = entriesOf(outline);
  for (const [at, page] of [0, 3, 3, null, 9, null, 12].entries()) entries[at].page = page;
  assert.equal(sectionAt(entries, 0), 0);
  assert.equal(sectionAt(entries, 3), 2);
  assert.equal(sectionAt(entries, 11), 4);
  assert.equal(sectionAt(entries, 200), 6);
  assert.equal(sectionAt(entriesOf(outline), 5), -1);
  assert.equal(shownAbove(entries, 4, [0, 1, 5]), 1);
  assert.equal(shownAbove(entries, -1, [0]), -1);
});

test("an outline without end, or without bottom, is cut", () => {
  assert.equal(entriesOf(Array.from({ length: 9999 }, () => entry("x"))).length, 2000);
  let deep = entry("bottom");
  for (let n = 0; n < 20_000; n += 1) deep = entry("x", { items: [deep] });
  assert.equal(entriesOf([deep]).length, 8);
});

test("only a link within the document is one", () => {
  const link = { subtype: "Link", rect: [0, 0, 9, 9] };
  assert.ok(leadsWithin({ ...link, dest: "chapter" }));
  assert.ok(leadsWithin({ ...link, action: "NextPage" }));
  assert.ok(!leadsWithin({ ...link, url: "http://127.0.0.1/" }));
  assert.ok(!leadsWithin({ ...link, action: "Print" }));
  assert.ok(!leadsWithin({ ...link, action: "constructor" }));
  assert.ok(!leadsWithin({ subtype: "Widget", rect: [0, 0, 9, 9], dest: "chapter" }));
});

test("a destination tells the height that it leads to, where it has one", () => {
  assert.equal(topOf("XYZ", [0, 700, null]), 700);
  assert.equal(topOf("FitH", [650]), 650);
  assert.equal(topOf("FitR", [0, 100, 50, 600]), 600);
  for (const [kind, rest] of [["XYZ", [0, null]], ["Fit", []], [undefined, []]]) assert.equal(topOf(kind, rest), null);
});
