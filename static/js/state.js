// What the page knows, as a pure function of what it heard; and the store that holds it.
//
// `reduce` knows the events of the terminal and four of the page's own: "connected", "disconnected"
// (the socket), "snapshot" (everything, on connect) and "meetings" (the answer of GET /api/meetings).
// Whatever the order in which they arrive: bytes and percent of a download never fall, never pass
// the total, and the first ending is the only one.

export const INITIAL = Object.freeze({
  connection: "starting", // to the terminal: starting, live, lost
  online: null, // the terminal to the master: true, false, null while unknown
  meetings: null, // as in GET /api/meetings; null while unknown
  downloads: Object.freeze({}), // by meeting id
  changes: 0, // rises whenever a meeting has to be asked for again
});

const TIMELINE_LIMIT = 200;
const ENDINGS = Object.freeze({
  downloadComplete: "complete",
  downloadError: "failed",
  downloadCancelled: "cancelled",
});

/** The state after `name` with `payload`; the same object where nothing changes. */
export function reduce(state, name, payload = {}) {
  switch (name) {
    case "connected":
      return state;
    case "disconnected":
      return state.connection === "live" ? { ...state, connection: "lost" } : state;
    case "snapshot":
      return { ...known(state, payload), connection: "live", downloads: byMeeting(payload.downloads) };
    case "meetings":
      return known(state, payload);
    case "meetingsChanged":
      return { ...state, changes: state.changes + 1 };
    default:
      return withDownload(state, name, payload);
  }
}

function known(state, payload) {
  const { online = state.online, meetings = state.meetings } = payload;
  return { ...state, ...rest(payload), online, meetings, changes: state.changes + 1 };
}

function rest({ upstream, configured }) {
  const said = {};
  if (upstream !== undefined) said.upstream = upstream;
  if (configured !== undefined) said.configured = configured;
  return said;
}

function byMeeting(downloads) {
  const list = Array.isArray(downloads) ? downloads : Object.values(downloads ?? {});
  return Object.fromEntries(list.map((one) => [one.meetingId, one]));
}

function withDownload(state, name, payload) {
  const id = payload.meetingId;
  if (!id) return state;
  const before = state.downloads[id] ?? null;
  const after = reduceDownload(before, name, payload);
  if (after === before) return state;
  const ended = after.ending && !before?.ending;
  return {
    ...state,
    downloads: { ...state.downloads, [id]: after },
    changes: state.changes + (ended ? 1 : 0),
  };
}

/** The snapshot of one download after an event; `snapshot` null where there was none. */
export function reduceDownload(snapshot, name, payload) {
  if (name === "downloadStart") return started(payload);
  if (!snapshot || snapshot.ending) return snapshot;
  if (name === "downloadProgress") return progressed(snapshot, payload);
  if (name === "serverSwitch") return switched(snapshot, payload);
  if (name === "materialReady") return ready(snapshot, payload);
  if (name in ENDINGS) return ended(snapshot, name, payload);
  return snapshot;
}

function started({ meetingId, servers = [], totalBytes = null, at = null, automatic = false }) {
  return {
    meetingId,
    state: "connecting",
    phase: "connecting",
    server: null,
    serverIndex: 0,
    serverCount: servers.length,
    attempt: 0,
    receivedBytes: 0,
    reusedBytes: 0,
    totalBytes,
    percent: 0,
    bytesPerSecond: 0,
    secondsLeft: null,
    servers,
    startsAt: null,
    automatic,
    timeline: [{ at, kind: "start", servers }],
    segments: [],
    ready: [],
    ending: null,
  };
}

function progressed(snapshot, payload) {
  const receivedBytes = Math.max(snapshot.receivedBytes, payload.receivedBytes ?? 0);
  const reusedBytes = Math.max(snapshot.reusedBytes, payload.reusedBytes ?? 0);
  return {
    ...snapshot,
    ...only(payload, ["server", "serverIndex", "serverCount", "attempt", "bytesPerSecond"]),
    ...only(payload, ["secondsLeft", "totalBytes", "startsAt"]),
    state: payload.phase ?? snapshot.state,
    phase: payload.phase ?? snapshot.phase,
    receivedBytes,
    reusedBytes,
    percent: Math.min(100, Math.max(snapshot.percent, payload.percent ?? 0)),
    segments: grown(snapshot.segments, payload.server, receivedBytes - snapshot.receivedBytes),
  };
}

function only(payload, names) {
  return Object.fromEntries(names.filter((name) => name in payload).map((name) => [name, payload[name]]));
}

function grown(segments, server, bytes) {
  if (bytes <= 0 || !server) return segments;
  const last = segments.at(-1);
  if (last?.server !== server) return [...segments, { server, bytes }];
  return [...segments.slice(0, -1), { server, bytes: last.bytes + bytes }];
}

function switched(snapshot, { at = null, from, to, reason, message, details, waitSeconds }) {
  return withStep(snapshot, { at, kind: "switch", from, to, reason, message, details, waitSeconds });
}

function ready(snapshot, { index }) {
  if (snapshot.ready.includes(index)) return snapshot;
  return { ...snapshot, ready: [...snapshot.ready, index] };
}

function ended(snapshot, name, payload) {
  const state = ENDINGS[name];
  const done = state === "complete";
  const after = {
    ...snapshot,
    state,
    percent: done ? 100 : snapshot.percent,
    bytesPerSecond: 0,
    secondsLeft: done ? 0 : null,
    ending: { event: name, ...payload },
  };
  return withStep(after, { at: payload.at ?? null, kind: state === "failed" ? "error" : state });
}

function withStep(snapshot, step) {
  return { ...snapshot, timeline: [...snapshot.timeline, step].slice(-TIMELINE_LIMIT) };
}

/** Holds the state and tells whoever subscribed about each new one. */
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
