// How a seat stands, in words. Pure.

/** The few words on a seat's card: "63 %", "offline since 09:12". */
export function stateOf(row, { t, format }) {
  if (row.asked) return t("room.state.asked");
  if (row.reason === "downloading" && row.percent !== null) return t("room.state.percent", { percent: row.percent });
  if (row.reason === "silent") return t("room.state.silent", { time: format.time(row.since) });
  return t(`room.state.${row.reason}`);
}

/** How one meeting stands on a seat. */
export function meetingState(held, { t }) {
  if (held.phase === "ready" && held.update) return t("room.state.outdated");
  if (["connecting", "downloading", "verifying", "publishing"].includes(held.phase)) {
    return t("room.phase.moving", { phase: t(`download.phase.${held.phase}`), percent: held.percent });
  }
  return t(`room.state.${held.phase}`);
}

/** The line that says how the node itself stands. */
export function standingOf(node, { t, format }) {
  if (node.online) return { state: "online", words: t("room.source.online", { source: node.source }) };
  if (!node.heardAt) return { state: "offline", words: t("room.source.never", { source: node.source }) };
  const time = format.time(node.heardAt * 1000);
  return { state: "offline", words: t("room.source.offline", { source: node.source, time }) };
}

/** A revision as a person compares it. */
export function short(revision) {
  return revision ? revision.slice(0, 8) : "–";
}
