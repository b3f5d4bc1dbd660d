// What stands in the place of the panel when a download has ended: a line, or what went wrong and what to do.

import { button, element, icon } from "../element.js";
import { byServer, failureKey, footnote, reasonOf } from "../sentences.js";

/** Endings whose last attempt is said in the headline: no server is to blame for it. */
const TOLD_ABOVE = ["package_refused", "disk_full"];

/**
 * One line of a download that is done: how much, from how many, checked.
 *
 * @param {object} snapshot
 * @param {object} context
 */
export function completeLine(snapshot, { t, format }) {
  const { receivedBytes, reusedBytes, seconds, servers } = snapshot.ending;
  const count = Object.values(servers ?? {}).filter((bytes) => bytes > 0).length;
  const time = format.duration(seconds);
  const size = format.bytes(receivedBytes);
  const words = receivedBytes > 0 ? t("download.complete", { size, count, time }) : t("download.complete.nothing");
  const reused = reusedBytes > 0 ? ` · ${t("download.reused", { bytes: format.bytes(reusedBytes) })}` : "";
  return element("p.done-line.numbers", { role: "status" }, icon("done"), `${words}${reused}`);
}

/** Stopped by a person: what was kept, and how to go on. */
export function cancelledNotice(snapshot, { t, format }, again) {
  const kept = snapshot.ending.receivedBytes;
  return element(
    "section.panel.ended",
    { role: "status" },
    element("h2", {}, t("download.cancelled")),
    element("p.hint", {}, kept > 0 ? t("download.cancelled.kept", { bytes: format.bytes(kept) }) : t("meeting.remote.hint")),
    element("div.acts", {}, button(t(kept > 0 ? "download.resume" : "meeting.download"), again, { kind: "main" })),
  );
}

/**
 * The failure panel: one sentence for the room, what to do, and below it the reasons for whoever is called.
 *
 * @param {object} snapshot a failed one
 * @param {object} context
 * @param {{again: () => void, old: (() => void)|null, oldTime: string}} choices `old`: show what was here before
 */
export function failurePanel(snapshot, context, { again, old, oldTime }) {
  const { t, navigate } = context;
  const { status } = snapshot.ending;
  const key = failureKey(status, t);
  const main =
    status === "no_servers"
      ? button(t("welcome.unset.open"), () => navigate("/options"), { kind: "main" })
      : button(t("download.again"), again, { kind: "main" });
  const keep = old ? button(t("download.old", { time: oldTime }), old, { kind: "large" }) : null;
  return element(
    "section.panel.ended.failed",
    {},
    element("div.failure", { role: "alert" }, element("h2", {}, icon("alert"), t(key)), detail(snapshot, context)),
    element("p.hint", {}, t(`${key}.hint`)),
    old ? element("p.hint", {}, t("download.kept")) : null,
    element("div.acts", {}, main, keep),
    reasons(snapshot, context),
  );
}

/** What exactly, where the package or the disk is at fault: the name of the file, the figures. */
function detail(snapshot, { t, problem, format }) {
  const { status, attempts = [] } = snapshot.ending;
  const last = attempts.at(-1);
  if (!last || !TOLD_ABOVE.includes(status)) return null;
  const { needed, free } = last.details ?? {};
  if (status === "disk_full" && !(needed >= 0 && free >= 0)) return null;
  const words =
    status === "disk_full"
      ? t("failure.disk_full.figures", { needed: format.bytes(needed), free: format.bytes(free) })
      : problem(last).message;
  return element("p.detail", {}, words);
}

function reasons(snapshot, context) {
  const { t, problem } = context;
  const { status, attempts = [] } = snapshot.ending;
  const told = TOLD_ABOVE.includes(status) ? attempts.slice(0, -1) : attempts;
  const rows = byServer(told).filter(({ server }) => server);
  if (!rows.length) return null;
  const shown = rows.map(({ times, attempt }) =>
    element(
      "li",
      {},
      element(
        "span.reason",
        {},
        element("span", {}, reasonOf(attempt, snapshot.servers, context)),
        element("span.soft", {}, problem(attempt).hint),
        footnote(attempt) ? element("span.footnote", { lang: "en" }, footnote(attempt)) : null,
      ),
      element("span.times.soft.numbers", {}, times > 1 ? t("download.times", { count: times }) : ""),
    ),
  );
  return element("div.reasons", {}, element("h3", {}, t("download.reasons")), element("ul", {}, shown));
}
