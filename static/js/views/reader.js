/**
 * The reader: one material, and almost nothing else.
 *
 * The address keeps the revision (?r=), so that what somebody reads stays what it is; a newer one
 * is offered in a quiet line. A material that is still on its way opens by itself when it is here.
 * A page and words in the address (?page=, ?find=) say where it opens; then they go from it, so that
 * a reload opens where one is.
 */

import { element } from "../element.js";
import { Half } from "../reader/half.js";
import { watchKeys } from "../reader/keys.js";
import { addressOf, neighbour, revisionOf, sameIn } from "../reader/materials.js";
import { NewerLine } from "../reader/newer.js";
import { Places } from "../reader/places.js";
import { BEGINNING, startOf } from "../reader/start.js";
import { searchAddress } from "../search/answer.js";
import { watchSearchKeys } from "../search/keys.js";

export class ReaderView {
  #context;
  #id;
  #n;
  #revision;
  #start;
  #meeting = null;
  #places = new Places();
  #root;
  #half;
  #newer;
  #run = 0;

  async mount(root, { id, n }, context) {
    this.#context = context;
    this.#id = id;
    this.#n = Number(n);
    this.#revision = new URLSearchParams(location.search).get("r");
    this.#start = startOf(location.search);
    this.#build(root);
    watchSearchKeys(() => context.navigate(searchAddress(id, { back: this.#n })), context.signal);
    context.store.subscribe((state, before) => this.#follow(state, before), { signal: context.signal });
    await this.#load();
  }

  unmount() {
    this.#half?.close();
  }

  #build(root) {
    const { signal } = this.#context;
    this.#newer = new NewerLine(() => this.#openNewer());
    this.#half = new Half(this.#context, {
      id: this.#id,
      places: this.#places,
      on: { beside: (by) => this.#goBeside(by) },
    });
    this.#root = element("main.reading", {}, this.#newer.element, this.#half.element);
    root.append(this.#root);
    window.addEventListener("pagehide", () => this.#half.keepPlace(), { signal });
    signal.addEventListener("abort", () => this.#half.keepPlace(), { once: true });
    watchKeys(this.#root, { half: () => this.#half }, signal);
  }

  get #back() {
    return `/meetings/${encodeURIComponent(this.#id)}`;
  }

  /** Asks what the material is, and shows it. */
  async #load() {
    const run = (this.#run += 1);
    try {
      const meeting = await this.#ask();
      if (run !== this.#run) return;
      this.#meeting = meeting;
    } catch (fault) {
      if (!this.#context.signal.aborted && run === this.#run) this.#half.showProblem(fault);
      return;
    }
    await this.#show();
  }

  async #show() {
    const shown = this.#half.show(this.#meeting, this.#n, this.#start);
    const { row } = this.#half;
    if (row) this.#context.title(row.name);
    await shown;
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
    this.#settleOn(this.#revision ?? meeting.local?.revision ?? null);
    return meeting;
  }

  #follow(state, before) {
    const news = state.changes !== before.changes || (this.#isReady(state) && !this.#isReady(before));
    if (this.#half.isWaiting && news) void this.#load();
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
    if (revision) history.replaceState(null, "", addressOf(this.#id, this.#n, revision));
  }

  /** The same material, by name, in the revision that is here now. */
  async #openNewer() {
    this.#half.keepPlace();
    const { api, signal, navigate } = this.#context;
    const meeting = await api.meeting(this.#id, { signal }).catch(() => null);
    if (!meeting) return;
    const same = this.#half.row ? sameIn(meeting, this.#half.row) : null;
    if (same) await navigate(addressOf(this.#id, same.n, meeting.local?.revision), { replace: true });
    else this.#newer.sayGone(this.#back);
  }

  /** In its place: the keys stay where the finger and the focus are. */
  #goBeside(by) {
    const beside = this.#meeting && neighbour(this.#meeting, this.#n, by);
    if (!beside) return;
    this.#n = beside.n;
    this.#start = BEGINNING;
    history.replaceState(null, "", addressOf(this.#id, this.#n, this.#revision));
    void this.#show();
  }
}
