// The room's seats in order and chosen from, and how they stand in words.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Format } from "../../static/js/format.js";
import { Seats } from "../../static/js/room/seats.js";
import { meetingState, short, standingOf, stateOf } from "../../static/js/room/words.js";

const t = (key, fields = {}) => [key, ...Object.values(fields)].join(" ");
const words = { t, format: new Format("en", t) };

function row(id, colour, order, more = {}) {
  return { id, seat: `Seat ${id}`, address: `10.1.1.${id}`, order, colour, reason: "ready", percent: null, ...more };
}

function seatsOf(...rows) {
  const seats = new Seats();
  seats.replace(rows);
  return seats;
}

const ids = (rows) => rows.map((one) => one.id);

test("seats stand in groups of their colour, in the order that the node reckoned", () => {
  const seats = seatsOf(row("1", "green", "0002"), row("2", "red", "0010"), row("3", "green", "0001"), row("4", "red", "0009"));
  const groups = seats.groups();
  assert.deepEqual([ids(groups.red), ids(groups.amber), ids(groups.green)], [["4", "2"], [], ["3", "1"]]);
  assert.deepEqual(seats.counts(), { red: 2, amber: 0, green: 2 });
});

test("two seats of one name keep their places", () => {
  assert.deepEqual(ids(seatsOf(row("b", "red", "1"), row("a", "red", "1")).groups().red), ["a", "b"]);
});

test("a change moves a seat, brings one, and takes one away", () => {
  const seats = seatsOf(row("1", "green", "1"), row("2", "green", "2"));
  seats.change({ rows: [row("1", "red", "1"), row("3", "amber", "3")], gone: ["2", "9"] });
  assert.deepEqual(seats.counts(), { red: 1, amber: 1, green: 0 });
  assert.equal(seats.size, 2);
  seats.change({});
  assert.equal(seats.get("3").colour, "amber");
});

test("one colour, a piece of a name and a piece of an address choose", () => {
  const seats = seatsOf(row("1", "green", "1", { seat: "主席台 A" }), row("2", "red", "2", { address: "10.9.9.9" }));
  assert.deepEqual(ids(seats.groups({ colour: "red" }).red), ["2"]);
  assert.deepEqual(ids(seats.groups({ colour: "red" }).green), []);
  assert.deepEqual(ids(seats.groups({ words: " 台 a" }).green), ["1"]);
  assert.deepEqual(ids(seats.groups({ words: "9.9" }).red), ["2"]);
  assert.deepEqual(ids(seats.groups({ words: "nobody" }).green), []);
});

test("only what has failed can be tried again", () => {
  const seats = seatsOf(row("1", "red", "1", { reason: "failed" }), row("2", "red", "2", { reason: "silent" }));
  assert.equal(seats.failed(), 1);
});

test("a seat says its percent, since when it is silent, and that it was told to try again", () => {
  assert.equal(stateOf(row("1", "amber", "", { reason: "downloading", percent: 63 }), words), "room.state.percent 63");
  assert.match(stateOf(row("1", "red", "", { reason: "silent", since: "2026-11-24T09:12:00Z" }), words), /^room\.state\.silent \d\d:\d\d$/);
  assert.equal(stateOf(row("1", "red", "", { reason: "failed", asked: true }), words), "room.state.asked");
  assert.equal(stateOf(row("1", "amber", "", { reason: "downloading" }), words), "room.state.downloading");
});

test("a meeting on a seat says how it stands", () => {
  assert.equal(meetingState({ phase: "ready", update: true }, words), "room.state.outdated");
  assert.equal(meetingState({ phase: "failed" }, words), "room.state.failed");
  assert.equal(meetingState({ phase: "verifying", percent: 99 }, words), "room.phase.moving download.phase.verifying 99");
});

test("the node says whom it hears, and since when it does not", () => {
  assert.deepEqual(standingOf({ online: true, source: "m" }, words), { state: "online", words: "room.source.online m" });
  assert.match(standingOf({ online: false, source: "m", heardAt: 1 }, words).words, /^room\.source\.offline m \d\d:\d\d$/);
  assert.equal(standingOf({ online: false, source: "m", heardAt: null }, words).words, "room.source.never m");
});

test("a revision is told by its beginning", () => {
  assert.equal(short("0123456789abcdef"), "01234567");
  assert.equal(short(null), "–");
});
