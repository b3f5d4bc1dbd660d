/**
 * Where an address opens a material: `?page=150&find=词` is page 150, with the words marked. Pure.
 *
 * @typedef {{page: number | null, find: string}} Start  page from 1; find: empty where nothing is sought
 */

const LONGEST_WORDS = 200;
const PAGE = /^[1-9]\d{0,6}$/;

/** @type {Start} */
export const BEGINNING = Object.freeze({ page: null, find: "" });

/** @param {string} search  the query of an address  @returns {Start}  what makes no sense is left out */
export function startOf(search) {
  const query = new URLSearchParams(search);
  const page = query.get("page") ?? "";
  const find = (query.get("find") ?? "").trim();
  return {
    page: PAGE.test(page) ? Number(page) : null,
    find: [...find].slice(0, LONGEST_WORDS).join(""),
  };
}

/** The place to open at: the remembered one, turned to the page that the address names. */
export function placeAt(remembered, { page }) {
  return page === null ? remembered : { ...remembered, page: page - 1, y: 0 };
}
