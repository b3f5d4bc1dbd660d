// The live line to the terminal; the only file that knows Socket.IO.
//
// It never gives up: after a loss it asks again within two seconds, for ever. Each connection begins
// with a snapshot, so that a restarted terminal, a slept machine and a reload are the same case.

import { io } from "../vendor/socket.io.esm.min.js";
import { Sequence } from "./sequence.js";

const EVENTS = [
  "downloadQueued",
  "downloadStart",
  "downloadProgress",
  "serverSwitch",
  "materialReady",
  "materialWanted",
  "downloadComplete",
  "downloadError",
  "downloadCancelled",
  "meetingsChanged",
  "settingsChanged",
];
const ASK_AGAIN_MS = 2000;

export class Live {
  #socket;
  #sequence;
  #store;
  #asking = null;
  #renewing = false;

  /** @param {import("./state.js").Store} store */
  constructor(store) {
    this.#store = store;
    this.#sequence = new Sequence(
      (name, payload) => store.dispatch(name, payload),
      () => this.#askAgain(),
    );
    this.#socket = io({
      transports: ["websocket"],
      autoConnect: false,
      reconnectionDelay: 250,
      reconnectionDelayMax: 2000,
      randomizationFactor: 0.3,
      timeout: 4000,
    });
    this.#listen();
  }

  start() {
    this.#socket.connect();
  }

  /** Somebody waits for this material: it is fetched, or made ready, before the others. Said once the line is there. */
  want(meetingId, index, revision = null) {
    this.#socket.emit("wantMaterial", { meetingId, index, revision });
  }

  #listen() {
    this.#socket.on("connect", () => this.#sequence.reset());
    this.#socket.on("snapshot", (payload) => {
      this.#renewing = false;
      this.#sequence.snapshot(payload);
    });
    this.#socket.on("disconnect", (reason) => this.#gone(reason));
    for (const name of EVENTS) {
      this.#socket.on(name, (payload) => this.#sequence.event(name, payload ?? {}));
    }
  }

  #gone(reason) {
    if (this.#renewing) return;
    this.#store.dispatch("disconnected");
    // Socket.IO does not come back by itself when the other side said goodbye.
    if (reason === "io server disconnect") setTimeout(() => this.#socket.connect(), ASK_AGAIN_MS / 4);
  }

  /** A snapshot comes with each connection, so asking again is connecting again; not more often than needed. */
  #askAgain() {
    if (this.#asking) return;
    this.#asking = setTimeout(() => {
      this.#asking = null;
      this.#renewing = true;
      this.#socket.disconnect().connect();
    }, ASK_AGAIN_MS);
  }
}
