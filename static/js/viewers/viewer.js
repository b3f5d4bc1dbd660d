/**
 * What every viewer is to the reader: an element, what its bar may offer, and how it ends.
 *
 * Events: "change" (page, scale or fit), "ready" (something is shown), "fault" (`detail` is a code
 * of reader.fault.* in the catalogues; the reader then shows words in the viewer's place), "unready"
 * (the terminal has to prepare it first; the reader waits, and opens it again when there is news).
 *
 * @typedef {{name: string, type: string, bytes: number | null, url: string, viewer: string,
 *   thumbnail: string | null, frame: string | null, pages: number | null, sheets: string | null,
 *   pictures: {url: string, count: number} | null, trouble: string | null}} Material
 *   sheets: address of the sizes of its pages; pictures.url: with {page} for 1, 2 …; trouble: a word
 *   for why it cannot be shown, as far as that is known
 */

export class Viewer extends EventTarget {
  /**
   * What the bar may offer: "zoom", "fit", "turn", "pages", "alone", "rail", "outline", "find", "marks" (it
   * has a `pane`).
   */
  abilities = new Set();

  /** What was written on it, once that is shown. @type {import("../marks/notebook.js").Notebook | null} */
  notebook = null;

  /** Whether the bars may go away while it is looked at. */
  barsFade = false;

  /** @param {Material} material  @param {{onTap?: () => void, facts?: string, format?: object}} context */
  constructor(material, context = {}) {
    super();
    this.material = material;
    this.context = context;
    this.ended = new AbortController();
  }

  /** Begins to show. Resolves when there is something to see; never rejects. */
  async open() {}

  /** Frees everything; nothing is told after this. */
  close() {
    this.ended.abort();
  }

  /** Where the reader is, as JSON; null where there is nothing to remember. */
  get place() { return null; }
  set place(_place) {}

  tell(name, detail = null) {
    if (!this.ended.signal.aborted) this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
