// Every seat of the room as the node tells it, sorted and chosen from. Pure.

export const COLOURS = ["red", "amber", "green"];

export class Seats {
  #rows = new Map();

  /** All of them, in the place of what was known. */
  replace(rows) {
    this.#rows = new Map(rows.map((row) => [row.id, row]));
  }

  /** @param {{rows?: object[], gone?: string[]}} news */
  change({ rows = [], gone = [] }) {
    for (const row of rows) this.#rows.set(row.id, row);
    for (const id of gone) this.#rows.delete(id);
  }

  get size() {
    return this.#rows.size;
  }

  get(id) {
    return this.#rows.get(id);
  }

  /** How many there are of each colour. */
  counts() {
    const counts = { red: 0, amber: 0, green: 0 };
    for (const row of this.#rows.values()) counts[row.colour] += 1;
    return counts;
  }

  /** How many would try again if they were told to. */
  failed() {
    let count = 0;
    for (const row of this.#rows.values()) count += row.reason === "failed";
    return count;
  }

  /**
   * The seats by colour, each in the order of their names.
   *
   * @param {{colour?: string|null, words?: string}} chosen only of this colour; only with these words in name or address
   * @returns {{red: object[], amber: object[], green: object[]}}
   */
  groups({ colour = null, words = "" } = {}) {
    const wanted = words.trim().toLocaleLowerCase();
    const groups = { red: [], amber: [], green: [] };
    for (const row of this.#rows.values()) {
      if (colour && row.colour !== colour) continue;
      if (wanted && !fits(row, wanted)) continue;
      groups[row.colour].push(row);
    }
    for (const rows of Object.values(groups)) rows.sort(byOrder);
    return groups;
  }
}

function fits({ seat, address }, words) {
  return seat.toLocaleLowerCase().includes(words) || address.includes(words);
}

/** The node reckons the order, so that page and table agree: 2 before 10, 第二席 before 第十席. */
function byOrder(a, b) {
  if (a.order !== b.order) return a.order < b.order ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
