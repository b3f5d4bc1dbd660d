// The snapshot of a download after each event: the same rules as kiosk/progress.py, held to the same
// answers by tests/vectors/downloads.json.
//
// A download begins with downloadQueued or downloadStart. The first of complete, error and cancelled
// ends it; what comes after that is not listened to until the next one begins. Bytes and percent
// never fall and never pass the total; the segments tell whose bytes are on the disk, and begin anew
// where some have to be fetched again. `ready` are the numbers of the materials that can be opened, `front`
// is the one that somebody waits for.

const TIMELINE_LENGTH = 200;
const MOST_SEGMENTS = 12;
const PHASES = ["waiting", "connecting", "downloading", "verifying", "publishing"];
const ENDED = { downloadComplete: "complete", downloadError: "failed", downloadCancelled: "cancelled" };
const ENDING_LINES = { complete: "complete", failed: "error", cancelled: "cancelled" };
const STEPS = { downloadProgress: progressed, serverSwitch: switched, materialReady, materialWanted };

/** The snapshot after event `name`; null while there never was a download. Changes nothing in place. */
export function reduceDownload(snapshot, name, payload) {
  if (name === "downloadQueued") return queued(snapshot, payload);
  if (name === "downloadStart") return started(snapshot, payload);
  if (!snapshot || snapshot.ending) return snapshot;
  if (Object.hasOwn(ENDED, name)) return ended(snapshot, name, payload);
  return Object.hasOwn(STEPS, name) ? STEPS[name](snapshot, payload) : snapshot;
}

function fresh(meetingId) {
  return {
    meetingId,
    state: "connecting",
    phase: "connecting",
    server: null,
    serverIndex: 0,
    serverCount: 0,
    attempt: 0,
    receivedBytes: 0,
    reusedBytes: 0,
    heldBytes: 0,
    totalBytes: null,
    percent: 0,
    bytesPerSecond: 0,
    secondsLeft: null,
    servers: [],
    startsAt: null,
    automatic: false,
    timeline: [],
    segments: [],
    ready: [],
    front: null,
    ending: null,
  };
}

function queued(snapshot, { meetingId, startsAt = null, automatic = false }) {
  const { front } = keptOf(snapshot);
  return { ...fresh(meetingId), state: "waiting", phase: "waiting", startsAt, automatic, front };
}

function started(snapshot, { meetingId, servers = [], totalBytes = null, at = null }) {
  const { automatic, front } = keptOf(snapshot);
  const after = { ...fresh(meetingId), automatic, front, servers, serverCount: servers.length, totalBytes };
  return withLine(after, { kind: "start", at });
}

/** What was said of a download that waited, and holds when it begins. */
function keptOf(snapshot) {
  return snapshot && !snapshot.ending ? snapshot : { automatic: false, front: null };
}

function progressed(snapshot, payload) {
  const { phase, totalBytes, percent = 0, receivedBytes = 0, reusedBytes = 0 } = payload;
  const taken = ["server", "serverIndex", "serverCount", "attempt", "bytesPerSecond", "secondsLeft", "streamed"];
  const after = { ...snapshot, ...only(payload, taken) };
  if (PHASES.includes(phase)) Object.assign(after, { phase, state: phase });
  after.totalBytes = totalBytes ?? snapshot.totalBytes;
  after.receivedBytes = Math.max(snapshot.receivedBytes, receivedBytes);
  after.reusedBytes = Math.max(snapshot.reusedBytes, reusedBytes);
  after.percent = Math.min(100, Math.max(snapshot.percent, percent));
  return { ...after, ...heldOf(after, payload) };
}

/** Who delivered what is on the disk; it begins anew where some of it is lost again. */
function heldOf(after, payload) {
  const held = payload.heldBytes ?? after.receivedBytes + after.reusedBytes;
  if (Object.keys(payload.delivered ?? {}).length) {
    return { segments: byServer(after.segments, payload.delivered), heldBytes: held };
  }
  const anew = held < after.reusedBytes + delivered(after.segments);
  const segments = anew ? [] : after.segments;
  const reusedBytes = anew ? (payload.reusedBytes ?? 0) : after.reusedBytes;
  const arrived = held - reusedBytes - delivered(segments);
  return { segments: credited(segments, after.server, arrived), reusedBytes, heldBytes: held };
}

/** Whether less is on the disk than was shown, because some is fetched again: the figures wait for it. */
export function isCatchingUp({ phase, receivedBytes, reusedBytes, heldBytes }) {
  return phase === "downloading" && heldBytes < receivedBytes + reusedBytes;
}

/** How many bytes on the disk came from servers in this download. */
export function delivered(segments) {
  return segments.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * The segments that lead to `sent` (bytes by server); they begin anew where a server has less than before. Of servers
 * that send at the same time each has one segment, which grows.
 */
function byServer(segments, sent) {
  const before = new Map();
  for (const { server, bytes } of segments) before.set(server, (before.get(server) ?? 0) + bytes);
  const anew = [...before].some(([server, bytes]) => (sent[server] ?? 0) < bytes);
  const more = Object.entries(sent).map(([server, bytes]) => [server, bytes - (anew ? 0 : (before.get(server) ?? 0))]);
  const most = more.filter(([, bytes]) => bytes > 0).length > 1 ? 0 : MOST_SEGMENTS;
  return more.reduce((runs, [server, bytes]) => credited(runs, server, bytes, most), anew ? [] : segments);
}

/** The segments with `arrived` more bytes from `server` at their end; from `most` on they are added to its latest one. */
function credited(segments, server, arrived, most = MOST_SEGMENTS) {
  if (arrived <= 0 || server === null) return segments;
  const latest = segments.findLastIndex((segment) => segment.server === server);
  const isLast = latest === segments.length - 1;
  if (latest < 0 || (!isLast && segments.length < most)) return [...segments, { server, bytes: arrived }];
  return segments.with(latest, { server, bytes: segments[latest].bytes + arrived });
}

function switched(snapshot, payload) {
  const told = ["from", "to", "reason", "message", "details", "waitSeconds"];
  const line = { kind: "switch", at: payload.at ?? null, ...only(payload, told) };
  const phase = payload.waitSeconds ? "waiting" : "connecting";
  const still = { bytesPerSecond: 0, secondsLeft: null, state: phase, phase };
  return withLine({ ...snapshot, ...still, server: payload.to ?? null }, line);
}

function materialReady(snapshot, { index }) {
  const ready = [...new Set([...snapshot.ready, index])].sort((one, other) => one - other);
  return { ...snapshot, ready, front: snapshot.front === index ? null : snapshot.front };
}

function materialWanted(snapshot, { index }) {
  return snapshot.ready.includes(index) ? snapshot : { ...snapshot, front: index };
}

function ended(snapshot, name, payload) {
  const state = ENDED[name];
  const told = ["status", "message", "receivedBytes", "reusedBytes", "seconds", "servers"];
  const line = { kind: ENDING_LINES[state], at: payload.at ?? null, ...only(payload, told) };
  const after = {
    ...snapshot,
    state,
    ending: { event: name, ...payload },
    startsAt: null,
    bytesPerSecond: 0,
    secondsLeft: null,
    ...(state === "complete" ? whole(snapshot, payload) : {}),
  };
  return withLine(after, line);
}

/** The numbers at the end: the last progress may have been told before the last bytes came. */
function whole(snapshot, payload) {
  const receivedBytes = Math.max(snapshot.receivedBytes, payload.receivedBytes ?? 0);
  const reusedBytes = Math.max(snapshot.reusedBytes, payload.reusedBytes ?? 0);
  const { segments, server } = snapshot;
  const rest = receivedBytes - delivered(segments);
  const isTold = Object.keys(payload.servers ?? {}).length > 0;
  return {
    percent: 100,
    receivedBytes,
    reusedBytes,
    totalBytes: snapshot.totalBytes || receivedBytes + reusedBytes,
    segments: isTold ? byServer(segments, payload.servers) : credited(segments, server, rest),
  };
}

function withLine(snapshot, line) {
  return { ...snapshot, timeline: [...snapshot.timeline, line].slice(-TIMELINE_LENGTH) };
}

function only(payload, names) {
  return Object.fromEntries(names.filter((name) => name in payload).map((name) => [name, payload[name]]));
}
