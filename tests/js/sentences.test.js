// What happened, as sentences in the reader's language.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Format } from "../../static/js/format.js";
import { Catalogue } from "../../static/js/i18n.js";
import { byServer, failureKey, footnote, rateLine, sentence } from "../../static/js/sentences.js";

function words(language) {
  const file = new URL(`../../static/i18n/${language}.json`, import.meta.url);
  const catalogue = new Catalogue(language, JSON.parse(readFileSync(file, "utf8")));
  const t = (key, fields) => catalogue.t(key, fields);
  return { t, problem: (error) => catalogue.problem(error), format: new Format(language, t) };
}

const chinese = words("zh-CN");
const english = words("en");
const servers = ["10.1.1.12:8001", "10.1.1.13:8001"];
const snapshot = { servers, serverCount: 2, server: servers[1], serverIndex: 2, bytesPerSecond: 12_400_000, secondsLeft: 21 };
const left = { kind: "switch", from: servers[0], to: servers[1], reason: "connect-timeout", message: "as told", details: { seconds: 5 } };

test("a server that was left is named, with the reason and the next one", () => {
  assert.equal(sentence(left, snapshot, chinese), "10.1.1.12 没有回应，改用 10.1.1.13");
  assert.equal(sentence(left, snapshot, english), "10.1.1.12 did not answer, trying 10.1.1.13");
});

test("the same server again, and a pause, are said as what they are", () => {
  const again = { ...left, to: servers[0] };
  assert.equal(sentence(again, snapshot, english), "10.1.1.12 did not answer, trying again");
  assert.equal(sentence({ ...left, waitSeconds: 3.2 }, snapshot, english), "10.1.1.12 did not answer, trying 10.1.1.13 in 3 s");
});

test("a reason nobody knows is said in the words it came with", () => {
  assert.equal(sentence({ ...left, reason: "new-thing" }, snapshot, english), "as told, trying 10.1.1.13");
});

test("beginning and ending have their sentences in both languages", () => {
  assert.equal(sentence({ kind: "start" }, snapshot, english), "Started, with 2 servers");
  assert.equal(sentence({ kind: "start" }, { servers: [], serverCount: 0 }, english), "Started");
  for (const kind of ["complete", "cancelled"]) {
    assert.notEqual(sentence({ kind }, snapshot, chinese), `timeline.${kind}`);
  }
  assert.equal(sentence({ kind: "error", status: "disk_full" }, snapshot, english), english.t("failure.disk_full"));
});

test("a failure of an unknown kind is still a failure in words", () => {
  assert.equal(failureKey("something_new", english.t), "failure.unknown");
  assert.equal(failureKey("all_servers_failed", english.t), "failure.all_servers_failed");
});

test("the rate line says only what is known", () => {
  assert.equal(rateLine(snapshot, english).join(" · "), "12.4 MB/s · 21 s left · server 2 of 2 (10.1.1.13)");
  const unknown = { ...snapshot, bytesPerSecond: 0, secondsLeft: null, server: null, serverIndex: 0 };
  assert.deepEqual(rateLine(unknown, english), []);
});

test("each server has one row with its last reason and the number of its attempts", () => {
  const attempts = [
    { server: "a", code: "refused" },
    { server: "b", code: "busy" },
    { server: "a", code: "reset" },
  ];
  assert.deepEqual(byServer(attempts), [
    { server: "a", times: 2, attempt: attempts[2] },
    { server: "b", times: 1, attempt: attempts[1] },
  ]);
});

test("the raw words of a fault are kept for whoever is called", () => {
  assert.equal(footnote({ details: { why: "CRC differs", type: "text/html" } }), "CRC differs · text/html");
  assert.equal(footnote({}), "");
});
