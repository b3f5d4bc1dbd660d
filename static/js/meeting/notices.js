// What a person should know about the materials that are here: a newer version, an ended meeting, missing files.

import { button, element, icon } from "../element.js";

const NAMED = 3;

function notice(kind, sign, words, ...acts) {
  return element(`div.notice.${kind}`, {}, icon(sign), element("p.notice-words", {}, words), ...acts);
}

/**
 * The notices of a meeting, the most useful first.
 *
 * @param {object} meeting GET /api/meetings/{id}
 * @param {object} context
 * @param {{isFree: boolean, online: boolean, download: () => void}} how `isFree`: no download is under way
 * @returns {HTMLElement[]}
 */
export function noticesOf(meeting, { t }, { isFree, online, download }) {
  const { local, status, update } = meeting;
  if (!local) return [];
  const missing = local.missing ?? [];
  const notices = [];
  if (update && isFree && online) {
    const get = button(t("meeting.update.get"), download, { icon: "download" });
    notices.push(notice("plain", "info", t("meeting.update"), get));
  }
  if (missing.length) notices.push(notice("warn", "alert", missingWords(missing, t)));
  if (status === "ended") notices.push(notice("plain", "clock", t("meeting.ended")));
  return notices;
}

function missingWords(missing, t) {
  const named = missing.slice(0, NAMED).join(t("list.comma"));
  const names = missing.length > NAMED ? t("list.more", { names: named }) : named;
  return t("meeting.missing", { count: missing.length, names });
}
