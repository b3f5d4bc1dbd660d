/** Shows plain text in comfortable lines; of a very large file the beginning, and says so. */

import { element } from "../element.js";
import { t } from "../i18n.js";
import { FlowViewer } from "./flow.js";
import { fetchWords, inPieces } from "./words.js";

const LIMIT_BYTES = 4 * 1024 * 1024;
const PIECE = 8000;

export class TextViewer extends FlowViewer {
  async fill(sheet, signal) {
    const { text, isCut } = await fetchWords(this.material.url, { limit: LIMIT_BYTES, signal });
    sheet.classList.add("plain-text");
    if (text === "") sheet.append(element("p.reader-note", {}, t("reader.text_empty")));
    for (const piece of inPieces(text, PIECE)) {
      // The browser adds the line's end between two blocks, so the one inside goes.
      sheet.append(element("pre.text-piece", {}, piece.replace(/\n$/, "")));
    }
    if (isCut) sheet.append(element("p.reader-note", {}, t("reader.text_cut", { megabytes: 4 })));
  }
}
