/** A chart of a presentation as what it was made of: its title and a table of its values. */

import { element } from "../../element.js";
import { child, numberOf } from "./parts.js";

const MOST_SERIES = 12;
const MOST_POINTS = 60;

/** @param {Element} root  of a chart part  @returns {HTMLElement | null}  null where it has no values */
export function chartTable(root) {
  const series = [...root.getElementsByTagNameNS("*", "ser")].slice(0, MOST_SERIES).map((one) => ({
    name: pointsOf(child(one, "tx")).get(0) ?? "",
    places: pointsOf(child(one, "cat") ?? child(one, "xVal")),
    values: pointsOf(child(one, "val") ?? child(one, "yVal")),
  }));
  const count = Math.max(0, ...series.map(({ values }) => Math.max(-1, ...values.keys()) + 1));
  if (count === 0) return null;
  const head = element("tr", {}, element("th"), ...series.map(({ name }) => element("th", {}, name)));
  const rows = Array.from({ length: Math.min(count, MOST_POINTS) }, (_, at) => element("tr", {},
    element("th", {}, series[0].places.get(at) ?? String(at + 1)),
    ...series.map(({ values }) => element("td", {}, values.get(at) ?? ""))));
  return element("div.shape-chart", {}, element("strong", {}, titleOf(root)),
    element("table", {}, element("tbody", {}, head, ...rows)));
}

function titleOf(root) {
  const title = root.getElementsByTagNameNS("*", "title")[0];
  return [...(title?.getElementsByTagNameNS("*", "t") ?? [])].map((run) => run.textContent).join("").slice(0, 200);
}

/** What is kept of the values in the chart itself, by their place. */
function pointsOf(node) {
  const points = [...(node?.getElementsByTagNameNS("*", "pt") ?? [])].slice(0, 1000);
  return new Map(points.map((point) => [numberOf(point, "idx"), rounded(child(point, "v")?.textContent ?? "")])
    .filter(([place]) => place >= 0 && place < 10_000));
}

/** Without the digits that only a computer sees. */
function rounded(text) {
  const value = Number(text);
  return /\.\d{5,}/.test(text) && Number.isFinite(value) ? String(Math.round(value * 1e4) / 1e4) : text.slice(0, 200);
}
