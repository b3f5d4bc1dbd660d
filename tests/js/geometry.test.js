// Where the pages lie, and what a zoom or a jump makes of it.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  LARGEST_SCALE, anchorAt, canvasSize, clampScale, currentPage, fitScale, layOut, layOutAlone, pageAt, positionOf, turned,
  visibleRange,
} from "../../static/js/viewers/geometry.js";
import { edgeAt, roomOf, turnOf } from "../../static/js/viewers/leafing.js";

const A4 = { width: 794, height: 1123 };
const SLIDE = { width: 1280, height: 720 };
const FRAME = { width: 1920, height: 1080, gap: 16, side: 16, above: 96, below: 120 };
const pages = (count, size = A4) => Array.from({ length: count }, () => size);

test("pages stand under each other, centred, with a gap", () => {
  const { boxes } = layOut(pages(3), 1, FRAME);
  assert.deepEqual(boxes.map((box) => box.top), [96, 96 + 1123 + 16, 96 + 2 * (1123 + 16)]);
  assert.equal(boxes[0].left, Math.floor((1920 - 794) / 2));
});

test("what is lower than the window stands in its middle", () => {
  const { boxes, height } = layOut([{ width: 100, height: 100 }], 1, { ...FRAME, above: 16, below: 16 });
  assert.equal(height, 1080);
  assert.equal(boxes[0].top, 490);
});

test("a sheet is never narrower than the window, and widens with its widest page", () => {
  assert.equal(layOut(pages(1), 1, FRAME).width, 1920);
  assert.equal(layOut(pages(1), 4, FRAME).width, 794 * 4 + 32);
});

test("the page at a height is found among thousands", () => {
  const { boxes } = layOut(pages(5000), 1, FRAME);
  for (const page of [0, 1, 2500, 4999]) assert.equal(pageAt(boxes, boxes[page].top + 5), page);
  assert.equal(pageAt(boxes, -50), 0);
  assert.equal(pageAt(boxes, 1e9), 4999);
});

test("only pages that touch the window are visible", () => {
  const { boxes } = layOut(pages(200), 1, FRAME);
  assert.deepEqual(visibleRange(boxes, boxes[100].top, 1080), { first: 100, last: 100 });
  assert.deepEqual(visibleRange(boxes, boxes[100].top + 600, 1080), { first: 100, last: 101 });
  assert.deepEqual(visibleRange([], 0, 1080), { first: 0, last: -1 });
});

test("the page being read is the one with most of itself in the window", () => {
  const { boxes } = layOut(pages(10), 1, FRAME);
  assert.equal(currentPage(boxes, boxes[4].top - 100, 1080), 4);
  assert.equal(currentPage(boxes, boxes[4].top - 900, 1080), 3);
});

test("a spot stays under the finger through a zoom", () => {
  const before = layOut(pages(20), 1, FRAME).boxes;
  const after = layOut(pages(20), 2.5, FRAME).boxes;
  const spot = anchorAt(before, before[7].left + 397, before[7].top + 561.5);
  const now = positionOf(after, spot);
  assert.ok(Math.abs(now.y - (after[7].top + after[7].height / 2)) < 2);
  assert.ok(Math.abs(now.x - (after[7].left + after[7].width / 2)) < 2);
});

test("slides open whole, upright pages as wide as is good to read", () => {
  const view = { width: 1888, height: 1048 };
  assert.equal(fitScale("auto", SLIDE, view), Math.min(1888 / 1280, 1048 / 720));
  assert.equal(Math.round(fitScale("auto", A4, view) * 794), 1120);
  assert.equal(Math.round(fitScale("width", A4, view) * 794), 1888);
  assert.equal(Math.round(fitScale("page", A4, view) * 1123), 1048);
});

test("on an upright screen a page never opens wider than the screen", () => {
  assert.ok(fitScale("auto", A4, { width: 768, height: 1200 }) * 794 <= 768);
});

test("small pictures are not blown up", () => {
  assert.equal(fitScale("whole", { width: 40, height: 30 }, { width: 1888, height: 1048 }), 2);
});

test("no zoom leaves the bounds", () => {
  assert.equal(clampScale(99), LARGEST_SCALE);
  assert.ok(clampScale(0) > 0);
});

test("a canvas is as sharp as the screen, and never larger than its limit", () => {
  assert.deepEqual(canvasSize({ width: 1000, height: 1400 }, 2, 16e6), { width: 2000, height: 2800, sharp: true });
  const large = canvasSize({ width: 8000, height: 12000 }, 3, 16e6);
  assert.ok(large.width * large.height <= 16e6);
  assert.equal(large.sharp, false);
});

test("a turned page changes sides", () => {
  assert.deepEqual(turned(A4, 90), { width: 1123, height: 794 });
  assert.equal(turned(A4, 180), A4);
});

test("a page alone stands in the middle of the window, the others out of sight", () => {
  const sizes = [A4, SLIDE, A4];
  const { boxes, width, height } = layOutAlone(sizes, 1, () => 0.5, FRAME);
  assert.deepEqual([width, height], [1920, 1080]);
  assert.deepEqual(boxes[1], { left: 640, top: 360, width: 640, height: 360 });
  for (const at of [0, 2]) assert.ok(boxes[at].left + boxes[at].width < 0);
});

test("a page alone that is taller than the window is scrolled within it, clear of the bars", () => {
  const { boxes, height } = layOutAlone([A4, A4], 0, () => 2, FRAME);
  assert.equal(boxes[0].top, 96);
  assert.equal(height, 96 + 2246 + 120);
});

test("each page alone has the scale at which it fits", () => {
  const { boxes } = layOutAlone([A4, SLIDE], 0, (page) => (page === 0 ? 0.5 : 1), FRAME);
  assert.deepEqual([boxes[0].width, boxes[1].width], [397, 1280]);
});

test("a tap on an edge turns the page, whatever the window", () => {
  assert.deepEqual([10, 640, 1270].map((x) => edgeAt(x, 1280)), [-1, 0, 1]);
  assert.deepEqual([10, 60, 110].map((x) => edgeAt(x, 120)), [-1, 0, 1]);
});

const NOWHERE = { left: false, right: false, up: false, down: false };

test("a swipe turns to where the finger moves from, unless the page itself can move", () => {
  assert.equal(turnOf(-200, 20, NOWHERE), 1);
  assert.equal(turnOf(200, 20, NOWHERE), -1);
  assert.equal(turnOf(10, -200, NOWHERE), 1);
  assert.equal(turnOf(10, 200, NOWHERE), -1);
  assert.equal(turnOf(-200, 0, { ...NOWHERE, right: true }), 0);
  assert.equal(turnOf(0, -200, { ...NOWHERE, down: true }), 0);
  assert.equal(turnOf(0, -200, { ...NOWHERE, up: true }), 1);
  assert.equal(turnOf(100, 100, NOWHERE), 0);
  assert.equal(turnOf(0, 0, NOWHERE), 0);
});

test("room is where there is more than the window shows", () => {
  const scroller = { scrollLeft: 0, scrollTop: 50, scrollWidth: 100, scrollHeight: 400, clientWidth: 100, clientHeight: 300 };
  assert.deepEqual(roomOf(scroller), { left: false, right: false, up: true, down: true });
});
