/** A note as a card: its words to read and to change. It stands high, so that a keyboard has room below. */

import { button, element } from "../element.js";
import { t } from "../i18n.js";
import { closeButton, sheetDialog } from "../numberpad.js";
import { MOST_LETTERS } from "./notebook.js";

/**
 * @param {HTMLElement} root  where the card is put
 * @param {{text: string, isNew: boolean}} note
 * @param {(text: string) => void} done  hears the words once, however the card goes; "" removes the note
 */
export function openCard(root, { text, isNew }, done) {
  const field = element("textarea.marks-words.scroll", {
    "aria-label": t("marks.note_words"), placeholder: t("marks.note_words"), maxlength: MOST_LETTERS, rows: 5,
  });
  field.value = text;
  let isRemoved = false;
  const remove = button(t("marks.note_remove"), () => {
    isRemoved = true;
    dialog.close();
  }, { kind: "quiet", icon: "erase" });
  remove.hidden = isNew;
  const keep = button(t("marks.note_done"), () => dialog.close(), { kind: "large" });
  const dialog = sheetDialog(t("marks.note"), closeButton(t("reader.close"), () => dialog),
    element("h2.sheet-title", {}, t("marks.note")), field,
    element("div.marks-card-actions", {}, remove, keep));
  dialog.classList.add("marks-card");
  dialog.addEventListener("close", () => done(isRemoved ? "" : field.value.trim()), { once: true });
  root.append(dialog);
  dialog.showModal();
  field.focus();
  field.setSelectionRange(text.length, text.length);
}
