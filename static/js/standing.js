// How it stands with a meeting on this terminal, and what a tap on it does. Pure.

const RUNNING = ["connecting", "downloading", "verifying", "publishing"];

/** Is this download under way (not waiting, not ended)? */
export function isRunning(download) {
  return Boolean(download) && !download.ending && RUNNING.includes(download.state);
}

/** Is this download under way, or waiting for its turn? */
export function isOpen(download) {
  return Boolean(download) && !download.ending;
}

/**
 * A name for the state of a meeting, the words for it, and what its button does.
 *
 * @param {object} meeting a row of GET /api/meetings
 * @param {object|null} download its snapshot
 * @returns {{name: string, key: string, fields?: object, action: "open"|"download"|"watch"}}
 */
export function standing(meeting, download) {
  if (isOpen(download)) return underWay(download);
  if (meeting.local) return here(meeting);
  if (download?.state === "failed") return { name: "failed", key: "welcome.failed", action: "watch" };
  return { name: "remote", key: "welcome.remote", action: "download" };
}

function underWay(download) {
  if (!download.serverCount) return { name: "running", key: "welcome.waiting", action: "watch" };
  const fields = { percent: Math.min(99, Math.floor(download.percent)) };
  return { name: "running", key: "welcome.running", fields, action: "watch" };
}

function here({ local, update }) {
  if (update) return { name: "update", key: "welcome.update", action: "open" };
  const count = local.missing?.length ?? local.missing ?? 0;
  if (!count) return { name: "ready", key: "welcome.ready", action: "open" };
  return { name: "missing", key: "welcome.ready.missing", fields: { count }, action: "open" };
}

/**
 * Which scene the start page shows, and which meetings in it.
 *
 * One meeting that is on has the screen; what else is here stands small below it.
 */
export function sceneOf({ meetings, online, asked, configured }) {
  if (meetings === null) return { name: "unknown", main: [], others: [] };
  const current = meetings.filter((meeting) => meeting.status !== "ended");
  const ended = meetings.filter((meeting) => meeting.status === "ended");
  if (current.length === 1) return { name: "one", main: current, others: ended };
  if (current.length > 1) return { name: "several", main: current, others: ended };
  if (ended.length) return { name: "several", main: ended, others: [] };
  if (configured === false) return { name: "unset", main: [], others: [] };
  if (!asked) return { name: "unknown", main: [], others: [] };
  return { name: online ? "none" : "offline", main: [], others: [] };
}
