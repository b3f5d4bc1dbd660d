/** The panels beside a document, thumbnails, outline, search and marks: at most one is open. */

import { MarksPanel } from "../marks/list.js";
import { FindPanel } from "./find.js";
import { OutlinePanel } from "./outline.js";
import { Rail } from "./rail.js";

const KINDS = { rail: Rail, outline: OutlinePanel, find: FindPanel, marks: MarksPanel };

export class Panels {
  #root;
  #tools;
  #viewer = null;
  #name = null;
  #panel = null;

  constructor(root, tools) {
    this.#root = root;
    this.#tools = tools;
  }

  get areOpen() { return this.#panel !== null; }

  /** From now on they belong to `viewer`. */
  use(viewer) {
    this.shut();
    this.#viewer = viewer;
  }

  toggle(name) {
    if (this.#name === name) this.shut();
    else this.show(name);
  }

  /** Opens one, where the viewer has it; `given` is what it begins with. */
  show(name, given) {
    this.shut();
    if (this.#viewer?.abilities.has(name)) this.#open(name, given);
  }

  /** Closes what is open; false where nothing was. */
  shut() {
    if (!this.#panel) return false;
    const hadFocus = this.#panel.element.contains(document.activeElement);
    this.#panel.close();
    this.#panel.element.remove();
    this.#tools.press(this.#name, false);
    delete this.#root.dataset.panel;
    this.#panel = null;
    this.#name = null;
    if (hadFocus) this.#viewer?.element.focus({ preventScroll: true });
    return true;
  }

  close() {
    this.shut();
    this.#viewer = null;
  }

  #open(name, given) {
    this.#name = name;
    this.#panel = new KINDS[name](this.#viewer, () => this.shut());
    this.#root.append(this.#panel.element);
    this.#root.dataset.panel = name;
    this.#tools.press(name, true);
    this.#panel.begin(given);
  }
}
