/** "Go to page": a large number, keys to enter it, and the range that makes sense. */

import { element, setText } from "../element.js";
import { t } from "../i18n.js";
import { NumberPad, closeButton, sheetDialog } from "../numberpad.js";

/**
 * @param {HTMLElement} root  where the dialog is put
 * @param {{page: number, pages: number, goTo: (page: number) => void}} what
 */
export function askForPage(root, { pages, goTo }) {
  const note = element("p.sheet-note", { role: "status" });
  const say = (words, isWrong) => {
    setText(note, words);
    note.dataset.wrong = String(isWrong);
  };
  const pad = new NumberPad({
    label: t("reader.jump"),
    send: t("reader.jump_go"),
    erase: t("reader.erase"),
    most: String(pages).length,
    onInput: () => say(t("reader.jump_range", { pages }), false),
    onSend: (digits) => {
      const page = Number(digits);
      if (page >= 1 && page <= pages) {
        dialog.close();
        goTo(page);
        return;
      }
      pad.clear();
      say(t("reader.jump_wrong", { pages }), true);
    },
  });
  const heading = element("h2.sheet-title", {}, t("reader.jump"));
  const dialog = sheetDialog(t("reader.jump"), closeButton(t("reader.close"), () => dialog),
    heading, note, pad.element);
  root.append(dialog);
  dialog.showModal();
  pad.focus();
  return dialog;
}
