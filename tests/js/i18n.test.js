// Words: both languages say the same things, and every error of the terminal has words.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { Catalogue } from "../../static/js/i18n.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const messages = Object.fromEntries(
  ["zh-CN", "en"].map((language) => [language, JSON.parse(read(`static/i18n/${language}.json`))]),
);

function read(path) {
  return readFileSync(join(ROOT, path), "utf8");
}

function fieldsOf(text) {
  const texts = typeof text === "string" ? [text] : Object.values(text);
  return [...new Set(texts.join(" ").match(/\{\w+\}/g) ?? [])].sort();
}

test("both languages have the same keys with the same fields", () => {
  assert.deepEqual(Object.keys(messages.en).sort(), Object.keys(messages["zh-CN"]).sort());
  for (const [key, text] of Object.entries(messages.en)) {
    assert.deepEqual(fieldsOf(messages["zh-CN"][key]), fieldsOf(text), key);
  }
});

test("every text says something, and a plural has its general form", () => {
  for (const catalogue of Object.values(messages)) {
    for (const [key, text] of Object.entries(catalogue)) {
      const said = typeof text === "string" ? text : text.other;
      assert.ok(said?.trim(), key);
    }
  }
});

test("every error of the terminal has a sentence and a hint in both languages", () => {
  const table = read("kiosk/errors.py").split("CODES:")[1];
  const codes = [...table.matchAll(/^ {4}"([a-z-]+)": Problem\(/gm)].map(([, code]) => code);
  assert.ok(codes.length > 30);
  for (const code of codes) {
    for (const [language, catalogue] of Object.entries(messages)) {
      for (const part of ["message", "hint"]) {
        assert.ok(`error.${code}.${part}` in catalogue, `${language}: error.${code}.${part}`);
      }
    }
  }
});

test("every key that the page names is there", () => {
  const files = readdirSync(join(ROOT, "static/js"), { recursive: true }).filter((name) => name.endsWith(".js"));
  for (const file of files) {
    const source = read(join("static/js", file));
    for (const [, key] of source.matchAll(/\bt\(\s*"([\w.-]+)"/g)) {
      assert.ok(key in messages.en, `${file}: ${key}`);
    }
  }
});

test("fields are filled in, and a missing one is shown as a gap", () => {
  const catalogue = new Catalogue("en", { a: "{server} said {what}" });
  assert.equal(catalogue.t("a", { server: "10.1.1.12", what: 0 }), "10.1.1.12 said 0");
  assert.equal(catalogue.t("a", { server: "<b>" }), "<b> said ?");
});

test("the count chooses the form", () => {
  const pages = { one: "{count} page", other: "{count} pages" };
  const catalogue = new Catalogue("en", { pages });
  assert.deepEqual([1, 2, 0].map((count) => catalogue.t("pages", { count })), ["1 page", "2 pages", "0 pages"]);
  assert.equal(new Catalogue("zh-CN", { pages: { other: "{count} 页" } }).t("pages", { count: 1 }), "1 页");
});

test("a key nobody knows shows itself, and breaks nothing", () => {
  assert.equal(new Catalogue("en", {}).t("no.such.key"), "no.such.key");
  assert.equal(new Catalogue("en", {}).t("toString"), "toString");
});

test("an error nobody knows is said in the words it came with", () => {
  const catalogue = new Catalogue("en", messages.en);
  assert.equal(catalogue.problem({ code: "new-thing", message: "as told" }).message, "as told");
  assert.equal(catalogue.problem({}).message, messages.en["error.internal.message"]);
});
