/**
 * Shows a presentation: words, pictures, tables and plain shapes of each slide, where they stand. What
 * moves, charts and drawings of other programs are named in their place.
 */

import { element } from "../element.js";
import { Archive, Fault, kindOf } from "./archive.js";
import { begin } from "./begin.js";
import { Column } from "./column.js";
import { Deck } from "./slides/deck.js";

begin(async (bytes, line, { place, words }) => {
  if (kindOf(bytes) !== "zip") throw new Fault("broken", "not an office file of this kind");
  const deck = await Deck.open(new Archive(bytes), words ?? {});
  const sheets = deck.sheets();
  if (sheets.length === 0) throw new Fault("no-slides");
  const sheet = element("main.column", {}, ...sheets);
  document.body.append(sheet);
  const column = new Column(line, sheet, sheets, "page");
  await drawAsSeen(deck, sheets, () => column.markAgain());
  column.restore(place ?? {});
  line.tell({ is: "ready", pages: sheets.length });
});

/** The first slide now; each other one when it comes near the window. */
async function drawAsSeen(deck, sheets, onDrawn) {
  const drawn = new Set([0]);
  const draw = async (index) => {
    drawn.add(index);
    try {
      await deck.draw(index, sheets[index]);
      onDrawn();
    } catch (error) {
      console.info(`slide ${index + 1}: ${error?.message ?? error}`);
    }
  };
  await draw(0);
  const watcher = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      const index = sheets.indexOf(target);
      if (isIntersecting && !drawn.has(index)) void draw(index);
    }
  }, { rootMargin: "150% 0px" });
  for (const sheet of sheets) watcher.observe(sheet);
}
