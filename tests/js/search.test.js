// Search through a meeting: what is shown of an answer, where a tap leads, and how somebody types.

import assert from "node:assert/strict";
import { test } from "node:test";

import { addressOfHit, askedOf, groupsOf, piecesOf, searchAddress, titlesOf, wordsOf } from "../../static/js/search/answer.js";
import { Inquiry } from "../../static/js/search/inquiry.js";
import { isResults } from "../../static/js/search/kept.js";
import { opensSearch } from "../../static/js/search/keys.js";
import { spotsIn } from "../../static/js/viewers/spot.js";

const text = (n, page, snippet, marks) => ({ kind: "text", position: null, n, page, snippet, marks });
const ANSWER = {
  hits: [
    { kind: "title", position: 2, n: null, page: null, snippet: "预算草案", marks: [[0, 2]] },
    { kind: "name", position: null, n: 3, page: null, snippet: "预算.xlsx", marks: [[0, 2]] },
    text(1, 7, "明年的预算", [[3, 5]]),
    text(1, 9, "预算外", [[0, 2]]),
    text(3, null, "预算表", [[0, 2]]),
  ],
  materials: [
    { n: 1, name: "报告.pdf", type: "pdf", hits: 40 },
    { n: 3, name: "预算.xlsx", type: "xlsx", hits: 2 },
  ],
};

test("a text in pieces is the text, whatever the marks say", () => {
  assert.deepEqual(piecesOf("明年的预算", [[3, 5]]), [
    { text: "明年的", isMark: false },
    { text: "预算", isMark: true },
  ]);
  for (const marks of [[], [[0, 0]], [[4, 2]], [[-1, 2]], [[0, 99]], [[1, 3], [2, 4]], [[NaN, 1]], [["0", null]]]) {
    assert.equal(piecesOf("明年的预算", marks).map((piece) => piece.text).join(""), "明年的预算");
  }
});

test("materials that are named so come first, with what was not sent counted", () => {
  assert.deepEqual(titlesOf(ANSWER).map(({ position }) => position), [2]);
  const [named, other] = groupsOf(ANSWER);
  assert.deepEqual([named.n, named.named.snippet, named.texts.length, named.left], [3, "预算.xlsx", 1, 0]);
  assert.deepEqual([other.n, other.named, other.texts.length, other.left], [1, null, 2, 38]);
});

test("a tap leads to the page and to the words as they stand there", () => {
  const [, , hit] = ANSWER.hits;
  const address = addressOfHit("会/1", 1, "abc", hit);
  assert.equal(address, `/meetings/${encodeURIComponent("会/1")}/materials/1?r=abc&page=7&find=${encodeURIComponent("预算")}`);
  assert.equal(addressOfHit("M1", 3, null), "/meetings/M1/materials/3");
  assert.equal(wordsOf({ snippet: "没有", marks: [] }), "");
  assert.equal([...wordsOf({ snippet: "𠮷".repeat(200), marks: [[0, 400]] })].length, 60);
});

test("an address of the search says what it asks and where it came from", () => {
  assert.equal(searchAddress("M1"), "/meetings/M1/search");
  const address = searchAddress("M1", { words: "a&b=会 议", back: 3 });
  assert.deepEqual(askedOf(address.slice(address.indexOf("?"))), { words: "a&b=会 议", back: 3 });
  for (const back of ["", "0", "-1", "3x", "1e3", "9999999", "//x"]) {
    assert.equal(askedOf(`?back=${encodeURIComponent(back)}`).back, null);
  }
});

test("results are told from a meeting, whatever that is called", () => {
  assert.equal(isResults(searchAddress("M1", { words: "会议" })), true);
  assert.equal(isResults(searchAddress("search")), true);
  for (const address of ["/meetings/search", "/meetings/M1", "/meetings/a%2Fsearch"]) {
    assert.equal(isResults(address), false);
  }
});

test("a slash and Ctrl+F open it, not while something is typed", () => {
  const field = { matches: () => true, closest: () => null };
  const page = { matches: () => false, closest: () => null };
  const inDialog = { matches: () => false, closest: (what) => (what === "dialog" ? {} : null) };
  const stroke = { ctrlKey: false, metaKey: false, altKey: false };
  assert.equal(opensSearch({ ...stroke, key: "/", target: page }), true);
  assert.equal(opensSearch({ ...stroke, key: "F", ctrlKey: true, target: field }), true);
  assert.equal(opensSearch({ ...stroke, key: "/", target: field }), false);
  assert.equal(opensSearch({ ...stroke, key: "/", target: inDialog }), false);
  assert.equal(opensSearch({ ...stroke, key: "/", altKey: true, target: page }), false);
  assert.equal(opensSearch({ ...stroke, key: "f", target: page }), false);
});

/** An inquiry whose questions are answered by hand. */
function inquiry() {
  const asked = [];
  const answers = [];
  const faults = [];
  const ask = (words, signal) => new Promise((resolve, reject) => {
    asked.push({ words, resolve, reject, signal });
    signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
  });
  const one = new Inquiry(ask, {
    answer: (answer, words) => answers.push([words, answer]),
    fault: (fault) => faults.push(fault.message),
  });
  return { one, asked, answers, faults };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("one question for a burst of strokes, and only the last one's answer counts", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { one, asked, answers, faults } = inquiry();
  one.look("会");
  one.look("会议");
  context.mock.timers.tick(1000);
  assert.deepEqual(asked.map(({ words }) => words), ["会议"]);
  assert.equal(one.isUnderWay, true);
  one.look("会议材");
  assert.equal(asked[0].signal.aborted, true);
  context.mock.timers.tick(1000);
  asked[1].resolve("found");
  await settled();
  assert.deepEqual(answers, [["会议材", "found"]]);
  assert.deepEqual(faults, []);
  assert.equal(one.isUnderWay, false);
});

test("nothing is asked for white space, after the end, or twice while one is under way", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { one, asked, faults } = inquiry();
  one.look("  ");
  one.lookAgain();
  context.mock.timers.tick(10_000);
  assert.equal(asked.length, 0);
  one.look("a", { now: true });
  context.mock.timers.tick(0);
  one.lookAgain();
  context.mock.timers.tick(10_000);
  assert.equal(asked.length, 1);
  asked[0].reject(new Error("no answer"));
  await settled();
  assert.deepEqual(faults, ["no answer"]);
  one.lookAgain();
  one.close();
  context.mock.timers.tick(10_000);
  assert.equal(asked.length, 1);
});

test("words are found in flowing text, letter by letter or without regard to spaces and width", () => {
  const texts = ["第一段：会议", "材料\n预算Ａ", ""];
  assert.deepEqual(spotsIn(texts, "会议"), [{ from: [0, 4], to: [0, 6] }]);
  assert.deepEqual(spotsIn(texts, "会议材料"), [{ from: [0, 4], to: [1, 2] }]);
  assert.deepEqual(spotsIn(texts, "料 预算a"), [{ from: [1, 1], to: [1, 6] }]);
  assert.deepEqual(spotsIn(texts, "没有"), []);
  assert.deepEqual(spotsIn(texts, ""), []);
  assert.deepEqual(spotsIn(texts, "："), []);
});

test("words may go on behind anything that is none, also in the next cell, and one word may not", () => {
  const texts = ["水费\n", "3亿\n", "软\u00ad件", "（修订）"];
  assert.deepEqual(spotsIn(texts, "水费,3亿"), [{ from: [0, 0], to: [1, 2] }]);
  assert.deepEqual(spotsIn(texts, "水费3亿"), []);
  assert.deepEqual(spotsIn(texts, "软件 修订"), [{ from: [2, 0], to: [3, 3] }]);
});
