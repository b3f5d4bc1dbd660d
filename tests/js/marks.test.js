// Marks: a spot on the page and on the screen, smooth lines, undo, and two people on one page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { pathOf, piecesOf, touches, widthAt } from "../../static/js/marks/curve.js";
import { merged } from "../../static/js/marks/merging.js";
import { Notebook } from "../../static/js/marks/notebook.js";
import { Saving } from "../../static/js/marks/saving.js";
import { kept, pageUnder, ratioOf, shownAt, spotIn, turnedDrawing } from "../../static/js/marks/spot.js";

const LINE = { tool: "pen", ink: "red", width: 2, points: [0.1, 0.1, 0.5, 0.1, 0.5, 0.5] };
const OTHER = { ...LINE, ink: "blue" };
const BOX = { left: 100, top: 50, width: 200, height: 400 };

test("a spot is the same one of the page however the page is turned", () => {
  for (const turn of [0, 90, 180, 270]) {
    const spot = { x: 0.2, y: 0.7 };
    const { x, y } = shownAt(spot, turn);
    const back = spotIn(BOX, turn, BOX.left + x * BOX.width, BOX.top + y * BOX.height);
    assert.ok(Math.abs(back.x - spot.x) < 1e-9 && Math.abs(back.y - spot.y) < 1e-9, String(turn));
  }
});

test("a page turned to the right has its upper left corner at the upper right", () => {
  assert.deepEqual(shownAt({ x: 0, y: 0 }, 90), { x: 1, y: 0 });
  assert.deepEqual(shownAt({ x: 0, y: 0 }, 270), { x: 0, y: 1 });
  assert.deepEqual(spotIn(BOX, 90, 300, 50), { x: 0, y: 0 });
});

test("a drawing is put where its spots are shown", () => {
  for (const turn of [0, 90, 180, 270]) {
    const ratio = 1.5;
    const { viewBox, transform } = turnedDrawing(ratio, turn);
    const [, , width, height] = viewBox.split(" ").map(Number);
    const spot = { x: 0.2, y: 0.7 };
    const [x, y] = moved(transform, spot.x * 1000, spot.y * 1000 * ratio);
    const expected = shownAt(spot, turn);
    assert.ok(Math.abs(x / width - expected.x) < 1e-6 && Math.abs(y / height - expected.y) < 1e-6, String(turn));
  }
});

/** What an SVG transform of the two kinds that are used does. */
function moved(transform, x, y) {
  const [, right = 0, down = 0] = /translate\(([\d.]+) ([\d.]+)\)/.exec(transform) ?? [];
  const angle = (Number(/rotate\((-?\d+)\)/.exec(transform)?.[1] ?? 0) * Math.PI) / 180;
  const [cos, sin] = [Math.round(Math.cos(angle)), Math.round(Math.sin(angle))];
  return [Number(right) + cos * x - sin * y, Number(down) + sin * x + cos * y];
}

test("outside of the page the nearest spot of its edge counts", () => {
  assert.deepEqual(spotIn(BOX, 0, 0, 9999), { x: 0, y: 1 });
});

test("between two pages there is no page", () => {
  const boxes = [BOX, { ...BOX, top: 470 }];
  const all = { first: 0, last: 1 };
  assert.equal(pageUnder(boxes, all, 150, 100), 0);
  assert.equal(pageUnder(boxes, all, 150, 460), null);
  assert.equal(pageUnder(boxes, all, 150, 480), 1);
  assert.equal(pageUnder(boxes, { first: 0, last: 0 }, 150, 480), null);
  assert.equal(pageUnder(boxes, all, 20, 100), null);
});

test("a ratio is that of the unturned page", () => {
  assert.equal(ratioOf({ width: 100, height: 150 }, 0), 1.5);
  assert.equal(ratioOf({ width: 150, height: 100 }, 90), 1.5);
  assert.equal(kept(1 / 3), 0.33333);
});

test("a line goes through the middles between its points, from end to end", () => {
  const pieces = piecesOf([{ x: 0, y: 0 }, { x: 2, y: 0 }, { x: 2, y: 2 }]);
  assert.deepEqual(pieces.map(({ to }) => to), [{ x: 1, y: 0 }, { x: 2, y: 1 }, { x: 2, y: 2 }]);
  assert.deepEqual(pieces[0].from, { x: 0, y: 0 });
  assert.equal(pathOf(LINE, 1).d, "M100 100Q100 100 300 100Q500 100 500 300Q500 500 500 500");
  assert.equal(pathOf({ ...LINE, points: [0.5, 0.5] }, 2).d, "M500 1000l0.01 0");
});

test("pressure makes an outline: narrow where it was light, wide where it was strong", () => {
  const felt = { ...LINE, width: 10, points: [0, 0.5, 0.5, 0.5, 1, 0.5], pressure: [0, 0.5, 1] };
  const { d, width } = pathOf(felt, 1);
  assert.equal(width, null);
  const spots = [...d.split("Z")[0].matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
  const heights = (from, to) => spots.filter(([x]) => x >= from && x <= to).map(([, y]) => Math.abs(y - 500));
  assert.equal(Math.max(...heights(0, 1)), widthAt(10, 0) / 2);
  assert.equal(Math.max(...heights(999, 1000)), widthAt(10, 1) / 2);
});

test("the eraser takes a line that it touches, between its points, too", () => {
  assert.ok(touches(LINE, { x: 0.3, y: 0.1 }, 1, 5));
  assert.ok(touches(LINE, { x: 0.3, y: 0.105 }, 1, 5));
  assert.ok(!touches(LINE, { x: 0.3, y: 0.2 }, 1, 5));
  assert.ok(touches({ ...LINE, points: [0.5, 0.5] }, { x: 0.502, y: 0.5 }, 1, 5));
});

test("undo and redo go step by step, and a new line ends the redoing", () => {
  const book = new Notebook();
  book.change(0, { strokes: [LINE] });
  book.change(1, { strokes: [OTHER] });
  book.undo();
  assert.deepEqual([book.on(1).strokes, book.canRedo, book.pages], [[], true, [0]]);
  book.redo();
  assert.deepEqual(book.pages, [0, 1]);
  book.undo();
  book.change(0, { strokes: [LINE, OTHER] });
  assert.equal(book.canRedo, false);
  book.undo();
  book.undo();
  book.undo();
  assert.deepEqual([book.pages, book.canUndo], [[], false]);
});

test("of two who write on one page nobody loses a line, and what was wiped stays away", () => {
  const note = (text) => ({ x: 0, y: 0, text });
  const base = { strokes: [LINE], notes: [note("a")] };
  const mine = { strokes: [OTHER], notes: [note("a"), note("b")] };
  const theirs = { strokes: [{ ...LINE }, { ...LINE, width: 9 }], notes: [] };
  const both = merged(base, mine, theirs);
  assert.deepEqual(both.strokes, [{ ...LINE, width: 9 }, OTHER]);
  assert.deepEqual(both.notes, [note("b")]);
  const turned = { points: LINE.points, width: 2, ink: "red", tool: "pen" };
  assert.deepEqual(merged(base, base, { strokes: [turned], notes: [note("a")] }).strokes, [turned]);
});

/** A terminal that keeps what it is sent, and fails as it is told. */
class Terminal {
  page = { page: 1, version: 0, strokes: [], notes: [] };
  faults = [];
  async load() {
    return { pages: this.page.version ? [structuredClone(this.page)] : [], kept: [], settling: false };
  }
  async save(page, { version, strokes, notes }) {
    const fault = this.faults.shift();
    if (fault !== undefined) throw Object.assign(new Error("no"), { status: fault });
    if (version !== this.page.version) throw Object.assign(new Error("changed"), { status: 409 });
    this.page = { page, version: version + 1, strokes: structuredClone(strokes), notes: structuredClone(notes) };
    return { page, version: version + 1 };
  }
}

async function until(saving, state) {
  while (saving.state !== state) await new Promise((resolve) => saving.addEventListener("state", resolve, { once: true }));
}

test("what is written is saved by itself", async () => {
  const [book, terminal] = [new Notebook(), new Terminal()];
  const saving = new Saving(terminal, book);
  book.change(0, { strokes: [LINE] });
  assert.equal(saving.state, "saving");
  await until(saving, "saved");
  assert.deepEqual(terminal.page.strokes, [LINE]);
  saving.end();
});

test("a terminal that does not answer is asked again, and nothing is lost", async () => {
  const [book, terminal] = [new Notebook(), new Terminal()];
  terminal.faults = [0, 503];
  const saving = new Saving(terminal, book);
  book.change(0, { strokes: [LINE] });
  await until(saving, "waiting");
  book.change(0, { strokes: [LINE, OTHER] });
  saving.flush();
  await new Promise((resolve) => setTimeout(resolve, 10));
  saving.flush();
  await until(saving, "saved");
  assert.deepEqual(terminal.page.strokes, [LINE, OTHER]);
  saving.end();
});

test("a page that is full holds up no other one, and is saved when there is room again", async () => {
  const [book, terminal] = [new Notebook(), new Terminal()];
  terminal.faults = [413];
  const saving = new Saving(terminal, book);
  book.change(4, { strokes: [LINE] });
  book.change(0, { strokes: [OTHER] });
  saving.flush();
  await until(saving, "full");
  assert.deepEqual([terminal.page.page, terminal.page.strokes], [1, [OTHER]]);
  terminal.page = { page: 5, version: 0, strokes: [], notes: [] };
  book.change(4, { strokes: [OTHER] });
  saving.flush();
  await until(saving, "saved");
  assert.deepEqual([terminal.page.page, terminal.page.strokes], [5, [OTHER]]);
  saving.end();
});

test("a page that somebody else wrote on is put together and saved again", async () => {
  const [book, terminal] = [new Notebook(), new Terminal()];
  const saving = new Saving(terminal, book);
  terminal.page = { page: 1, version: 4, strokes: [OTHER], notes: [] };
  book.change(0, { strokes: [LINE] });
  saving.flush();
  await until(saving, "saved");
  assert.deepEqual(terminal.page.strokes, [OTHER, LINE]);
  assert.deepEqual(book.on(0).strokes, [OTHER, LINE]);
  assert.equal(terminal.page.version, 5);
  saving.end();
});
