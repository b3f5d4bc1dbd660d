// What happened during a download, as sentences in the reader's language. Pure.

/**
 * One line of the timeline.
 *
 * @param {object} line an entry of a snapshot's timeline
 * @param {object} snapshot
 * @param {{t: Function, problem: Function, format: import("./format.js").Format}} words
 */
export function sentence(line, snapshot, words) {
  const { t } = words;
  if (line.kind === "switch") return switchSentence(line, snapshot, words);
  if (line.kind === "error") return t(failureKey(line.status, t));
  if (line.kind !== "start") return t(`timeline.${line.kind}`);
  const count = snapshot.servers.length || snapshot.serverCount;
  return count ? t("timeline.start", { count }) : t("timeline.start.plain");
}

function switchSentence({ from, to, reason, message, details, waitSeconds }, snapshot, words) {
  const { t, format } = words;
  const problem = reasonOf({ server: from, code: reason, message, details }, snapshot.servers, words);
  const fields = { reason: problem, to: format.server(to, snapshot.servers) };
  if (waitSeconds >= 1) {
    return t("timeline.switch.wait", { ...fields, time: format.duration(waitSeconds) });
  }
  return t(from === to ? "timeline.switch.same" : "timeline.switch.next", fields);
}

/** The sentence of a failed attempt, its server named as briefly as it can be. */
export function reasonOf({ server, code, message, details = {} }, servers, { problem, format }) {
  const shown = { ...details, server: format.server(server || details.server, servers) };
  return problem({ code, message, details: shown }).message;
}

/** The headline of a failure: one sentence for everybody in the room. */
export function failureKey(status, t) {
  const key = `failure.${status}`;
  return t(key) === key ? "failure.unknown" : key;
}

/**
 * The attempts of a failed download, one row a server: its last reason and how often it was asked.
 *
 * @returns {Array<{server: string, times: number, attempt: object}>}
 */
export function byServer(attempts) {
  const rows = new Map();
  for (const attempt of attempts) {
    const times = (rows.get(attempt.server)?.times ?? 0) + 1;
    rows.set(attempt.server, { server: attempt.server, times, attempt });
  }
  return [...rows.values()];
}

/** What a technician may want besides the sentence: the raw words of the fault. */
export function footnote({ details = {} }) {
  const { why, type } = details;
  return [why, type].filter(Boolean).join(" · ");
}

/** "12.4 MB/s · 21 s left · server 2 of 5 (10.1.1.13)": only what is known. */
export function rateLine(snapshot, { t, format }) {
  const { bytesPerSecond, secondsLeft, server, serverIndex, serverCount, servers } = snapshot;
  const named = server && serverIndex;
  return [
    bytesPerSecond > 0 ? format.speed(bytesPerSecond) : "",
    secondsLeft > 0 ? t("download.left", { time: format.duration(secondsLeft) }) : "",
    named
      ? t("download.server", {
          index: serverIndex,
          count: serverCount,
          server: format.server(server, servers),
        })
      : "",
  ].filter(Boolean);
}
