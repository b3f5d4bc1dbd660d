/** Plain text on a sheet, in pieces that the browser lays out as they come into view. */

import { element } from "../element.js";
import { inPieces } from "./words.js";

const PIECE = 8000;

/** Puts `text` onto `sheet`. */
export function showPlain(sheet, text) {
  sheet.classList.add("plain-text");
  for (const piece of inPieces(text, PIECE)) {
    // The browser adds the line's end between two blocks, so the one inside goes.
    sheet.append(element("pre.text-piece", {}, piece.replace(/\n$/, "")));
  }
}
