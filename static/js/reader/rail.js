/**
 * The rail of thumbnails. Those in sight are drawn, small and one after the other; what is far away
 * gives its memory back, so that a rail of a thousand pages costs as much as one of ten.
 */

import { button, element } from "../element.js";
import { t } from "../i18n.js";
import { keptPages } from "../viewers/pdf/states.js";
import { layOut, visibleRange } from "../viewers/geometry.js";
import { Thumbnail } from "./thumbnail.js";

const WIDTH = 148;
const CAPTION = 36;
const GAP = 12;

export class Rail {
  #viewer;
  #boxes = [];
  #thumbnails = new Map();
  #list = element("ol.rail-list");
  #scroller;
  #ended = new AbortController();
  #isDrawing = false;
  #asked = 0;

  constructor(viewer, shut) {
    this.#viewer = viewer;
    this.#scroller = element("div.rail-scroll.scroll", {}, this.#list);
    const close = button(t("reader.close"), shut, { kind: "quiet square", icon: "close", onlyIcon: true });
    const head = element("div.panel-head", {}, element("h2", {}, t("reader.rail")), close);
    this.element = element("aside.reader-panel.rail.reader-bar", { "aria-label": t("reader.rail") },
      head, this.#scroller);
  }

  begin() {
    const { signal } = this.#ended;
    const sizes = this.#viewer.pane.sizes.map((size) => fitted(size));
    const frame = { width: WIDTH, height: 0, gap: GAP, side: 0, above: 4, below: 16 };
    const layout = layOut(sizes, 1, frame);
    this.#boxes = layout.boxes;
    this.#list.style.height = `${layout.height}px`;
    this.#scroller.addEventListener("scroll", () => this.#askToLook(), { passive: true, signal });
    this.#viewer.addEventListener("change", () => this.#mark(), { signal });
    const box = this.#boxes[this.#viewer.page - 1];
    if (box) this.#scroller.scrollTop = box.top - this.#scroller.clientHeight / 2 + box.height / 2;
    this.#look();
    this.#thumbnails.get(this.#viewer.page - 1)?.focus();
  }

  close() {
    this.#ended.abort();
    cancelAnimationFrame(this.#asked);
    for (const thumbnail of this.#thumbnails.values()) thumbnail.drop();
  }

  #askToLook() {
    this.#asked ||= requestAnimationFrame(() => {
      this.#asked = 0;
      this.#look();
    });
  }

  #look() {
    const visible = visibleRange(this.#boxes, this.#scroller.scrollTop, this.#scroller.clientHeight);
    const kept = new Set(keptPages(visible, this.#boxes.length));
    for (const [index, thumbnail] of this.#thumbnails) {
      if (kept.has(index) || thumbnail.hasFocus) continue;
      thumbnail.drop();
      this.#thumbnails.delete(index);
    }
    for (const index of kept) {
      if (!this.#thumbnails.has(index)) this.#add(index);
    }
    this.#mark();
    void this.#draw();
  }

  #add(index) {
    const thumbnail = new Thumbnail(index, this.#boxes[index], CAPTION, () => this.#viewer.goTo(index + 1));
    this.#thumbnails.set(index, thumbnail);
    const after = [...this.#thumbnails.values()].filter((other) => other.index > index)
      .sort((one, other) => one.index - other.index)[0];
    this.#list.insertBefore(thumbnail.element, after?.element ?? null);
  }

  #mark() {
    for (const [index, thumbnail] of this.#thumbnails) {
      thumbnail.isCurrent = index === this.#viewer.page - 1;
    }
  }

  async #draw() {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    while (!this.#ended.signal.aborted) {
      const next = [...this.#thumbnails.values()].find((thumbnail) => thumbnail.isWaiting);
      if (!next) break;
      await next.draw(this.#viewer);
    }
    this.#isDrawing = false;
  }
}

/** As wide as the rail; a very tall page is cut to a sensible height. */
function fitted({ width, height }) {
  return { width: WIDTH, height: Math.min(WIDTH * 2, Math.round((WIDTH * height) / width)) + CAPTION };
}
