/**
 * The links of a page that lead somewhere within the document. A link to anywhere else is not made: on
 * the page it looks as it was printed, and a tap on it does what a tap on paper does (S12).
 *
 * @typedef {{page: number, share: number}} Target  page from 0; how far down on it, as a fraction
 */

import { element } from "../../element.js";
import { t } from "../../i18n.js";
import { targetOf } from "./destinations.js";
import { putAt } from "./putting.js";

const MOST_LINKS = 300;

/**
 * @param {import("pdfjs-dist").PDFDocumentProxy} pdf
 * @param {import("pdfjs-dist").PDFPageProxy} page
 * @param {import("pdfjs-dist").PageViewport} viewport
 * @param {(target: Target) => void} go
 * @returns {Promise<HTMLElement[]>}  in the page's order; never rejects
 */
export async function linksOf(pdf, page, viewport, go) {
  try {
    const annotations = await page.getAnnotations({ intent: "display" });
    const wanted = annotations.filter(leadsWithin).slice(0, MOST_LINKS);
    const links = await Promise.all(wanted.map((annotation) => linkOf(annotation, pdf, page, viewport, go)));
    return links.filter(Boolean);
  } catch (error) {
    console.info(`links of page ${page.pageNumber}: ${error?.message ?? error}`);
    return [];
  }
}

/** Whether it is a link to a place in this document, or a step such as "next page". */
export function leadsWithin({ subtype, dest, action, rect }) {
  return subtype === "Link" && Array.isArray(rect) && Boolean(dest || Object.hasOwn(STEPS, action ?? ""));
}

const STEPS = {
  FirstPage: () => 0,
  PrevPage: (page) => page - 1,
  NextPage: (page) => page + 1,
  LastPage: (_, count) => count - 1,
};

async function linkOf({ dest, action, rect }, pdf, page, viewport, go) {
  const target = dest ? await targetOf(pdf, dest) : stepTo(action, page.pageNumber - 1, pdf.numPages);
  if (!target) return null;
  const link = element("button.pdf-link", {
    type: "button", onclick: () => go(target), "aria-label": t("reader.page_name", { page: target.page + 1 }),
  });
  return putAt(link, rect, viewport);
}

function stepTo(action, page, count) {
  const to = STEPS[action](page, count);
  return to >= 0 && to < count ? { page: to, share: 0 } : null;
}
