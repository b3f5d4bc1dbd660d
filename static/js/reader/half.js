/**
 * One material on the screen: the document, the bars over it, its panels, and the words that stand
 * there while there is no document. The reader has one of these, or two side by side.
 */

import { element, fill } from "../element.js";
import { backOf } from "../search/kept.js";
import { Desk } from "../marks/desk.js";
import { viewerFor } from "../viewers/choose.js";
import { Bars } from "./bars.js";
import { Head } from "./head.js";
import { askForPage } from "./jump.js";
import { neighbour, rowAt } from "./materials.js";
import { Panels } from "./panels.js";
import { Preparing } from "./preparing.js";
import { BEGINNING, placeAt } from "./start.js";
import { Tools } from "./tools.js";
import { Waiting, faultCard, missingCard, needsWaiting } from "./waiting.js";

/** Where somebody is, is told this long after it changed: a page is leafed through before it is read. */
const REST_MS = 1000;

export class Half {
  #context;
  #reading;
  #on;
  #ended = new AbortController();
  #row = null;
  #viewer = null;
  #waiting = null;
  #unready = "";
  #stage = element("div.reader-stage");
  #head;
  #tools;
  #bars;
  #panels;
  #desk;
  #run = 0;
  #timer = 0;

  /**
   * @param {object} context  of the view
   * @param {{id: string, revision: () => string | null}} reading  which meeting, and what of it
   * @param {{beside: (by: number) => void, list: () => void, search: () => void,
   *   split: () => void, close: () => void, news: () => void, used: () => void}} on  beside: to the material before (-1) or after (1); used:
   *   somebody touched it
   */
  constructor(context, reading, on) {
    const signal = AbortSignal.any([context.signal, this.#ended.signal]);
    this.#context = { ...context, signal };
    this.#reading = reading;
    this.#on = on;
    this.#build(signal);
  }

  get row() { return this.#row; }
  get viewer() { return this.#viewer; }
  get panels() { return this.#panels; }
  get head() { return this.#head; }

  /** Whether it waits for its material to come. */
  get isWaiting() { return this.#waiting !== null || (this.#row !== null && needsWaiting(this.#row)); }

  /**
   * Shows material `n` of `meeting`. One that is open stays as it is, whatever else is new.
   * Resolves when there is something to see.
   * @param {import("./start.js").Start} start  where it opens
   */
  async show(meeting, n, start = BEGINNING) {
    if (this.#row?.n !== n) this.leave();
    this.#row = rowAt(meeting, n);
    if (!this.#row) {
      this.showProblem({ code: "unknown-material" });
      return;
    }
    this.#head.show(this.#row, { before: neighbour(meeting, n, -1), after: neighbour(meeting, n, 1) });
    this.element.setAttribute("aria-label", this.#row.name);
    if (this.#viewer) return;
    const row = this.#row;
    if (row.state === "missing") this.#put(missingCard(row, this.#context));
    else if (needsWaiting(row)) this.#wait(row);
    else if (JSON.stringify(row) === this.#unready) this.#wait({ ...row, state: "preparing" });
    else await this.#open(row, start);
  }

  /** Says why nothing is shown. @param {string | object} fault  as of `faultCard` */
  showProblem(fault) {
    this.#leaveViewer();
    this.#put(faultCard(fault, this.#row, this.#back, this.#context));
  }

  /** Whatever is shown is over; where somebody was in it is kept. */
  leave() {
    this.#run += 1;
    this.keepPlace();
    this.#stopWaiting();
    this.#leaveViewer();
    this.#row = null;
  }

  keepPlace() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (!this.#viewer || !this.#row) return;
    const { id, revision } = this.#reading;
    void this.#context.places.set(id, { row: this.#row, revision: revision() }, this.#viewer.place);
  }

  /** The document has the keyboard; where it takes none, the bar above it. */
  focus() {
    this.#viewer?.element.focus({ preventScroll: true });
    if (!this.element.contains(document.activeElement)) this.#head.focus();
  }

  close() {
    this.leave();
    this.#panels.close();
    this.#ended.abort();
    this.element.remove();
  }

  get #back() {
    return backOf(this.#reading.id);
  }

  #build(signal) {
    const { beside, ...on } = this.#on;
    this.#head = new Head({ back: this.#back, leaf: beside, ...on });
    this.#tools = new Tools({
      rail: () => this.#panels.toggle("rail"),
      outline: () => this.#panels.toggle("outline"),
      find: () => this.#panels.toggle("find"),
      leaf: (by) => this.#viewer?.goTo(this.#viewer.page + by),
      jump: () => this.#jump(),
      zoom: (by) => (by > 0 ? this.#viewer?.zoomIn() : this.#viewer?.zoomOut()),
      fit: (fit) => this.#viewer?.fitTo(this.#viewer.fit === fit ? "auto" : fit),
      alone: () => { this.#viewer.isAlone = !this.#viewer.isAlone; },
      turn: () => this.#viewer?.turnRight(),
      write: () => this.#desk.toggle(),
    });
    this.element = element("div.reader", { role: "group" }, this.#stage, this.#head.element, this.#tools.element);
    this.#panels = new Panels(this.element, this.#tools);
    const list = () => this.#panels.toggle("marks");
    this.#desk = new Desk(this.element, { list, changed: () => this.#bars.show() }, this.#context);
    this.#bars = new Bars(this.element, () => this.#mayFade(), signal);
    for (const name of ["pointerdown", "focusin"]) {
      this.element.addEventListener(name, () => this.#on.used(), { signal, capture: true });
    }
  }

  #mayFade() {
    const isAsked = this.element.querySelector("dialog[open]") !== null;
    return Boolean(this.#viewer?.barsFade) && !this.#panels.areOpen && !this.#desk.isWriting && !isAsked;
  }

  #wait(row) {
    const Words = row.state === "preparing" ? Preparing : Waiting;
    if (this.#waiting instanceof Words) return;
    this.#stopWaiting();
    this.#waiting = new Words(row, this.#reading.id, this.#back, this.#context);
    this.#put(this.#waiting.element);
  }

  /** It turned out that the terminal has to prepare it; it is tried again when it is told otherwise. */
  #prepare(row) {
    this.#unready = JSON.stringify(row);
    this.#leaveViewer();
    this.#wait({ ...row, state: "preparing" });
  }

  async #open(row, start) {
    const run = (this.#run += 1);
    const Viewer = await viewerFor(row);
    if (run !== this.#run || this.#context.signal.aborted) return;
    const viewer = new Viewer(row, {
      onTap: () => this.#bars.toggle(),
      facts: this.#context.format.bytes(row.bytes),
      format: this.#context.format,
    });
    this.#viewer = viewer;
    viewer.addEventListener("change", () => this.#moved());
    const sought = { ...start };
    viewer.addEventListener("ready", () => this.#begin(viewer, sought));
    viewer.addEventListener("fault", ({ detail }) => this.showProblem(detail));
    viewer.addEventListener("unready", () => this.#prepare(row));
    const remembered = this.#context.places.get(this.#reading.id, row);
    viewer.place = row.viewer === "pdf" ? placeAt(remembered, start) : remembered;
    this.#panels.use(viewer);
    this.#desk.use(viewer, this.#reading.id);
    this.#put(viewer.element);
    this.element.dataset.viewer = row.viewer;
    await viewer.open();
  }

  /** Something shows. Words that it opens with are sought once. */
  #begin(viewer, sought) {
    this.#tools.show(viewer);
    this.keepPlace();
    const { find, page } = sought;
    if (page !== null && viewer.abilities.has("pages") && viewer.material.viewer !== "pdf") viewer.goTo(page);
    if (!find) return;
    if (viewer.abilities.has("find")) this.#panels.show("find", { words: find, stays: page !== null });
    else if (!viewer.showWords?.(find)) return;
    sought.find = "";
  }

  #moved() {
    this.#tools.show(this.#viewer);
    this.#timer ||= setTimeout(() => this.keepPlace(), REST_MS);
  }

  #put(shown) {
    if (shown !== this.#waiting?.element) this.#stopWaiting();
    fill(this.#stage, shown);
    this.#bars.show();
  }

  #stopWaiting() {
    this.#waiting?.close();
    this.#waiting = null;
  }

  #leaveViewer() {
    this.#desk.leave();
    this.#viewer?.close();
    this.#viewer = null;
    this.#panels.use(null);
    this.#tools.element.hidden = true;
    this.element.dataset.viewer = "none";
  }

  #jump() {
    const viewer = this.#viewer;
    if (!viewer?.pages) return;
    askForPage(this.element, { pages: viewer.pages, goTo: (page) => viewer.goTo(page) });
  }
}
