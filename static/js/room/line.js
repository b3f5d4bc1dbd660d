// The room's live line to its node; the only file of this page that knows Socket.IO.
//
// It never gives up. Each connection begins with the whole room, so a restarted node, a slept machine
// and a reload are the same case.

import { io } from "../../vendor/socket.io.esm.min.js";

const ASK_AGAIN_MS = 1000;

export class Line {
  #socket;
  #wanted = false;
  #told;

  /** @param {{room: Function, change: Function, locked: () => void, lost: (isLost: boolean) => void}} told */
  constructor(told) {
    this.#told = told;
    this.#socket = io({
      transports: ["websocket"],
      autoConnect: false,
      reconnectionDelay: 500,
      reconnectionDelayMax: 4000,
      randomizationFactor: 0.5,
      timeout: 4000,
    });
    this.#socket.on("room", (whole) => {
      told.lost(false);
      told.room(whole);
    });
    this.#socket.on("change", (news) => told.change(news));
    this.#socket.on("locked", () => {
      told.lost(false);
      told.locked();
    });
    this.#socket.on("connect_error", () => told.lost(true));
    this.#socket.on("disconnect", (reason) => this.#gone(reason));
  }

  connect() {
    this.#wanted = true;
    this.#socket.connect();
  }

  /** Nothing more is wanted of the node until somebody connects again. */
  leave() {
    this.#wanted = false;
    this.#socket.disconnect();
  }

  #gone(reason) {
    if (!this.#wanted) return;
    this.#told.lost(true);
    // Socket.IO does not come back by itself when the other side said goodbye.
    if (reason === "io server disconnect") setTimeout(() => this.#wanted && this.#socket.connect(), ASK_AGAIN_MS);
  }
}
