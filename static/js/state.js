// What the page knows, as a pure function of what it heard; and the store that holds it.
//
// `reduce` knows the events of the terminal and three of the page's own: "disconnected" (the socket),
// "snapshot" (everything, first on each connection) and "meetings" (the answer of GET /api/meetings).

import { reduceDownload } from "./progress.js";

export const INITIAL = Object.freeze({
  connection: "starting", // to the terminal: starting, live, lost
  online: null, // the terminal to the master: true, false, null while unknown
  asked: false, // has the master been asked at all
  server: null, // who answers as master
  configured: null, // is any server set up
  meetings: null, // as in GET /api/meetings; null while unknown
  downloads: Object.freeze({}), // snapshots by meeting id
  changes: 0, // rises whenever what is known of the meetings may be old
  settings: 0, // rises whenever title, language or colours may be others
});

const KNOWN = ["online", "asked", "server", "configured", "meetings"];

/** The state after event `name`; the same object where nothing changes. */
export function reduce(state, name, payload = {}) {
  switch (name) {
    case "disconnected":
      return state.connection === "live" ? { ...state, connection: "lost" } : state;
    case "snapshot":
      return {
        ...state,
        ...known(payload),
        connection: "live",
        downloads: byMeeting(payload.downloads),
        changes: state.changes + 1,
      };
    case "meetings":
      return { ...state, ...known(payload) };
    case "meetingsChanged":
      return { ...state, changes: state.changes + 1 };
    case "settingsChanged":
      return { ...state, changes: state.changes + 1, settings: state.settings + 1 };
    default:
      return withDownload(state, name, payload);
  }
}

function known(payload) {
  return Object.fromEntries(KNOWN.filter((name) => name in payload).map((name) => [name, payload[name]]));
}

function byMeeting(downloads) {
  const list = Array.isArray(downloads) ? downloads : Object.values(downloads ?? {});
  return Object.fromEntries(list.map((download) => [download.meetingId, download]));
}

function withDownload(state, name, payload) {
  const id = payload.meetingId;
  if (!id) return state;
  const before = Object.hasOwn(state.downloads, id) ? state.downloads[id] : null;
  const after = reduceDownload(before, name, payload);
  if (after === before) return state;
  const ended = after.ending && !before?.ending;
  return {
    ...state,
    downloads: { ...state.downloads, [id]: after },
    changes: state.changes + (ended ? 1 : 0),
  };
}

/** Holds the state, and tells whoever subscribed about each new one. */
export class Store {
  #state = INITIAL;
  #listeners = new Set();

  get state() {
    return this.#state;
  }

  dispatch(name, payload) {
    const before = this.#state;
    this.#state = reduce(before, name, payload);
    if (this.#state === before) return;
    for (const listener of [...this.#listeners]) listener(this.#state, before);
  }

  /** Calls `listener(state, before)` after each change, until `signal` is aborted. */
  subscribe(listener, { signal } = {}) {
    if (signal?.aborted) return;
    this.#listeners.add(listener);
    signal?.addEventListener("abort", () => this.#listeners.delete(listener), { once: true });
  }
}
