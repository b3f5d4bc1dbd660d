/** How results were left, so that coming back finds them so; until the browser is closed. */

import { searchAddress } from "./answer.js";

const KEY = "kiosk.search.";

/**
 * @typedef {{words: string, back: number | null, top: number, open: number[], to: number | null}} Kept
 *   top: how far it was scrolled; open: materials of which all hits show; to: the material that was opened
 */

/** Keeps it for the meeting `id`. @param {Kept} kept */
export function keep(id, kept) {
  sessionStorage.setItem(KEY + id, JSON.stringify(kept));
}

/** How the results for these words were left; null where they were not. @returns {Kept | null} */
export function keptOf(id, words) {
  const kept = read(id);
  return kept?.words === words ? kept : null;
}

/** Somebody went another way: a material that is opened now is not opened from the results. */
export function leave(id) {
  const kept = read(id);
  if (kept?.to) keep(id, { ...kept, to: null });
}

/** Where back leads from the material at this address: to the results it was opened from, or the meeting. */
export function backOf(id) {
  const kept = read(id);
  const isFromThere = Boolean(kept?.to) && location.pathname.endsWith(`/materials/${kept.to}`);
  return isFromThere ? searchAddress(id, kept) : `/meetings/${encodeURIComponent(id)}`;
}

/** Whether an address that `backOf` gave is that of results. */
export function isResults(address) {
  return /^\/meetings\/[^/]+\/search(\?|$)/.test(address);
}

function read(id) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY + id));
    return typeof kept?.words === "string" && Array.isArray(kept.open) ? kept : null;
  } catch {
    return null;
  }
}
