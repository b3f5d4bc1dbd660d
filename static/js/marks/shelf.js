/**
 * The notebooks that are open, or not wholly saved: one for each material, however often it is opened.
 */

import { Notebook } from "./notebook.js";
import { Saving } from "./saving.js";

const open = new Map();

/**
 * The notebook of a material, and how it is saved. `release` when nobody looks at it any more: it stays
 * until all of it is saved.
 * @param {import("../api.js").Api} api
 * @param {string} meetingId
 * @param {{n: number, url: string}} material
 * @returns {{book: Notebook, saving: Saving, release: () => void}}
 */
export function notebookFor(api, meetingId, { n, url }) {
  const query = new URL(url, "http://terminal/").search;
  const key = JSON.stringify([meetingId, n, query]);
  const held = open.get(key) ?? begin(api, { meetingId, n, query });
  open.set(key, held);
  held.users += 1;
  return { book: held.book, saving: held.saving, release: () => release(key, held) };
}

function begin(api, place) {
  const book = new Notebook();
  const saving = new Saving({
    load: () => api.marks(place),
    save: (page, body) => api.saveMarks(place, page, body),
  }, book);
  void saving.load();
  return { book, saving, users: 0 };
}

function release(key, held) {
  held.users -= 1;
  held.saving.flush();
  const end = () => {
    if (held.users > 0 || !held.saving.isDone) return;
    held.saving.end();
    if (open.get(key) === held) open.delete(key);
  };
  held.saving.addEventListener("state", end);
  end();
}
