// Tables as text: separators, quotes, widths, and which rows show.

import assert from "node:assert/strict";
import { test } from "node:test";

import { cellWith, columnWidths, isNumber, keptRows, lengthOf } from "../../static/js/viewers/table/layout.js";
import { rowsOf, separatorOf } from "../../static/js/viewers/table/separated.js";

const cells = (text, separator = ",") => [...rowsOf(text, separator)].map((row) => row.cells);

test("the separator is the one that makes even rows", () => {
  assert.equal(separatorOf("a,b,c\n1,2,3\n"), ",");
  assert.equal(separatorOf("项目;金额\n水费;1,5\n电费;2,25\n"), ";");
  assert.equal(separatorOf("a\tb\n1,5\t2\n"), "\t");
  assert.equal(separatorOf("a|b|c\n1|2|3\n"), "|");
  assert.equal(separatorOf("sep=;\na,b;c\n"), ";");
  assert.equal(separatorOf("one word\nand another\n"), ",");
  assert.equal(separatorOf(""), ",");
});

test("a separator inside quotes separates nothing", () => {
  assert.equal(separatorOf('"a;b;c",d\n"e;f;g",h\n'), ",");
});

test("quotes hold separators, line ends and doubled quotes", () => {
  assert.deepEqual(cells('a,"b, c","d\ne","f ""g"""\n'), [["a", "b, c", "d\ne", 'f "g"']]);
});

test("line ends of every kind end a row, and empty lines are none", () => {
  assert.deepEqual(cells("a,b\r\nc,d\re,f\n\n\ng,h"), [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"]]);
});

test("an empty value at the end is a value", () => {
  assert.deepEqual(cells("a,\n,b\n"), [["a", ""], ["", "b"]]);
});

test("a quote that is never closed takes the rest and ends", () => {
  assert.deepEqual(cells('a,"b\nc'), [["a", "b\nc"]]);
  assert.deepEqual(cells('"a"b,c'), [["ab", "c"]]);
});

test("rows are numbered, and a first line that names the separator is not one", () => {
  assert.deepEqual([...rowsOf("sep=;\na;b\n\nc;d\n", ";")].map((row) => row.number), [1, 2]);
});

test("cells and columns are bounded", () => {
  const [row] = cells(`${"x".repeat(5000)}${",y".repeat(999)}\n`);
  assert.deepEqual([row[0].length, row.length], [2000, 200]);
});

test("columns are as wide as their words, within bounds", () => {
  const rows = [{ number: 1, cells: ["一二三四五", "x".repeat(500)] }];
  const [name, long, empty] = columnWidths(["项目", "b", ""], rows);
  assert.ok(name > 6 && name < 8);
  assert.deepEqual([long, empty], [28, 3]);
  assert.equal(columnWidths(["a"], rows, [140])[0], 14);
  assert.ok(lengthOf("中文") > lengthOf("abc"));
});

test("numbers are told from words", () => {
  for (const text of ["1", "-3.5", "1,234.50", "85%", "￥12.00", "(1,200)", "12万元"]) assert.ok(isNumber(text), text);
  for (const text of ["", "2026-11-27", "A1", "第1", "1a", "-"]) assert.ok(!isNumber(text), text);
});

test("only the rows in the window and some around it are kept", () => {
  assert.deepEqual(keptRows({ top: 0, height: 400, rowHeight: 40, count: 1000 }), { first: 0, last: 22 });
  assert.deepEqual(keptRows({ top: 4000, height: 400, rowHeight: 40, count: 1000 }), { first: 88, last: 122 });
  assert.deepEqual(keptRows({ top: 40_000, height: 400, rowHeight: 40, count: 1000 }), { first: 988, last: 1000 });
  assert.deepEqual(keptRows({ top: 90_000, height: 400, rowHeight: 40, count: 3 }), { first: 3, last: 3 });
});

test("the first cell with the words is found, in any sheet, and the names of columns count", () => {
  const sheets = [
    { names: ["项目", "金额"], rows: [{ number: 1, cells: ["水费", "1"] }] },
    { names: ["备注"], rows: [{ number: 1, cells: [] }, { number: 2, cells: ["见附件"] }] },
  ];
  assert.deepEqual(cellWith(sheets, "金额"), { sheet: 0, row: -1, column: 1, last: 1 });
  assert.deepEqual(cellWith(sheets, "水"), { sheet: 0, row: 0, column: 0, last: 0 });
  assert.deepEqual(cellWith(sheets, "附件"), { sheet: 1, row: 1, column: 0, last: 0 });
  assert.equal(cellWith(sheets, "没有"), null);
});

test("words that run over cells, or into the next row, are found where they begin", () => {
  const rows = [["电费", "2", "无"], ["水费", "13"], ["合计"]].map((cells, at) => ({ number: at + 1, cells }));
  const sheets = [{ names: ["项目", "金额", "备注"], rows }];
  assert.deepEqual(cellWith(sheets, '水费","13'), { sheet: 0, row: 1, column: 0, last: 1 });
  assert.deepEqual(cellWith(sheets, "2 无 水费"), { sheet: 0, row: 0, column: 1, last: 1 });
  assert.equal(cellWith(sheets, "水费13"), null);
  assert.equal(cellWith(sheets, "电费", 1), null, "what was looked at is not looked at again");
});

test("the letters over a workbook are no words of it, and the names of its sheets are", () => {
  const sheets = ["一季度", "二季度"].map((name) => ({ name, names: ["A"], widths: [0], rows: [{ number: 1, cells: ["xA"] }] }));
  assert.deepEqual(cellWith(sheets, "A"), { sheet: 0, row: 0, column: 0, last: 0 });
  assert.deepEqual(cellWith(sheets, "二季度"), { sheet: 1, row: -1, column: 0, last: 0 });
});
