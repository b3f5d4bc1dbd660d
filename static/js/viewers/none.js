/** For what no viewer here can show: says what it is, and that nothing is wrong with it. */

import { element } from "../element.js";
import { t } from "../i18n.js";
import { card } from "./card.js";
import { Viewer } from "./viewer.js";

export class NoneViewer extends Viewer {
  constructor(material, context) {
    super(material, context);
    this.element = element("div.words-stage", {}, card({
      icon: "type-file",
      title: t("reader.none_title"),
      words: t("reader.none_words"),
      name: material.name,
      facts: context.facts ?? "",
    }));
  }

  async open() {
    this.tell("ready");
  }
}
