/**
 * Shows a workbook that could not be made into a PDF. A contained reader tells what stands in its cells;
 * it is ended as soon as it has, and only text of it is in this page.
 */

import { element } from "../../element.js";
import { t } from "../../i18n.js";
import { ContainedFrame } from "../contained/frame.js";
import { MOST_SHEETS } from "../contained/messages.js";
import { PATIENCE_MS } from "../contained/viewer.js";
import { TableViewer } from "./viewer.js";

const MOST_CELLS = 4_000_000;

export class WorkbookViewer extends TableViewer {
  #frame;
  #cover = element("p.contained-opening", { role: "status" }, t("reader.opening"));
  #late = 0;
  #cells = 0;

  constructor(material, context) {
    super(material, context);
    this.#frame = new ContainedFrame("sheet", t("reader.document", { name: material.name }));
    this.#frame.element.hidden = true;
    this.element.append(this.#frame.element, this.#cover);
  }

  async open() {
    this.#late = setTimeout(() => this.#fail("too-slow"), PATIENCE_MS);
    const { signal } = this.ended;
    try {
      await this.#frame.open({ url: this.material.url, signal }, (message) => this.#hear(message));
    } catch (error) {
      if (!signal.aborted) this.#fail(error.code ?? "broken");
    }
  }

  close() {
    clearTimeout(this.#late);
    super.close();
    this.#frame.close();
  }

  #hear(message) {
    if (message.is === "sheet") this.#addSheet(message);
    else if (message.is === "rows") this.#addRows(message.rows);
    else if (message.is === "fault") this.#fail(message.code);
    else if (message.is === "ready") this.#finish();
  }

  #addSheet({ name, columns, widths, isCut }) {
    if (this.sheets.length < MOST_SHEETS) this.sheets.push({ name, names: columns, widths, isCut, rows: [] });
  }

  #addRows(rows) {
    const sheet = this.sheets.at(-1);
    if (!sheet) return;
    this.#cells += rows.length * sheet.names.length;
    if (this.#cells > MOST_CELLS) sheet.isCut = true;
    else for (const row of rows) sheet.rows.push(row);
  }

  #finish() {
    clearTimeout(this.#late);
    this.#frame.close();
    this.#cover.remove();
    if (this.sheets.length) this.begin();
    else this.#fail("broken");
  }

  #fail(code) {
    clearTimeout(this.#late);
    this.#frame.close();
    this.tell("fault", code);
  }
}
