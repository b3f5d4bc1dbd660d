/**
 * The reader: one material, and almost nothing else.
 *
 * The address keeps the revision (?r=), so that what somebody reads stays what it is; a newer one
 * is offered in a quiet line. A material that is still on its way opens by itself when it is here.
 */

import { element, fill } from "../element.js";
import { Bars } from "../reader/bars.js";
import { Head } from "../reader/head.js";
import { askForPage } from "../reader/jump.js";
import { watchKeys } from "../reader/keys.js";
import { addressOf, neighbour, revisionOf, rowAt, sameIn } from "../reader/materials.js";
import { NewerLine } from "../reader/newer.js";
import { Panels } from "../reader/panels.js";
import { Places } from "../reader/places.js";
import { Tools } from "../reader/tools.js";
import { Waiting, faultCard, missingCard, needsWaiting } from "../reader/waiting.js";
import { viewerFor } from "../viewers/choose.js";

export class ReaderView {
  #context;
  #id;
  #n;
  #revision;
  #meeting = null;
  #row = null;
  #viewer = null;
  #waiting = null;
  #places = new Places();
  #root;
  #stage = element("div.reader-stage");
  #head;
  #tools;
  #bars;
  #panels;
  #newer;
  #run = 0;

  async mount(root, { id, n }, context) {
    this.#context = context;
    this.#id = id;
    this.#n = Number(n);
    this.#revision = new URLSearchParams(location.search).get("r");
    this.#build(root);
    context.store.subscribe((state, before) => this.#follow(state, before), { signal: context.signal });
    await this.#load();
  }

  unmount() {
    this.#viewer?.close();
    this.#panels?.close();
  }

  #build(root) {
    const { signal } = this.#context;
    this.#head = new Head({ back: this.#back, leaf: (by) => this.#goBeside(by) });
    this.#tools = new Tools({
      rail: () => this.#panels.toggle("rail"),
      find: () => this.#panels.toggle("find"),
      leaf: (by) => this.#viewer?.goTo(this.#viewer.page + by),
      jump: () => this.#jump(),
      zoom: (by) => (by > 0 ? this.#viewer?.zoomIn() : this.#viewer?.zoomOut()),
      fit: (fit) => this.#viewer?.fitTo(this.#viewer.fit === fit ? "auto" : fit),
      turn: () => this.#viewer?.turnRight(),
    });
    this.#newer = new NewerLine(() => this.#openNewer());
    this.#root = element("main.reader", {}, this.#stage, this.#head.element, this.#newer.element,
      this.#tools.element);
    root.append(this.#root);
    this.#panels = new Panels(this.#root, this.#tools);
    this.#bars = new Bars(this.#root, () => this.#mayFade(), signal);
    window.addEventListener("pagehide", () => this.#keepPlace(), { signal });
    signal.addEventListener("abort", () => this.#keepPlace(), { once: true });
    watchKeys(this.#root, { viewer: () => this.#viewer, panels: this.#panels }, signal);
  }

  get #back() {
    return `/meetings/${encodeURIComponent(this.#id)}`;
  }

  #mayFade() {
    return Boolean(this.#viewer?.barsFade) && !this.#panels.areOpen && !this.#root.querySelector("dialog[open]");
  }

  /** Asks what the material is, and shows it. */
  async #load() {
    const run = (this.#run += 1);
    try {
      const meeting = await this.#ask();
      if (run !== this.#run) return;
      this.#meeting = meeting;
    } catch (fault) {
      if (!this.#context.signal.aborted && run === this.#run) this.#showProblem(fault);
      return;
    }
    this.#row = rowAt(this.#meeting, this.#n);
    if (this.#row) await this.#show();
    else this.#showProblem({ code: "unknown-material" });
  }

  /** The meeting in the revision of the address; where that one is gone, as it is now. */
  async #ask() {
    const { api, signal } = this.#context;
    const options = { signal, revision: this.#revision ?? undefined };
    const meeting = await api.meeting(this.#id, options).catch((fault) => {
      if (!this.#revision || fault.status !== 404) throw fault;
      this.#revision = null;
      return api.meeting(this.#id, { signal });
    });
    this.#revision ??= meeting.local?.revision ?? null;
    if (this.#revision) history.replaceState(null, "", addressOf(this.#id, this.#n, this.#revision));
    return meeting;
  }

  async #show() {
    const row = this.#row;
    this.#head.show(row, {
      before: neighbour(this.#meeting, this.#n, -1),
      after: neighbour(this.#meeting, this.#n, 1),
    });
    this.#context.title(row.name);
    if (row.state === "missing") this.#put(missingCard(row, this.#context));
    else if (needsWaiting(row)) this.#wait(row);
    else await this.#open(row);
  }

  #wait(row) {
    if (this.#waiting) return;
    this.#waiting = new Waiting(row, this.#id, this.#back, this.#context);
    this.#put(this.#waiting.element);
  }

  async #open(row) {
    const Viewer = await viewerFor(row);
    if (this.#context.signal.aborted) return;
    const viewer = new Viewer(row, {
      onTap: () => this.#bars.toggle(),
      facts: this.#context.format.bytes(row.bytes),
    });
    this.#viewer = viewer;
    viewer.addEventListener("change", () => this.#tools.show(viewer));
    viewer.addEventListener("ready", () => this.#tools.show(viewer));
    viewer.addEventListener("fault", ({ detail }) => this.#showFault(detail));
    viewer.place = this.#places.get(this.#id, row.name);
    this.#panels.use(viewer);
    this.#put(viewer.element);
    this.#root.dataset.viewer = row.viewer;
    await viewer.open();
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
    this.#viewer?.close();
    this.#viewer = null;
    this.#panels.use(null);
    this.#tools.element.hidden = true;
    this.#root.dataset.viewer = "none";
  }

  #showFault(code) {
    this.#leaveViewer();
    this.#put(faultCard(code, this.#row, this.#back, this.#context));
    this.#bars.show();
  }

  #showProblem(fault) {
    this.#leaveViewer();
    this.#put(faultCard(fault, this.#row, this.#back, this.#context));
  }

  #follow(state, before) {
    const news = state.changes !== before.changes || (this.#isReady(state) && !this.#isReady(before));
    if (this.#row && needsWaiting(this.#row) && news) void this.#load();
    const newest = revisionOf(state, this.#id);
    if (this.#revision === null && newest !== null) this.#settleOn(newest);
    this.#newer.show(newest !== null && newest !== this.#revision);
  }

  #isReady({ downloads }) {
    return Object.hasOwn(downloads, this.#id) && downloads[this.#id].ready.includes(this.#n);
  }

  /** What was opened before the rest had come belongs to the revision that came of it. */
  #settleOn(revision) {
    this.#revision = revision;
    history.replaceState(null, "", addressOf(this.#id, this.#n, revision));
  }

  /** The same material, by name, in the revision that is here now. */
  async #openNewer() {
    this.#keepPlace();
    const { api, signal, navigate } = this.#context;
    const meeting = await api.meeting(this.#id, { signal }).catch(() => null);
    if (!meeting) return;
    const same = this.#row ? sameIn(meeting, this.#row) : null;
    if (same) await navigate(addressOf(this.#id, same.n, meeting.local?.revision), { replace: true });
    else this.#newer.sayGone(this.#back);
  }

  #goBeside(by) {
    const beside = this.#meeting && neighbour(this.#meeting, this.#n, by);
    if (beside) this.#context.navigate(addressOf(this.#id, beside.n, this.#revision), { replace: true });
  }

  #jump() {
    const viewer = this.#viewer;
    if (!viewer?.pages) return;
    askForPage(this.#root, { pages: viewer.pages, goTo: (page) => viewer.goTo(page) });
  }

  #keepPlace() {
    const place = this.#viewer?.place;
    if (place && this.#row) this.#places.set(this.#id, this.#row.name, place);
  }
}
