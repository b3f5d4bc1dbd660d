/**
 * The outline of a document: its chapters and sections, the one that is read marked, a tap goes there.
 *
 * One list in document order, of which what belongs to a closed entry does not show. The keyboard is
 * that of a tree: up and down, right and left to open and to close, Home and End.
 */

import { button, element, fill, icon } from "../element.js";
import { t } from "../i18n.js";
import { targetOf } from "../viewers/pdf/destinations.js";
import { sectionAt, shownAbove, shownEntries } from "../viewers/pdf/outline.js";

/** Destinations are looked up so many at a time; the page that is drawn comes in between. */
const AT_ONCE = 20;

export class OutlinePanel {
  #viewer;
  #entries;
  #rows = new Map();
  #shown = [];
  #tree;
  #ended = new AbortController();
  #current = -1;
  #focused = 0;

  constructor(viewer, shut) {
    this.#viewer = viewer;
    this.#entries = viewer.outline;
    const close = button(t("reader.close"), shut, { kind: "quiet square", icon: "close", onlyIcon: true });
    this.#tree = element("div.outline-tree.scroll", {
      role: "tree", "aria-label": t("reader.outline"), onkeydown: (event) => this.#key(event),
      onclick: (event) => this.#press(event),
    });
    this.element = element("aside.reader-panel.outline.reader-bar", { "aria-label": t("reader.outline") },
      element("div.panel-head", {}, element("h2", {}, t("reader.outline")), close), this.#tree);
  }

  begin() {
    const { signal } = this.#ended;
    this.#viewer.addEventListener("change", () => this.#mark(), { signal });
    this.#show();
    this.#focusOn(0);
    void this.#findPages();
  }

  close() {
    this.#ended.abort();
  }

  /** Learns where the entries lead, and with that which section is being read. */
  async #findPages() {
    const left = this.#entries.filter((entry) => entry.dest && entry.page === null);
    while (left.length > 0 && !this.#ended.signal.aborted) {
      await Promise.all(left.splice(0, AT_ONCE).map((entry) => this.#findPage(entry)));
    }
    if (this.#ended.signal.aborted) return;
    this.#openTo(sectionAt(this.#entries, this.#viewer.page - 1));
    this.#show();
    this.#mark();
    this.#rows.get(this.#current)?.scrollIntoView({ block: "center" });
    const isUntouched = this.#focused === 0 && this.#tree.contains(document.activeElement);
    if (isUntouched && this.#current > 0) this.#focusOn(this.#current);
  }

  async #findPage(entry) {
    const target = await targetOf(this.#viewer.pdf, entry.dest);
    if (target) Object.assign(entry, target);
    else entry.dest = null;
  }

  #openTo(at) {
    for (let one = this.#entries[at]?.parent ?? -1; one >= 0; one = this.#entries[one].parent) {
      this.#entries[one].isOpen = true;
    }
  }

  #show() {
    this.#shown = shownEntries(this.#entries);
    fill(this.#tree, ...this.#shown.map((at) => this.#row(at)));
  }

  #row(at) {
    const entry = this.#entries[at];
    const row = this.#rows.get(at) ?? this.#newRow(entry, at);
    this.#rows.set(at, row);
    if (entry.hasChildren) row.setAttribute("aria-expanded", entry.isOpen);
    row.lastElementChild.textContent = entry.page === null ? "" : String(entry.page + 1);
    return row;
  }

  #newRow({ title, level, hasChildren }, at) {
    const fold = element("span.outline-fold", { "data-folds": hasChildren }, hasChildren ? icon("next") : null);
    const row = element("div.outline-entry", {
      role: "treeitem", "aria-level": level, tabindex: -1, "data-at": at,
    }, fold, element("span.outline-title", {}, title || "—"), element("span.outline-page.numbers"));
    row.style.setProperty("--level", level - 1);
    return row;
  }

  #mark() {
    const section = sectionAt(this.#entries, this.#viewer.page - 1);
    const current = shownAbove(this.#entries, section, this.#shown);
    if (current === this.#current) return;
    this.#rows.get(this.#current)?.removeAttribute("aria-current");
    this.#rows.get(current)?.setAttribute("aria-current", "true");
    this.#current = current;
  }

  #press({ target }) {
    const row = target.closest(".outline-entry");
    if (!row) return;
    const at = Number(row.dataset.at);
    this.#focusOn(at);
    if (target.closest("[data-folds]")) this.#fold(at, !this.#entries[at].isOpen);
    else this.#go(at);
  }

  /** Goes there; an entry that leads nowhere itself opens or closes what it holds. */
  async #go(at) {
    const entry = this.#entries[at];
    if (entry.dest && entry.page === null) await this.#findPage(entry);
    if (this.#ended.signal.aborted) return;
    if (entry.page !== null) this.#viewer.goToTarget({ page: entry.page, share: entry.share });
    else this.#fold(at, !entry.isOpen);
  }

  #fold(at, isOpen) {
    const entry = this.#entries[at];
    if (!entry.hasChildren || entry.isOpen === isOpen) return;
    entry.isOpen = isOpen;
    this.#show();
    this.#mark();
    this.#focusOn(at);
  }

  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const act = this.#actOf(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  }

  #actOf(key) {
    const at = this.#focused;
    const entry = this.#entries[at];
    const place = this.#shown.indexOf(at);
    const step = (to) => () => this.#focusOn(this.#shown[Math.min(Math.max(0, to), this.#shown.length - 1)]);
    return {
      ArrowDown: step(place + 1),
      ArrowUp: step(place - 1),
      Home: step(0),
      End: step(this.#shown.length - 1),
      ArrowRight: entry.hasChildren && !entry.isOpen ? () => this.#fold(at, true) : step(place + 1),
      ArrowLeft: entry.hasChildren && entry.isOpen
        ? () => this.#fold(at, false)
        : step(entry.parent < 0 ? place : this.#shown.indexOf(entry.parent)),
      Enter: () => this.#go(at),
      " ": () => this.#go(at),
    }[key];
  }

  /** One entry at a time can be reached by Tab. */
  #focusOn(at) {
    this.#rows.get(this.#focused)?.setAttribute("tabindex", -1);
    this.#focused = at;
    this.#rows.get(at).setAttribute("tabindex", 0);
    this.#rows.get(at).focus();
  }
}
