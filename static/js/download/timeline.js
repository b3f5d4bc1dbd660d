// What happened so far, one calm line each, the newest on top.

import { element, fill } from "../element.js";
import { sentence } from "../sentences.js";

const MARKS = { start: "plain", switch: "warn", complete: "ok", error: "bad", cancelled: "plain" };

export class Timeline {
  #words;
  #list = element("ol");
  #shown = null;

  /** @param {{t: Function, problem: Function, format: object}} words */
  constructor(words) {
    this.#words = words;
    const label = words.t("download.timeline");
    this.element = element("div.timeline.scroll", { role: "region", "aria-label": label, tabindex: 0 }, this.#list);
  }

  update(snapshot) {
    const { timeline } = snapshot;
    if (timeline === this.#shown) return;
    this.#shown = timeline;
    fill(this.#list, ...timeline.map((line) => this.#line(line, snapshot)).reverse());
    this.element.scrollTop = 0;
  }

  #line(line, snapshot) {
    return element(
      "li",
      { "data-mark": MARKS[line.kind] ?? "plain" },
      element("span.at.numbers", {}, this.#words.format.timeWithSeconds(line.at)),
      element("span.said", {}, sentence(line, snapshot, this.#words)),
    );
  }
}
