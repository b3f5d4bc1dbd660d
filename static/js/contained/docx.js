/** Lays out a Word document with docx-preview. What it makes is stripped of all that leads elsewhere. */

import { element } from "../element.js";
import { Archive, Fault, kindOf } from "./archive.js";
import { begin } from "./begin.js";
import { Column } from "./column.js";

/** altChunk is markup of the document's own in a frame; fonts of the document's own are not loaded. */
const OPTIONS = {
  className: "docx",
  inWrapper: true,
  ignoreFonts: true,
  ignoreLastRenderedPageBreak: false,
  renderAltChunks: false,
  renderChanges: false,
  renderComments: false,
  experimental: false,
};
const UNWANTED = "script, iframe, object, embed, form, base, meta, link, audio, video";
const LEADING = ["href", "xlink:href", "target", "ping", "action", "formaction"];

begin(async (bytes, line, { place }) => {
  if (kindOf(bytes) !== "zip") throw new Fault("broken", "not an office file of this kind");
  await new Archive(bytes).measure();
  const sheet = element("main.column");
  const styles = element("div");
  document.head.append(styles);
  await globalThis.docx.renderAsync(bytes, sheet, styles, OPTIONS);
  makeInert(sheet);
  document.body.append(sheet);
  const pages = [...sheet.querySelectorAll("section.docx")];
  if (pages.length === 0) throw new Fault("broken", "no pages");
  const column = new Column(line, sheet, pages, "width");
  column.restore(place ?? {});
  line.tell({ is: "ready", pages: pages.length });
});

function makeInert(sheet) {
  for (const node of sheet.querySelectorAll(UNWANTED)) node.remove();
  for (const node of sheet.querySelectorAll("a")) {
    for (const name of LEADING) node.removeAttribute(name);
  }
  for (const picture of sheet.querySelectorAll("img, image")) {
    picture.draggable = false;
    const address = picture.getAttribute("src") ?? picture.getAttribute("href") ?? "";
    if (!/^(blob|data):/.test(address)) picture.remove();
  }
}
