/** Shows tables: text with separators here in the page; a workbook after a contained reader has read it. */

import { button, element, fill } from "../../element.js";
import { t } from "../../i18n.js";
import { Viewer } from "../viewer.js";
import { Grid } from "./grid.js";
import { cellWith } from "./layout.js";

/** What all viewers of tables share; how the sheets come is theirs. */
export class TableViewer extends Viewer {
  #grid;
  #tabs = element("div.grid-tabs.scroll", { role: "tablist", hidden: true });
  #note = element("p.reader-note", { hidden: true });
  #current = 0;
  #wantedPlace = null;
  #isOpen = false;
  #sought = "";
  #lookedAt = -1;

  /** @type {{name: string, names: string[], rows: object[], widths?: number[], isCut?: boolean}[]} */
  sheets = [];

  constructor(material, context) {
    super(material, context);
    this.#grid = new Grid({
      label: t("reader.document", { name: material.name }),
      onChange: () => this.#isOpen && this.tell("change"),
      onTap: () => context.onTap?.(),
      signal: this.ended.signal,
    });
    this.#tabs.setAttribute("aria-label", t("reader.sheets"));
    this.element = element("div.table-stage", {}, this.#grid.element, this.#tabs, this.#note);
  }

  get scale() { return this.#grid.scale; }
  get place() {
    return this.#isOpen ? { sheet: this.#current, ...this.#grid.place } : this.#wantedPlace;
  }

  set place(place) { this.#wantedPlace = place; }

  zoomIn() { this.#grid.zoomIn(); }
  zoomOut() { this.#grid.zoomOut(); }
  leaf(direction) { this.#grid.leaf(direction); }

  /** Shows what is in `sheets`; they may still grow, see `grown`. */
  begin() {
    const { sheet = 0, ...place } = this.#wantedPlace ?? {};
    this.#isOpen = true;
    this.barsFade = true;
    this.abilities = new Set(["zoom"]);
    this.element.dataset.sheets = String(this.sheets.length);
    this.#tabs.hidden = this.sheets.length < 2;
    fill(this.#tabs, this.sheets.map(({ name }, index) => tab(name, () => this.#show(index))));
    this.#show(Math.min(Math.max(0, Math.trunc(sheet) || 0), this.sheets.length - 1));
    this.#grid.place = place;
    this.tell("ready");
  }

  /** The sheet that shows has more rows now. */
  grown() {
    this.#grid.grown();
    if (this.#sought) this.#seek();
  }

  /** Marks these words and goes to the first cell that has them, also where that is still to come. */
  showWords(words) {
    this.#sought = words;
    this.#lookedAt = -1;
    this.#seek();
    return true;
  }

  #seek() {
    const found = cellWith(this.sheets, this.#sought, this.#lookedAt);
    // The words may go on in the row that is to come.
    this.#lookedAt = Math.max(-1, (this.sheets[0]?.rows.length ?? 0) - 1);
    if (!found) return;
    if (found.sheet !== this.#current) this.#show(found.sheet);
    this.#grid.seek(this.#sought, found);
    this.#sought = "";
  }

  /** Says in a line over the table what is not shown of it. */
  say(words) {
    this.#note.hidden = !words;
    fill(this.#note, words);
  }

  #show(index) {
    this.#current = index;
    const sheet = this.sheets[index];
    for (const [at, key] of [...this.#tabs.children].entries()) {
      key.setAttribute("aria-selected", String(at === index));
    }
    this.#grid.show(sheet);
    this.say(this.noteOf(sheet));
  }

  /** What there is to say about a sheet; "" for nothing. */
  noteOf({ rows, isCut }) {
    if (rows.length === 0) return t("reader.table_empty");
    return isCut ? t("reader.table_cut", { count: rows.length }) : "";
  }
}

function tab(name, press) {
  const key = button(name, press, { kind: "quiet" });
  key.setAttribute("role", "tab");
  key.classList.add("one-line");
  return key;
}
