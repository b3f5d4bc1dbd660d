/**
 * What a search through a meeting answered, as it is shown. Pure.
 *
 * @typedef {{kind: "title" | "name" | "text", position: number | null, n: number | null,
 *   page: number | null, snippet: string, marks: [number, number][]}} Hit
 * @typedef {{n: number, name: string, type: string, hits: number}} Counted  hits: all of it, also those not sent
 * @typedef {{hits: Hit[], materials: Counted[], total: number, pending: number, silent: number,
 *   partial: number, cut: boolean, revision: string | null}} Answer
 */

const LONGEST_WORDS = 60;

/**
 * A text cut at its marks.
 * @returns {{text: string, isMark: boolean}[]}  joined they are the text, whatever the marks are
 */
export function piecesOf(text, marks) {
  const pieces = [];
  let at = 0;
  for (const [start, end] of marks) {
    if (!(start >= at && end > start && end <= text.length)) continue;
    if (start > at) pieces.push({ text: text.slice(at, start), isMark: false });
    pieces.push({ text: text.slice(start, end), isMark: true });
    at = end;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), isMark: false });
  return pieces;
}

/** The agenda items whose title has it. @param {Answer} answer */
export function titlesOf({ hits }) {
  return hits.filter(({ kind }) => kind === "title");
}

/**
 * One group for each material that has it: those first in whose name it is.
 *
 * @param {Answer} answer
 * @returns {(Counted & {named: Hit | null, texts: Hit[], left: number})[]}  named: the hit in its name;
 *   left: how many more there are than were sent
 */
export function groupsOf({ hits, materials }) {
  const groups = materials.map((counted) => {
    const own = hits.filter(({ n }) => n === counted.n);
    const named = own.find(({ kind }) => kind === "name") ?? null;
    const texts = own.filter(({ kind }) => kind === "text");
    return { ...counted, named, texts, left: counted.hits - own.length };
  });
  return [...groups.filter(({ named }) => named), ...groups.filter(({ named }) => !named)];
}

/** The words of a hit as they stand in the text: what the reader looks for on that page. */
export function wordsOf({ snippet, marks }) {
  const [start, end] = marks[0] ?? [0, 0];
  return [...snippet.slice(start, end)].slice(0, LONGEST_WORDS).join("").trim();
}

/**
 * Where a tap on a hit leads.
 * @param {string} id  the meeting's  @param {number} n  @param {string | null} revision
 * @param {Hit | null} hit  null: the material as it was left
 */
export function addressOfHit(id, n, revision, hit = null) {
  const given = { r: revision, page: hit?.page, find: hit?.kind === "text" ? wordsOf(hit) : null };
  const query = Object.entries(given)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const path = `/meetings/${encodeURIComponent(id)}/materials/${n}`;
  return query.length ? `${path}?${query.join("&")}` : path;
}

/**
 * The address of a meeting's search.
 * @param {{words?: string, back?: number | null}} from  back: the material that was open before
 */
export function searchAddress(id, { words = "", back = null } = {}) {
  const query = new URLSearchParams();
  if (words) query.set("q", words);
  if (back) query.set("back", back);
  const path = `/meetings/${encodeURIComponent(id)}/search`;
  return words || back ? `${path}?${query}` : path;
}

/** What an address says: the words, and the number of the material that was open before. */
export function askedOf(search) {
  const query = new URLSearchParams(search);
  const back = query.get("back") ?? "";
  return { words: query.get("q") ?? "", back: /^[1-9]\d{0,5}$/.test(back) ? Number(back) : null };
}
