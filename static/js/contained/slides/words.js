/** The words of a shape or of a table's cell as paragraphs. */

import { element } from "../../element.js";
import { child, children, numberOf } from "./parts.js";

const RUNS = ["r", "fld", "br"];

/**
 * @param {Element} body  a txBody
 * @param {import("./style.js").TextStyle} style
 * @returns {HTMLElement[]}
 */
export function paragraphsOf(body, style) {
  const counts = [];
  return children(body, "p").map((paragraph) => paragraphOf(paragraph, style, counts));
}

function paragraphOf(paragraph, style, counts) {
  const pPr = child(paragraph, "pPr");
  const shown = element("p");
  Object.assign(shown.style, style.paragraph(pPr));
  const runs = children(paragraph).filter((node) => RUNS.includes(node.localName));
  const mark = bulletOf(pPr, style, counts, runs.length > 0);
  if (mark) shown.append(spanOf(`${mark} `, style.run(pPr, child(runs[0], "rPr"))));
  for (const run of runs) {
    if (run.localName === "br") shown.append(element("br"));
    else shown.append(spanOf(child(run, "t")?.textContent ?? "", style.run(pPr, child(run, "rPr"))));
  }
  if (runs.length === 0) shown.append(spanOf("\u200b", style.run(pPr, child(paragraph, "endParaRPr"))));
  return shown;
}

/** What stands before it; numbers count on while nothing of a lower level comes between. */
function bulletOf(pPr, style, counts, isFilled) {
  const level = numberOf(pPr, "lvl");
  const bullet = isFilled ? style.bullet(pPr) : "";
  counts.length = Math.min(counts.length, level + 1);
  if (bullet !== "1") return bullet;
  counts[level] = (counts[level] ?? 0) + 1;
  return `${counts[level]}.`;
}

function spanOf(text, css) {
  const span = element("span", {}, text);
  Object.assign(span.style, css);
  return span;
}
