/**
 * The list of all materials by agenda item, those that were opened last above: one is chosen, to be read
 * here or at the side of what is open.
 */

import { element, icon, setText } from "../element.js";
import { t } from "../i18n.js";
import { closeButton, sheetDialog } from "../numberpad.js";
import { pageWords } from "./left.js";
import { canOpen, recentOf, rowsOf } from "./materials.js";

const RECENT = 4;

/**
 * @param {HTMLElement} root  where the dialog is put
 * @param {{meeting: object, shown: number, title: string, format: object,
 *   choose: (n: number) => void}} what  shown: the number of what is open where the choice will be
 */
export function openContents(root, { meeting, shown, title, format, choose }) {
  const rows = rowsOf(meeting);
  const press = (n) => {
    dialog.close();
    choose(n);
  };
  const line = (row) => materialLine(row, { isShown: row.n === shown, format, press });
  const recent = recentOf(meeting, { most: RECENT, without: shown });
  const sections = [
    recent.length ? section(t("reader.recent"), recent.map(line)) : null,
    ...itemsOf(rows).map(({ title: words, rows: own }) => section(words, own.map(line))),
  ];
  const heading = element("h2.sheet-title", {});
  setText(heading, title);
  const dialog = sheetDialog(title,
    element("div.contents-head", {}, heading, closeButton(t("reader.close"), () => dialog)),
    element("div.contents-list.scroll", { tabindex: -1 }, ...sections));
  dialog.classList.add("contents");
  root.append(dialog);
  dialog.showModal();
  const current = dialog.querySelector("[aria-current]") ?? dialog.querySelector(".contents-line:not(:disabled)");
  current?.focus({ preventScroll: true });
  current?.scrollIntoView({ block: "center" });
}

/** The rows by agenda item, with the words above each. */
function itemsOf(rows) {
  const items = new Map();
  for (const row of rows) items.set(row.itemNumber, [...(items.get(row.itemNumber) ?? []), row]);
  return [...items.values()].map((own) => {
    const [{ item, itemNumber: number }] = own;
    return { title: item ? t("reader.item", { number, title: item }) : t("meeting.item.untitled", { number }), rows: own };
  });
}

function section(words, lines) {
  return element("section", {}, element("h3.contents-item", {}, words), element("ul", {}, ...lines));
}

/** What is missing is listed and said, and cannot be chosen. */
function materialLine(row, { isShown, format, press }) {
  const facts = [
    row.updated ? t(`material.updated.${row.updated}`) : "",
    canOpen(row) ? pageWords(row, t, format) : t(`material.state.${row.state}`),
  ].filter(Boolean);
  return element("li", {}, element("button.contents-line", {
    type: "button", disabled: row.state === "missing", "aria-current": isShown ? "true" : null,
    onclick: () => press(row.n),
  }, element("span.contents-name.two-lines", {}, row.name),
  facts.length ? element("span.contents-facts.numbers", {}, facts.join(" · ")) : null,
  isShown ? icon("check") : null));
}
