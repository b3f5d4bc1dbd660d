/** Where a material was left, in words. Pure. */

/**
 * "Page 12" or "3:40"; "" at the beginning, and for what has no pages.
 *
 * @param {{place?: object | null, pages?: number | null}} row
 * @param {(key: string, fields?: object) => string} t
 * @param {{playing: (seconds: number) => string}} format
 */
export function pageWords({ place, pages }, t, format) {
  if (!place) return "";
  if (Number.isInteger(place.page) && place.page > 0 && pages !== 1) {
    return t("reader.page_name", { page: place.page + 1 });
  }
  if (place.seconds >= 1) return format.playing(place.seconds);
  return "";
}
