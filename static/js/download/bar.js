// The bar: who delivered what, as far as it has come.
//
// The segments lie at their places from the beginning; a cover slides off them to the right. So only
// one thing moves, by transform, and it moves one way.

import { element, fill, setText } from "../element.js";

const TONES = 5;

/**
 * The parts of the bar in order, as fractions of what has arrived: what was here already, then each server's run.
 *
 * @returns {Array<{server: string|null, bytes: number, from: number, share: number, tone: number}>} tone 0: was here
 */
export function partsOf({ reusedBytes, segments, servers }) {
  const order = [...new Set([...segments.map(({ server }) => server), ...servers])];
  const runs = segments.map(({ server, bytes }) => ({ server, bytes, tone: 1 + (order.indexOf(server) % TONES) }));
  if (reusedBytes > 0) runs.unshift({ server: null, bytes: reusedBytes, tone: 0 });
  const all = runs.reduce((sum, { bytes }) => sum + bytes, 0);
  let from = 0;
  return runs.map((run) => {
    const part = { ...run, from, share: run.bytes / all };
    from += part.share;
    return part;
  });
}

/** The parts summed up by server, in the order of their first bytes. */
export function legendOf(parts) {
  const rows = new Map();
  for (const { server, bytes, tone } of parts) {
    const before = rows.get(server)?.bytes ?? 0;
    rows.set(server, { server, tone, bytes: before + bytes });
  }
  return [...rows.values()];
}

export class Bar {
  #t;
  #format;
  #parts = element("div.parts");
  #cover = element("div.cover");
  #legend = element("ul.legend");

  constructor({ t, format }) {
    this.#t = t;
    this.#format = format;
    this.track = element("div.bar", {}, this.#parts, this.#cover);
    this.legend = this.#legend;
  }

  /** Lays the parts out; `percent` of the track is theirs. */
  layOut(snapshot) {
    const parts = partsOf(snapshot);
    const known = Boolean(snapshot.totalBytes) || snapshot.percent > 0;
    const scale = known ? snapshot.percent : 0;
    while (this.#parts.children.length > parts.length) this.#parts.lastChild.remove();
    while (this.#parts.children.length < parts.length) this.#parts.append(element("div.part"));
    for (const [position, { from, share, tone }] of parts.entries()) {
      const part = this.#parts.children[position];
      part.dataset.tone = tone;
      part.style.left = `${from * scale}%`;
      part.style.width = `${share * scale}%`;
    }
    this.track.dataset.length = known || !snapshot.receivedBytes ? "known" : "unknown";
    this.#name(legendOf(parts), snapshot.servers);
  }

  /** Uncovers the bar up to `percent`. */
  uncover(percent) {
    this.#cover.style.transform = `translateX(${percent}%)`;
  }

  #name(rows, servers) {
    if (this.#legend.children.length !== rows.length) {
      fill(this.#legend, ...rows.map(() => legendRow()));
    }
    for (const [position, { server, bytes, tone }] of rows.entries()) {
      const [swatch, words] = this.#legend.children[position].children;
      swatch.dataset.tone = tone;
      const name = server === null ? this.#t("download.here") : this.#format.server(server, servers);
      setText(words, `${name} · ${this.#format.bytes(bytes)}`);
    }
  }
}

function legendRow() {
  return element("li.numbers", {}, element("span.swatch"), element("span"));
}
