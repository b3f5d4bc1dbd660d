/**
 * How every contained reader begins: the page outside hands in the bytes and one port. Over that port
 * plain objects go both ways; what goes out is checked outside (viewers/contained/messages.js).
 */

import { stay } from "../stay.js";
import { Fault } from "./archive.js";

export class Line {
  #port;
  #does = {};

  constructor(port) {
    this.#port = port;
    port.onmessage = ({ data }) => this.#does[data.do]?.(data);
  }

  /** What is done when the page outside asks for it, by the word in `do`. */
  on(does) { this.#does = does; }

  /** @param {{is: string}} message */
  tell(message) { this.#port.postMessage(message); }
}

/**
 * @param {(bytes: Uint8Array, line: Line, given: object) => Promise<void>} read  shows what is in the
 *   bytes and tells "ready"; a Fault's code is told, anything else that it throws is "broken"
 */
export function begin(read) {
  stay();
  addEventListener("message", function hear(event) {
    const [port] = event.ports;
    if (event.source !== parent || !port) return;
    removeEventListener("message", hear);
    void attempt(read, event.data, new Line(port));
  });
}

async function attempt(read, { bytes, ...given }, line) {
  try {
    await read(new Uint8Array(bytes), line, given);
  } catch (error) {
    console.info(`not read: ${error?.message ?? error}`);
    line.tell({ is: "fault", code: error instanceof Fault ? error.code : "broken" });
  }
}
