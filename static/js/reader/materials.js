/**
 * The materials of a meeting as one row, and the same material in another revision. Pure.
 *
 * @typedef {{n: number, name: string, which: number, state: string, item: string, itemNumber: number,
 *   at: number, count: number, place: object | null, updated: string | null, sha256: string | null}} Row
 *   at of count: among the materials of its agenda item; which: of several of one name, from 1; place:
 *   where it was left
 */

/** @returns {(Row & object)[]} in agenda order */
export function rowsOf(meeting) {
  const seen = new Map();
  return (meeting.agenda ?? []).flatMap((item, index) => {
    const materials = item.materials ?? [];
    return materials.map((material, at) => {
      const which = (seen.get(material.name) ?? 0) + 1;
      seen.set(material.name, which);
      const where = { item: item.title ?? "", itemNumber: index + 1, at: at + 1, count: materials.length };
      return { ...material, ...where, which };
    });
  });
}

/** Whether there is something to see of it, or an explanation why not. */
export function canOpen({ state }) {
  return state === "ready" || state === "unsupported";
}

/** The materials that were opened last, the latest first, without number `n`; `most` at most. */
export function recentOf(meeting, { most, without = null }) {
  const rows = rowsOf(meeting);
  const recent = (meeting.recent ?? []).map((n) => rows.find((row) => row.n === n));
  return recent.filter((row) => row && canOpen(row) && row.n !== without).slice(0, most);
}

/**
 * What is different in `after`, by content.
 * @returns {{changed: Row[], added: Row[], gone: Row[]}}  rows of `after`, those that are gone of `before`
 */
export function changesBetween(before, after) {
  const [old, now] = [rowsOf(before).filter(isHere), rowsOf(after).filter(isHere)];
  const known = new Map(old.map((row) => [keyOf(row), row.sha256]));
  const hashes = new Set(known.values());
  const kept = new Set(now.map((row) => keyOf(row)));
  const held = new Set(now.map(({ sha256 }) => sha256));
  const other = now.filter(({ sha256 }) => !hashes.has(sha256));
  return {
    changed: other.filter((row) => known.has(keyOf(row))),
    added: other.filter((row) => !known.has(keyOf(row))),
    gone: old.filter((row) => !kept.has(keyOf(row)) && !held.has(row.sha256)),
  };
}

function isHere({ sha256 }) {
  return Boolean(sha256);
}

/** What a material is known by from one revision to the next. */
export function keyOf({ name, which }) {
  return JSON.stringify([name, which]);
}

/** The material number `n`, or null. */
export function rowAt(meeting, n) {
  return rowsOf(meeting).find((row) => row.n === n) ?? null;
}

/** The next (1) or previous (-1) material that there is something to see of; null at the end. */
export function neighbour(meeting, n, direction) {
  const rows = rowsOf(meeting).filter((row) => row.state !== "missing" || row.n === n);
  return rows[rows.findIndex((row) => row.n === n) + direction] ?? null;
}

/** The material of `meeting` (a newer revision) that is the same as `row` by name; null: it is gone. */
export function sameIn(meeting, row) {
  const rows = rowsOf(meeting).filter((other) => other.name === row.name);
  return (
    rows.find((other) => other.item === row.item && other.at === row.at) ??
    rows.find((other) => other.item === row.item) ??
    rows[0] ??
    null
  );
}

/** The revision of this meeting that is here now, as the list of meetings says; null where none. */
export function revisionOf(state, id) {
  return state.meetings?.find((meeting) => meeting.id === id)?.local?.revision ?? null;
}

/**
 * The address of a material; `revision` keeps it what it is while newer ones arrive.
 * @param {{page?: number | null, find?: string, beside?: number | null}} more  the page (from 1) it opens
 *   at, words to mark there; the number of a second material at its side
 */
export function addressOf(id, n, revision = null, { page = null, find = "", beside = null } = {}) {
  const given = Object.entries({ r: revision, page, find, with: beside }).filter(([, value]) => value);
  const query = given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  return `/meetings/${encodeURIComponent(id)}/materials/${n}${query ? `?${query}` : ""}`;
}

/** Revision and second material of an address. */
export function askedFor(search) {
  const query = new URLSearchParams(search);
  const beside = Number(query.get("with"));
  return { revision: query.get("r"), beside: Number.isInteger(beside) && beside > 0 ? beside : null };
}
