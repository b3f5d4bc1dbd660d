/**
 * Where somebody was in each material. The terminal keeps it, so that it outlives the browser; what is
 * not told yet is known here.
 *
 * The place belongs to the name and not to the number or the revision: the new version of a document
 * opens where the old one was left.
 */

import { keyOf } from "./materials.js";

const MOST = 200;

export class Places {
  #keep;
  #known = new Map();

  /**
   * @param {(meeting: string, what: {n: number, revision: string | null, place: object | null}) =>
   *   Promise<any>} keep  tells the terminal
   */
  constructor(keep) {
    this.#keep = keep;
  }

  /** @param {string} meeting  @param {import("./materials.js").Row} row  as the terminal gave it */
  get(meeting, row) {
    const known = this.#known.get(placeKey(meeting, row));
    return known?.place ?? row.place ?? null;
  }

  /** `row` of `revision` is open now, at `place` (null: not known yet). What was told is not told again. */
  async set(meeting, { row, revision }, place) {
    const key = placeKey(meeting, row);
    const told = JSON.stringify([row.n, revision, place]);
    if (this.#known.get(key)?.told === told) return;
    const where = place ?? this.#known.get(key)?.place ?? null;
    this.#known.delete(key);
    this.#known.set(key, { place: where, told });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST) this.#known.delete(oldest);
    try {
      await this.#keep(meeting, { n: row.n, revision, place });
    } catch (fault) {
      if (this.#known.get(key)?.told !== told) return;
      // Purged: nobody shall remember it. Any other fault: it is known here, and told with the next place.
      if (fault.status === 404) this.#known.delete(key);
      else this.#known.set(key, { place: where, told: "" });
    }
  }
}

function placeKey(meeting, row) {
  return JSON.stringify([meeting, keyOf(row)]);
}
