/** Words in the place of a document: what it is, why it does not show, and what to do. */

import { element, icon } from "../element.js";

/**
 * @param {{icon: string, title: string, words: string, name?: string, facts?: string,
 *   actions?: HTMLElement[], extra?: HTMLElement | null}} what
 */
export function card({ icon: picture, title, words, name = "", facts = "", actions = [], extra }) {
  return element(
    "div.reader-card", {},
    icon(picture),
    element("h2", {}, title),
    element("p.reader-card-words", {}, words),
    extra ?? null,
    name ? fileLine(name, facts) : null,
    actions.length ? element("div.reader-card-actions", {}, ...actions) : null,
  );
}

/** Which file it is about. */
export function fileLine(name, facts = "") {
  return element("p.reader-card-file", {}, element("strong", {}, name), facts ? element("span", {}, facts) : null);
}
