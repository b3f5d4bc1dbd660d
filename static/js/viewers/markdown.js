/**
 * Shows Markdown as a laid-out page. What comes out of the converter is taken as hostile: it is
 * cleaned into a fragment that has no links, no pictures from elsewhere, no forms and no styles.
 */

import { element } from "../element.js";
import { t } from "../i18n.js";
import { FlowViewer } from "./flow.js";
import { fetchWords } from "./words.js";

const LIMIT_BYTES = 1024 * 1024;

const CLEANING = {
  USE_PROFILES: { html: true },
  RETURN_DOM_FRAGMENT: true,
  FORBID_ATTR: ["style", "class", "id", "name", "href", "target", "ping", "background", "srcset"],
  FORBID_TAGS: ["style", "form", "button", "select", "textarea", "audio", "video", "source",
    "track", "map", "area", "dialog", "picture"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

/** What raw markup in a document may still lay out; it loses its attributes in any case. */
const PLAIN_TAGS = new Set(("b blockquote br center code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd li "
  + "mark ol p pre q s small span strong sub summary sup table tbody td th thead tr u ul").split(" "));

export class MarkdownViewer extends FlowViewer {
  async fill(sheet, signal) {
    const [{ Marked }, { default: purify }, { text, isCut }] = await Promise.all([
      import("../../vendor/marked.esm.js"),
      import("../../vendor/purify.es.mjs"),
      fetchWords(this.material.url, { limit: LIMIT_BYTES, signal }),
    ]);
    const converter = new Marked({ gfm: true, renderer: { html: ({ text: raw }) => withoutAttributes(raw) } });
    const fragment = purify.sanitize(converter.parse(text), CLEANING);
    makeInert(fragment);
    makeWide(fragment);
    sheet.classList.add("markdown");
    sheet.append(fragment);
    if (isCut) sheet.append(element("p.reader-note", {}, t("reader.text_cut", { megabytes: 1 })));
  }
}

/**
 * Raw markup reduced to bare tags. It is the cleaning afterwards that makes it safe; this spares the
 * browser from reporting every handler and style that it meets on the way.
 */
export function withoutAttributes(raw) {
  return raw
    .replace(/<!--[\s\S]*?(-->|$)/g, "")
    .replace(/<(script|style|template|iframe|svg|math)\b[\s\S]*?(<\/\1\s*>|$)/gi, "")
    .replace(/<(\/?)([a-z][a-z0-9]*)\b[^<>]*>|</gi, (_, slash, name) => {
      if (!name) return "&lt;";
      return PLAIN_TAGS.has(name.toLowerCase()) ? `<${slash}${name}>` : "";
    });
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
