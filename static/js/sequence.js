// The order of what the terminal says: snapshot first, then every event once, in the order of `seq`.
//
//     waiting ──snapshot──▶ following ──reset──▶ waiting
//
// While waiting, events are kept. In both states an old event is dropped. A gap is no reason to stop:
// the event is used (progress carries whole figures) and `onGap` asks for the truth again.

const KEPT = 1000;

export class Sequence {
  #deliver;
  #onGap;
  #seq = null;
  #kept = [];

  /**
   * @param {(name: string, payload: object) => void} deliver
   * @param {() => void} onGap
   */
  constructor(deliver, onGap) {
    this.#deliver = deliver;
    this.#onGap = onGap;
  }

  /** A new connection: what comes until its snapshot is kept. */
  reset() {
    this.#seq = null;
    this.#kept = [];
  }

  snapshot(payload) {
    const kept = this.#kept.sort((one, other) => one.payload.seq - other.payload.seq);
    this.#kept = [];
    this.#seq = payload.seq ?? 0;
    this.#deliver("snapshot", payload);
    for (const { name, payload: later } of kept) this.event(name, later);
  }

  event(name, payload) {
    if (this.#seq === null) {
      this.#kept = [...this.#kept, { name, payload }].slice(-KEPT);
      return;
    }
    const seq = payload.seq ?? this.#seq + 1;
    if (seq <= this.#seq) return;
    const gap = seq > this.#seq + 1;
    this.#seq = seq;
    this.#deliver(name, payload);
    if (gap) this.#onGap();
  }
}
