/**
 * Shows Markdown as a laid-out page. What comes out of the converter is taken as hostile: it is
 * cleaned into a fragment that has no links, no pictures from elsewhere, no forms and no styles.
 * What cannot be laid out in time is shown as it was written.
 */

import { element } from "../element.js";
import { t } from "../i18n.js";
import { FlowViewer } from "./flow.js";
import { showPlain } from "./plain.js";
import { fetchWords } from "./words.js";

const LIMIT_BYTES = 1024 * 1024;
const LIMIT_MS = 4000;
const MOST_MARKUP = 3 * 1024 * 1024;
const MOST_ELEMENTS = 20_000;
/** Deeper than that the words stand outside the screen. */
const TOO_DEEP = ":is(blockquote, ul, ol, dl, table, div) ".repeat(24);

const CLEANING = {
  USE_PROFILES: { html: true },
  RETURN_DOM_FRAGMENT: true,
  FORBID_ATTR: ["style", "class", "id", "name", "href", "target", "ping", "background", "srcset"],
  FORBID_TAGS: ["style", "form", "button", "select", "textarea", "audio", "video", "source",
    "track", "map", "area", "dialog", "picture"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

export class MarkdownViewer extends FlowViewer {
  async fill(sheet, signal) {
    const [{ default: purify }, { text, isCut }] = await Promise.all([
      import("../../vendor/purify.es.mjs"),
      fetchWords(this.material.url, { limit: LIMIT_BYTES, signal }),
    ]);
    const html = await converted(text, signal);
    const fragment = html === null ? null : cleaned(purify, html);
    if (text === "") {
      sheet.append(element("p.reader-note", {}, t("reader.text_empty")));
    } else if (fragment) {
      sheet.classList.add("markdown");
      sheet.append(fragment);
    } else {
      sheet.append(element("p.reader-note", {}, t("reader.markdown_plain")));
      showPlain(sheet, text);
    }
    if (isCut) sheet.append(element("p.reader-note", {}, t("reader.text_cut", { megabytes: 1 })));
  }
}

/** The text as markup, not yet clean; null where that takes too long or does not work at all. */
async function converted(text, signal) {
  const worker = new Worker(new URL("./markdown-worker.js", import.meta.url), { type: "module" });
  const ended = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  const html = await new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = () => resolve(null);
    ended.addEventListener("abort", () => resolve(null), { once: true });
    worker.postMessage(text);
  });
  worker.terminate();
  return typeof html === "string" && html.length <= MOST_MARKUP && isModest(html) ? html : null;
}

/** What may be shown of it; null where nothing is left of it, or more than can be laid out in time. */
function cleaned(purify, html) {
  const fragment = purify.sanitize(html, CLEANING);
  if (fragment.querySelectorAll("*").length > MOST_ELEMENTS || fragment.querySelector(TOO_DEEP)) return null;
  makeInert(fragment);
  makeWide(fragment);
  const isSeen = fragment.textContent.trim() !== "" || fragment.querySelector("img, hr, .task") !== null;
  return isSeen ? fragment : null;
}

/** Pictures are shown only where the document carries them in itself; else their words are. */
function makeInert(fragment) {
  for (const picture of fragment.querySelectorAll("img")) {
    if (/^data:image\/(png|jpeg|gif|webp);base64,/.test(picture.getAttribute("src") ?? "")) {
      picture.alt ||= t("reader.picture_unnamed");
    } else {
      const words = picture.alt || t("reader.picture_unnamed");
      picture.replaceWith(element("span.picture-words", {}, words));
    }
  }
  for (const box of fragment.querySelectorAll("input")) {
    const isDone = box.type === "checkbox" && box.checked;
    const words = t(isDone ? "reader.task_done" : "reader.task_open");
    const mark = element("span.task", { role: "img", "aria-label": words, "data-done": String(isDone) });
    box.closest("li")?.classList.add("task-item");
    box.replaceWith(mark);
  }
  for (const link of fragment.querySelectorAll("a")) {
    link.replaceWith(element("span.link-words", {}, ...link.childNodes));
  }
}

/** A table wider than the page scrolls by itself. */
function makeWide(fragment) {
  for (const table of fragment.querySelectorAll("table")) {
    const frame = element("div.table-frame", {
      tabindex: 0, role: "region", "aria-label": t("reader.table"),
    });
    table.replaceWith(frame);
    frame.append(table);
  }
  for (const block of fragment.querySelectorAll("pre")) block.tabIndex = 0;
}

/** Whether it has no more elements than are laid out: many nested ones take long to clean alone. */
function isModest(html) {
  const tags = html.matchAll(/<[a-z]/gi);
  for (let count = 0; count <= MOST_ELEMENTS; count += 1) {
    if (tags.next().done) return true;
  }
  return false;
}
