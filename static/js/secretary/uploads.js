// The files that are being dropped in: one after the other, each with what came of it. No page, no network.

/**
 * @typedef {{key: number, meeting: string, file: {name: string, size: number}, replace: boolean,
 *   state: "waiting"|"sending"|"done"|"failed", sent: number, fault: object|null}} Upload
 */
export class Uploads {
  #send;
  #changed;
  #most;
  #next = 1;
  #busy = false;
  /** @type {Upload[]} */
  rows = [];

  /**
   * @param {(upload: Upload, told: (sent: number) => void) => Promise<unknown>} send
   * @param {() => void} changed called after each step
   */
  constructor(send, changed) {
    this.#send = send;
    this.#changed = changed;
    this.#most = Infinity;
  }

  /** The largest file that the origin takes, in bytes. */
  set most(bytes) { this.#most = bytes; }

  /** Whether anything is still to be sent: leaving the page would lose it. */
  get isBusy() { return this.rows.some(({ state }) => state === "waiting" || state === "sending"); }

  of(meeting) { return this.rows.filter((row) => row.meeting === meeting); }

  /** @param {{isThere?: boolean}} [what] isThere: the meeting has a file of that name already */
  add(meeting, file, { isThere = false } = {}) {
    const row = { key: this.#next, meeting, file, replace: false, state: "waiting", sent: 0, fault: null };
    this.#next += 1;
    // Known beforehand, so nothing is sent in vain.
    if (file.size > this.#most) this.#refuse(row, "upload-too-large", { name: file.name, limit: this.#most });
    else if (file.size === 0) this.#refuse(row, "empty-file", { name: file.name });
    else if (isThere) this.#refuse(row, "file-exists", { name: file.name });
    this.rows.push(row);
    this.#changed();
    return this.#go();
  }

  /** Tries again what failed; `replace`: in the place of the file that is there. */
  again(key, { replace = false } = {}) {
    const row = this.rows.find((one) => one.key === key);
    if (row?.state !== "failed") return Promise.resolve();
    Object.assign(row, { state: "waiting", sent: 0, fault: null, replace: replace || row.replace });
    this.#changed();
    return this.#go();
  }

  /** Takes a row away that is over. */
  drop(key) {
    this.rows = this.rows.filter((row) => row.key !== key || row.state === "sending");
    this.#changed();
  }

  /** Takes away what arrived and is listed by now: `listed` are the paths of the meeting's files. */
  settle(meeting, listed) {
    const names = new Set(listed.map((path) => path.normalize("NFC")));
    const before = this.rows.length;
    this.rows = this.rows.filter(
      (row) => row.meeting !== meeting || row.state !== "done" || !names.has(row.file.name.normalize("NFC")),
    );
    if (this.rows.length !== before) this.#changed();
  }

  #refuse(row, code, details) {
    row.state = "failed";
    row.fault = { code, details };
  }

  async #go() {
    if (this.#busy) return;
    this.#busy = true;
    for (let row = this.#first(); row; row = this.#first()) await this.#one(row);
    this.#busy = false;
  }

  #first() { return this.rows.find((row) => row.state === "waiting"); }

  async #one(row) {
    row.state = "sending";
    this.#changed();
    try {
      await this.#send(row, (sent) => {
        row.sent = Math.min(sent, row.file.size);
        this.#changed();
      });
      Object.assign(row, { state: "done", sent: row.file.size });
    } catch (fault) {
      Object.assign(row, { state: "failed", fault });
    }
    this.#changed();
  }
}
