/** Converts Markdown beside the page, which ends it where a text is made to take for ever. */

import { Marked } from "../../vendor/marked.esm.js";
import { withoutAttributes } from "./bare.js";

const converter = new Marked({ gfm: true, renderer: { html: ({ text }) => withoutAttributes(text) } });

self.addEventListener("message", ({ data }) => {
  try {
    self.postMessage(converter.parse(data));
  } catch (error) {
    console.info(`not laid out: ${error?.message ?? error}`); // nested too deep
    self.postMessage(null);
  }
});
