/** Shows plain text in comfortable lines; of a very large file the beginning, and says so. */

import { element } from "../element.js";
import { t } from "../i18n.js";
import { FlowViewer } from "./flow.js";
import { laidOut } from "./indent.js";
import { showPlain } from "./plain.js";
import { fetchWords } from "./words.js";

const LIMIT_BYTES = 4 * 1024 * 1024;
const MARKUP = ["xml", "xsd", "xsl", "xslt", "rss", "atom", "kml", "gpx", "plist"];

export class TextViewer extends FlowViewer {
  async fill(sheet, signal) {
    const { text, isCut } = await fetchWords(this.material.url, { limit: LIMIT_BYTES, signal });
    if (text === "") sheet.append(element("p.reader-note", {}, t("reader.text_empty")));
    showPlain(sheet, MARKUP.includes(this.material.type) ? laidOut(text) : text);
    if (isCut) sheet.append(element("p.reader-note", {}, t("reader.text_cut", { megabytes: 4 })));
  }
}
