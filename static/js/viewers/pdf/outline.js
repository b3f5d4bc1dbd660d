/**
 * The outline of a document as one list, in its order. Pure.
 *
 * @typedef {{title: string, level: number, parent: number, hasChildren: boolean, isOpen: boolean,
 *   dest: unknown, page: number | null, share: number}} Entry
 *   level: from 1; parent: index of the entry it belongs to, -1 at the top; page (from 0) and share:
 *   where it leads, null until that is known, or where it leads nowhere
 */

const MOST_ENTRIES = 2000;
const DEEPEST = 8;
const LONGEST_TITLE = 300;

/**
 * @param {object[] | null} outline  as PDF.js tells it
 * @returns {Entry[]}  without what leads out of the document and holds nothing that leads within
 */
export function entriesOf(outline) {
  const entries = [];
  take(outline ?? [], 1, -1, entries);
  return entries;
}

function take(items, level, parent, entries) {
  for (const item of items) {
    if (entries.length >= MOST_ENTRIES) return;
    if (!isOfUse(item, level)) continue;
    const children = childrenOf(item, level).filter((child) => isOfUse(child, level + 1));
    const at = entries.length;
    entries.push({
      title: [...(item.title ?? "").trim()].slice(0, LONGEST_TITLE).join(""),
      level, parent, hasChildren: children.length > 0, isOpen: (item.count ?? 0) > 0,
      dest: item.dest ?? null, page: null, share: 0,
    });
    take(children, level + 1, at, entries);
  }
}

function isOfUse(item, level) {
  return Boolean(item.dest) || childrenOf(item, level).some((child) => isOfUse(child, level + 1));
}

function childrenOf({ items }, level) {
  return level < DEEPEST ? (items ?? []) : [];
}

/** The indexes of the entries that show: those whose parents are all open. */
export function shownEntries(entries) {
  const isShown = [];
  for (const [at, { parent }] of entries.entries()) {
    isShown[at] = parent < 0 || (isShown[parent] && entries[parent].isOpen);
  }
  return entries.flatMap((_, at) => (isShown[at] ? [at] : []));
}

/** The entry of the section that `page` (from 0) is in: the last one that begins on or before it; -1: none. */
export function sectionAt(entries, page) {
  let found = -1;
  for (const [at, entry] of entries.entries()) {
    if (entry.page === null || entry.page > page) continue;
    if (found < 0 || entry.page >= entries[found].page) found = at;
  }
  return found;
}

/** The nearest entry that shows, going up from `at`; -1 for none. */
export function shownAbove(entries, at, shown) {
  const isShown = new Set(shown);
  let one = at;
  while (one >= 0 && !isShown.has(one)) one = entries[one].parent;
  return one;
}
