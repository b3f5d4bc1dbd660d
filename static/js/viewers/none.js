/** For what no viewer here can show: says what it is, why not, and what to do. */

import { element } from "../element.js";
import { t } from "../i18n.js";
import { card } from "./card.js";
import { Viewer } from "./viewer.js";

const TROUBLES = ["encrypted", "broken", "took-too-long", "too-large", "no-converter", "switched-off", "no-space"];

/** The words for a material: what is in the way, where that is known. */
export function wordsFor({ viewer, type, trouble }) {
  if (type === "ofd") return [t("reader.ofd_title"), t("reader.ofd_words")];
  if (viewer !== "office" || !TROUBLES.includes(trouble)) return [t("reader.none_title"), t("reader.none_words")];
  return [t(`reader.trouble.${trouble}`), t(`reader.trouble.${trouble}.hint`)];
}

export class NoneViewer extends Viewer {
  constructor(material, context) {
    super(material, context);
    const [title, words] = wordsFor(material);
    this.element = element("div.words-stage", {}, card({
      icon: "type-file",
      title,
      words,
      name: material.name,
      facts: context.facts ?? "",
    }));
  }

  async open() {
    this.tell("ready");
  }
}
