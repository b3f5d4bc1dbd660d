/**
 * Search through a whole meeting: one large field, and under it what was found as it is typed.
 *
 * The address holds the words, so that the way back from a document finds them again; how far the
 * results were scrolled, and which were open, is kept beside.
 */

import { button, element, fill, icon, setText } from "../element.js";
import { chooseItem } from "../meeting/chosen.js";
import { askedOf, searchAddress } from "../search/answer.js";
import { Inquiry } from "../search/inquiry.js";
import { keep, keptOf } from "../search/kept.js";
import { stepAmong } from "../search/keys.js";
import { Results } from "../search/results.js";

/** The terminal refuses more than 200 characters. */
const LONGEST = 100;
/** An answer that comes at once needs no word about being waited for. */
const PATIENCE_MS = 400;

export class SearchView {
  #context;
  #id;
  #back;
  #inquiry;
  #results;
  #answer = null;
  #kept = null;
  #to = null;
  #waiting = 0;
  #field;
  #clear;
  #said = element("p.search-said", { role: "status" });
  #notes = element("ul.search-notes");
  #words = element("div.search-empty");
  #scroll;

  /** @param {HTMLElement} root @param {{id: string}} params @param {object} context */
  mount(root, { id }, context) {
    const { words, back } = askedOf(location.search);
    this.#context = context;
    this.#id = id;
    this.#back = back;
    this.#kept = keptOf(id, words);
    this.#inquiry = new Inquiry((sought, signal) => context.api.search(id, sought, { signal }), {
      answer: (answer, sought) => this.#show(answer, sought),
      fault: (fault) => this.#showFault(fault),
    });
    this.#results = new Results(context, id, {
      item: (position) => chooseItem(id, position - 1),
      material: (n) => { this.#to = n; },
    });
    for (const n of this.#kept?.open ?? []) this.#results.open.add(n);
    root.append(this.#assemble(words));
    context.title(context.t("search.title"));
    context.store.subscribe((state, before) => this.#follow(state, before), { signal: context.signal });
    this.#begin(words);
  }

  unmount() {
    this.#inquiry.close();
    clearTimeout(this.#waiting);
    const top = this.#scroll.scrollTop;
    keep(this.#id, { words: this.#field.value, back: this.#back, top, open: [...this.#results.open], to: this.#to });
  }

  #assemble(words) {
    const { t, signal } = this.#context;
    this.#field = element("input.search-field", {
      type: "search", name: "q", inputmode: "search", enterkeyhint: "search", autocomplete: "off", spellcheck: "false",
      maxlength: LONGEST, "aria-label": t("search.field"), placeholder: t("search.field"),
      oninput: () => this.#typed(),
    });
    this.#field.value = words.slice(0, LONGEST);
    this.#clear = button(t("search.clear"), () => this.#empty(), { kind: "quiet square", icon: "close", onlyIcon: true });
    const back = element("a.button.quiet.back", { href: this.#backAddress, "aria-label": t("app.back") }, icon("back"));
    const form = element("form.search-form", {
      role: "search",
      onsubmit: (event) => {
        event.preventDefault();
        this.#inquiry.look(this.#field.value, { now: true });
        this.#field.blur();
      },
    }, icon("search"), this.#field, this.#clear);
    const head = element("header.header.search-head", {}, back, element("h1.only-read", {}, t("search.title")), form);
    this.#scroll = element("div.search-results.scroll", {},
      element("div.search-line", {}, this.#said), this.#words, this.#results.element, this.#notes);
    const view = element("main.search", {}, head, this.#scroll);
    document.addEventListener("keydown", (event) => this.#key(event, view), { signal });
    return view;
  }

  get #backAddress() {
    const meeting = `/meetings/${encodeURIComponent(this.#id)}`;
    return this.#back ? `${meeting}/materials/${this.#back}` : meeting;
  }

  #begin(words) {
    this.#clear.hidden = !this.#field.value;
    if (words.trim()) this.#look(true);
    else this.#invite();
    // Coming back from a document, one goes on among the results; the keyboard would be in the way.
    if (!this.#kept?.to) this.#field.focus();
  }

  #typed() {
    const words = this.#field.value;
    history.replaceState(null, "", searchAddress(this.#id, { words, back: this.#back }));
    this.#clear.hidden = !words;
    this.#kept = null;
    this.#results.open.clear();
    if (words.trim()) this.#look(false);
    else this.#invite();
  }

  #look(now) {
    this.#inquiry.look(this.#field.value, { now });
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => {
      if (this.#inquiry.isUnderWay) setText(this.#said, this.#context.t("search.looking"));
    }, PATIENCE_MS);
  }

  #empty() {
    this.#field.value = "";
    this.#typed();
    this.#field.focus();
  }

  /** Nothing is sought yet: what the field is for. */
  #invite() {
    const { t } = this.#context;
    this.#inquiry.look("");
    this.#answer = null;
    this.#results.show(null);
    setText(this.#said, "");
    fill(this.#notes);
    fill(this.#words, icon("search"), element("h2", {}, t("search.invite")), element("p", {}, t("search.invite.hint")));
  }

  #show(answer, words) {
    const { t, format } = this.#context;
    const isSame = JSON.stringify(answer) === JSON.stringify(this.#answer);
    if (answer.pending) this.#inquiry.lookAgain();
    clearTimeout(this.#waiting);
    if (isSame) return;
    this.#answer = answer;
    this.#results.show(answer);
    const { total } = answer;
    setText(this.#said, total ? t("search.total", { count: format.number(total) }) : "");
    if (total) fill(this.#words);
    else this.#sayNothingFound(words, answer);
    this.#showNotes(answer);
    this.#restore();
  }

  #sayNothingFound(words, { pending }) {
    const { t } = this.#context;
    const hint = pending ? t("search.none.pending") : t("search.none.hint");
    const said = element("div", { role: "status" },
      element("h2", {}, t("search.none", { words: words.trim() })), element("p", {}, hint));
    fill(this.#words, icon("search"), said);
  }

  /** What the results may lack, and why. */
  #showNotes({ pending, silent, partial, cut }) {
    const { t } = this.#context;
    const notes = [
      pending ? ["clock", t("search.pending", { count: pending })] : null,
      cut ? ["info", t("search.cut")] : null,
      silent ? ["info", t("search.silent", { count: silent })] : null,
      partial ? ["info", t("search.partial", { count: partial })] : null,
    ].filter(Boolean);
    fill(this.#notes, ...notes.map(([name, words]) => element("li", {}, icon(name), element("span", {}, words))));
  }

  /** As they were left, once: what is typed afterwards begins at the top. */
  #restore() {
    this.#scroll.scrollTop = this.#kept?.top ?? 0;
    const link = this.#kept?.to && this.#results.linkOf(this.#kept.to);
    if (link) link.focus({ preventScroll: true });
    this.#kept = null;
  }

  #showFault(fault) {
    const { t, problem } = this.#context;
    const { message, hint } = problem(fault);
    clearTimeout(this.#waiting);
    this.#answer = null;
    this.#results.show(null);
    setText(this.#said, "");
    fill(this.#notes);
    const again = button(t("app.again"), () => this.#look(true), { kind: "large", icon: "again" });
    const said = element("div", { role: "alert" }, element("h2", {}, message), hint ? element("p", {}, hint) : null);
    fill(this.#words, icon("alert"), said, again);
  }

  #follow(state, before) {
    if (state.changes !== before.changes && this.#answer?.pending) this.#inquiry.lookAgain();
  }

  #key(event, view) {
    if (event.defaultPrevented) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "f") {
      this.#field.select();
    } else if (event.key === "/" && event.target !== this.#field) {
      this.#field.focus();
    } else if (event.key === "Escape") {
      if (this.#field.value) this.#empty();
      else this.#context.navigate(this.#backAddress);
    } else if (!stepAmong(view.querySelectorAll(".search-field, .found-link, .found-more"), event)) {
      return;
    }
    event.preventDefault();
  }
}
