/**
 * The frame in which a reader of office files runs. It has no origin, its document may ask for nothing
 * (kiosk/web/contained.py), and it is spoken to over one port; see messages.js for what it may say.
 */

import { element } from "../../element.js";
import { fetchUpTo } from "../words.js";
import { checked } from "./messages.js";

/** Larger files would need more memory than a terminal has. */
const LARGEST_BYTES = 64 * 1024 * 1024;

export class ContainedFrame {
  #port = null;
  #loaded;

  /**
   * @param {"docx" | "sheet" | "slides"} reader
   * @param {string} label  for people who do not see it
   */
  constructor(reader, label) {
    this.element = element("iframe.contained", {
      sandbox: "allow-scripts",
      referrerpolicy: "no-referrer",
      title: label,
      src: `/contained/${reader}`,
    });
    this.#loaded = new Promise((resolve) => {
      this.element.addEventListener("load", resolve, { once: true });
    });
  }

  /**
   * Hands the bytes at `url` in; the frame must be in the document.
   *
   * @param {{url: string, given?: object, signal: AbortSignal}} what  given: plain things for the reader
   * @param {(message: {is: string}) => void} onMessage  hears what passed the check
   * @throws {import("../words.js").WordsFault}
   */
  async open({ url, given = {}, signal }, onMessage) {
    const [{ bytes, isCut }] = await Promise.all([fetchUpTo(url, { limit: LARGEST_BYTES, signal }), this.#loaded]);
    if (signal.aborted) return;
    if (isCut) return void onMessage({ is: "fault", code: "too-large" });
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = ({ data }) => {
      const message = checked(data);
      if (message && this.#port) onMessage(message);
    };
    // Without an origin it has no name to address it by; the page lets no other document into it.
    this.element.contentWindow?.postMessage({ bytes: bytes.buffer, ...given }, "*", [bytes.buffer, port2]);
  }

  ask(message) { this.#port?.postMessage(message); }

  close() {
    this.#port?.close();
    this.#port = null;
    this.element.remove();
  }
}
