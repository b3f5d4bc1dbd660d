/** Whether a page has anything to show where its scripts do not run and nothing is fetched for it. */

const SEEN = "svg, math, table, hr, input, select, textarea, button, meter, progress, img[src^='data:']";
const UNSEEN = "script, style, template, title, head";

/** @param {string} markup  HTML; it is read without being run, loaded or shown */
export function hasSomething(markup) {
  const page = new DOMParser().parseFromString(withoutStyle(markup), "text/html");
  for (const part of page.querySelectorAll(UNSEEN)) part.remove();
  const body = page.body ?? page.documentElement;
  return body.textContent.trim() !== "" || body.querySelector(SEEN) !== null || hasBackground(markup);
}

/** The browser would report every style that it meets, although none is applied. */
function withoutStyle(markup) {
  return markup.replace(/<style\b[\s\S]*?(<\/style\s*>|$)/gi, "").replace(/style(?=\s*=)/gi, "data-no");
}

/** Colours and pictures of the document's own style. */
function hasBackground(markup) {
  return /background[^;:]*:[^;]*url\(\s*["']?data:/i.test(markup);
}
