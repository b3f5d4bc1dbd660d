/**
 * The materials of a meeting as one row, and the same material in another revision. Pure.
 *
 * @typedef {{n: number, name: string, state: string, item: string, itemNumber: number,
 *   place: number, count: number}} Row  place of count: among the materials of its agenda item
 */

/** @returns {(Row & object)[]} in agenda order */
export function rowsOf(meeting) {
  return (meeting.agenda ?? []).flatMap((item, index) => {
    const materials = item.materials ?? [];
    return materials.map((material, at) => ({
      ...material,
      item: item.title ?? "",
      itemNumber: index + 1,
      place: at + 1,
      count: materials.length,
    }));
  });
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
    rows.find((other) => other.item === row.item && other.place === row.place) ??
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
 * @param {{page?: number | null, find?: string}} start  the page (from 1) it opens at, words to mark there
 */
export function addressOf(id, n, revision, { page = null, find = "" } = {}) {
  const given = Object.entries({ r: revision, page, find }).filter(([, value]) => value);
  const query = given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  return `/meetings/${encodeURIComponent(id)}/materials/${n}${query ? `?${query}` : ""}`;
}
