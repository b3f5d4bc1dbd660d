/**
 * The reader: one material, or two side by side, and almost nothing else.
 *
 * The address keeps the revision (?r=), so that what somebody reads stays what it is, and the second
 * material (&with=). A newer revision is offered in a quiet line. A material that is still on its way
 * opens by itself when it is here. Where the screen has no room for two, the first one has it, and the
 * second one returns with the room.
 * A page and words in the address (?page=, ?find=) say where the first one opens; then they go from it,
 * so that a reload opens where one is.
 */

import { element } from "../element.js";
import { openContents } from "../reader/contents.js";
import { Half } from "../reader/half.js";
import { watchKeys } from "../reader/keys.js";
import { addressOf, askedFor, changesBetween, neighbour, revisionOf, rowAt, sameIn } from "../reader/materials.js";
import { NewerLine, newsOf } from "../reader/newer.js";
import { Room } from "../reader/split.js";
import { BEGINNING, startOf } from "../reader/start.js";
import { searchAddress } from "../search/answer.js";
import { watchSearchKeys } from "../search/keys.js";

export class ReaderView {
  #context;
  #id;
  #numbers;
  #revision;
  #start;
  #putOff = null;
  #meeting = null;
  #root;
  #halves = [];
  #used = null;
  #newer;
  #room;
  #run = 0;
  #loading = Promise.resolve();

  async mount(root, { id, n }, context) {
    this.#context = context;
    this.#id = id;
    const { revision, beside } = askedFor(location.search);
    this.#revision = revision;
    this.#numbers = beside ? [Number(n), beside] : [Number(n)];
    this.#start = startOf(location.search);
    this.#build(root);
    watchSearchKeys(() => this.#search(), context.signal);
    context.store.subscribe((state, before) => this.#follow(state, before), { signal: context.signal });
    this.#loading = this.#load();
    await this.#loading;
  }

  unmount() {
    for (const half of this.#halves) half.close();
  }

  #build(root) {
    const { signal } = this.#context;
    this.#newer = new NewerLine({ open: () => this.#openNewer(), later: () => this.#later() });
    this.#root = element("main.reading", {}, this.#newer.element);
    root.append(this.#root);
    this.#room = new Room(() => void this.#show(), signal);
    this.#arrange();
    window.addEventListener("pagehide", () => this.#keepPlaces(), { signal });
    signal.addEventListener("abort", () => this.#keepPlaces(), { once: true });
    watchKeys(this.#root, {
      half: () => this.#used ?? this.#halves[0],
      beside: (half, by) => this.#goBeside(half, by),
      other: () => this.#halves.find((half) => half !== this.#used)?.focus(),
    }, signal);
  }

  get #back() {
    return `/meetings/${encodeURIComponent(this.#id)}`;
  }

  #keepPlaces() {
    for (const half of this.#halves) half.keepPlace();
  }

  /** Asks what the materials are, and shows them. */
  async #load() {
    const run = (this.#run += 1);
    try {
      const meeting = await this.#ask();
      if (run !== this.#run) return;
      this.#meeting = meeting;
    } catch (fault) {
      if (!this.#context.signal.aborted && run === this.#run) this.#halves[0].showProblem(fault);
      return;
    }
    await this.#show();
    await this.#tellNews(revisionOf(this.#context.store.state, this.#id));
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

  // One or two

  /** As many halves as are asked for and have room. */
  #arrange() {
    const wanted = this.#room.isForTwo ? this.#numbers.length : 1;
    while (this.#halves.length > wanted) this.#drop(this.#halves.at(-1));
    while (this.#halves.length < wanted) this.#add();
    this.#root.dataset.halves = String(wanted);
    const stand = { isAlone: wanted === 1, maySplit: this.#room.isForTwo };
    for (const [index, half] of this.#halves.entries()) half.head.stand({ ...stand, isFirst: index === 0 });
  }

  #add() {
    const half = new Half(this.#context, { id: this.#id, revision: () => this.#revision }, {
      beside: (by) => this.#goBeside(half, by),
      list: () => this.#choose("reader.contents", this.#numberOf(half), (n) => this.#go(half, n)),
      search: () => this.#search(),
      split: () => this.#choose("reader.split_choose", null, (n) => this.#open(n)),
      close: () => this.#close(half),
      news: () => this.#recall(),
      used: () => { this.#used = half; },
    });
    this.#halves.push(half);
    this.#root.append(half.element);
  }

  #drop(half) {
    half.close();
    this.#halves = this.#halves.filter((other) => other !== half);
    if (this.#used === half) this.#used = null;
  }

  async #show() {
    this.#arrange();
    if (!this.#meeting) return;
    const shown = this.#halves.map((half, index) => half.show(this.#meeting, this.#numbers[index], index ? BEGINNING : this.#start));
    const { row } = this.#halves[0];
    if (row) this.#context.title(row.name);
    await Promise.all(shown);
  }

  #numberOf(half) {
    return this.#numbers[this.#halves.indexOf(half)];
  }

  /** The list as it is now: what was opened since and how far, is part of it. */
  #search() {
    this.#context.navigate(searchAddress(this.#id, { back: this.#numbers[0] }));
  }

  async #choose(key, shown, choose) {
    const { t, format, api, signal } = this.#context;
    const options = { signal, revision: this.#revision ?? undefined };
    const meeting = await api.meeting(this.#id, options).catch(() => this.#meeting);
    if (!meeting || signal.aborted || this.#root.querySelector("dialog[open]")) return;
    openContents(this.#root, { meeting, shown, title: t(key), format, choose });
  }

  /** Shows another material in `half`, in its place: the keys stay where the finger and the focus are. */
  #go(half, n) {
    const index = this.#halves.indexOf(half);
    this.#numbers[index] = n;
    if (index === 0) this.#start = BEGINNING;
    this.#settle();
    void this.#show();
  }

  /** To the one before or after. A key that is pressed before the materials are known counts, too. */
  async #goBeside(half, by) {
    if (!this.#meeting) await this.#loading;
    const beside = this.#meeting && neighbour(this.#meeting, this.#numberOf(half), by);
    if (beside && !this.#context.signal.aborted) this.#go(half, beside.n);
  }

  #open(n) {
    this.#numbers = [this.#numbers[0], n];
    this.#settle();
    void this.#show();
    this.#halves[1].focus();
  }

  /** The other one has the screen. */
  #close(half) {
    this.#numbers.splice(this.#halves.indexOf(half), 1);
    this.#start = BEGINNING;
    this.#drop(half);
    this.#settle();
    void this.#show();
    this.#halves[0].focus();
  }

  // Revisions

  #follow(state, before) {
    const hasCome = ({ row }) => row && isReady(state, this.#id, row.n) && !isReady(before, this.#id, row.n);
    const news = state.changes !== before.changes || this.#halves.some(hasCome);
    if (news && this.#halves.some(({ isWaiting }) => isWaiting)) void this.#load();
    const newest = revisionOf(state, this.#id);
    if (this.#revision === null && newest !== null) this.#settleOn(newest);
    if (newest !== revisionOf(before, this.#id) || news) void this.#tellNews(newest);
  }

  /** Says what is different in the revision that is here now, if it is another one. */
  async #tellNews(newest) {
    const isNewer = newest !== null && newest !== this.#revision;
    if (!isNewer) this.#newer.hide();
    this.#halves[0].head.tellNews(isNewer && newest === this.#putOff);
    if (!isNewer || newest === this.#putOff) return;
    const changes = await this.#changes(newest);
    if (!changes || newest !== revisionOf(this.#context.store.state, this.#id)) return;
    const read = this.#halves.map(({ row }) => row?.name);
    this.#newer.say(newsOf(changes, read, this.#context.t));
  }

  async #changes(newest) {
    const { api, signal } = this.#context;
    const ask = (revision) => api.meeting(this.#id, { signal, revision });
    const answers = await Promise.all([ask(this.#revision), ask(newest)]).catch(() => null);
    if (signal.aborted) return null;
    // Without the old one it is still true that there is a new one.
    return answers ? changesBetween(...answers) : { changed: [], added: [], gone: [] };
  }

  #later() {
    this.#putOff = revisionOf(this.#context.store.state, this.#id);
    this.#halves[0].head.tellNews(true);
  }

  #recall() {
    this.#putOff = null;
    void this.#tellNews(revisionOf(this.#context.store.state, this.#id));
  }

  /** What was opened before the rest had come belongs to the revision that came of it. */
  #settleOn(revision) {
    this.#revision = revision;
    if (revision) this.#settle();
  }

  #settle() {
    const [n, beside] = this.#numbers;
    history.replaceState(null, "", addressOf(this.#id, n, this.#revision, { beside }));
  }

  /** The same materials, by name, in the revision that is here now, at the same places. */
  async #openNewer() {
    const { api, signal } = this.#context;
    const meeting = await api.meeting(this.#id, { signal }).catch(() => null);
    if (!meeting) return;
    const read = this.#numbers.map((n) => this.#meeting && rowAt(this.#meeting, n));
    const same = read.map((row) => row && sameIn(meeting, row));
    if (!same[0]) {
      this.#newer.sayGone(this.#back);
      return;
    }
    for (const half of this.#halves) half.leave();
    this.#newer.hide();
    this.#run += 1;
    this.#meeting = meeting;
    this.#start = BEGINNING;
    this.#numbers = same.filter(Boolean).map(({ n }) => n);
    this.#settleOn(meeting.local?.revision ?? null);
    await this.#show();
  }
}

function isReady({ downloads }, id, n) {
  return Object.hasOwn(downloads, id) && downloads[id].ready.includes(n);
}
