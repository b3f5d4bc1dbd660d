/** Where a link or an entry of the outline leads: PDF's "destinations" (ISO 32000-1, 12.3.2). */

/** Where in its arguments each kind of destination has the height it leads to. */
const TOPS = { XYZ: 1, FitH: 0, FitBH: 0, FitR: 3 };

/**
 * @param {import("pdfjs-dist").PDFDocumentProxy} pdf
 * @param {string | unknown[]} dest  a name, or page and position
 * @returns {Promise<{page: number, share: number} | null>}  page from 0, and how far down on it (0–1);
 *   null: nowhere
 */
export async function targetOf(pdf, dest) {
  try {
    const explicit = typeof dest === "string" ? await pdf.getDestination(dest) : dest;
    if (!Array.isArray(explicit)) return null;
    const [where, kind, ...rest] = explicit;
    const page = Number.isInteger(where) ? where : await pdf.getPageIndex(where);
    if (!(page >= 0 && page < pdf.numPages)) return null;
    const top = topOf(kind?.name, rest);
    return { page, share: top === null ? 0 : await shareOf(pdf, page, top) };
  } catch (error) {
    console.info(`a destination that leads nowhere: ${error?.message ?? error}`);
    return null;
  }
}

/** The height that a destination names, in the page's units; null where it means the whole page. */
export function topOf(kind, rest) {
  const top = rest[TOPS[kind]];
  return Number.isFinite(top) ? top : null;
}

/** Only upright pages are entered halfway: on others "down" is another direction. */
async function shareOf(pdf, page, top) {
  const { view, rotate } = await pdf.getPage(page + 1);
  if (rotate !== 0) return 0;
  const share = (view[3] - top) / (view[3] - view[1]);
  return Number.isFinite(share) ? Math.min(Math.max(0, share), 1) : 0;
}
