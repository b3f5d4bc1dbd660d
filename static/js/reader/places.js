/**
 * Where somebody was in each material, until the browser is closed.
 *
 * The place belongs to the name and not to the number or the revision: the new version of a
 * document opens where the old one was left.
 */

const KEY = "kiosk.places";
const MOST = 200;

export class Places {
  #storage;
  #places;

  /** @param {Pick<Storage, "getItem" | "setItem">} storage */
  constructor(storage = sessionStorage) {
    this.#storage = storage;
    this.#places = new Map(read(storage));
  }

  get(meeting, name) {
    return this.#places.get(keyOf(meeting, name)) ?? null;
  }

  set(meeting, name, place) {
    const key = keyOf(meeting, name);
    this.#places.delete(key);
    this.#places.set(key, place);
    const [oldest] = this.#places.keys();
    if (this.#places.size > MOST) this.#places.delete(oldest);
    this.#storage.setItem(KEY, JSON.stringify([...this.#places]));
  }
}

function keyOf(meeting, name) {
  return JSON.stringify([meeting, name]);
}

/** What was kept; whatever cannot be read counts as nothing. */
function read(storage) {
  try {
    const places = JSON.parse(storage.getItem(KEY) ?? "[]");
    return Array.isArray(places) ? places.filter((entry) => Array.isArray(entry) && entry[1]) : [];
  } catch {
    return [];
  }
}
