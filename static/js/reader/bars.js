/**
 * The bars over a document: they go after some seconds and return at a tap.
 *
 * They stay while a finger or the focus is in them, while a panel is open, and for whoever works
 * with the keyboard. When gone they can still be reached by Tab and heard by a screen reader.
 */

const REST_MS = 4500;

export class Bars {
  #root;
  #mayFade;
  #timer = 0;
  #byKeyboard = false;

  /**
   * @param {HTMLElement} root  gets data-bars="shown" or "hidden"
   * @param {() => boolean} mayFade  asked each time they are about to go
   * @param {AbortSignal} signal
   */
  constructor(root, mayFade, signal) {
    this.#root = root;
    this.#mayFade = mayFade;
    root.addEventListener("focusin", () => this.show(), { signal });
    root.addEventListener("keydown", () => this.#key(), { signal, capture: true });
    root.addEventListener("pointerdown", () => { this.#byKeyboard = false; }, { signal, capture: true });
    root.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse" && (event.movementX || event.movementY)) this.show();
    }, { signal });
    signal.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
    this.show();
  }

  get areShown() { return this.#root.dataset.bars === "shown"; }

  show() {
    this.#root.dataset.bars = "shown";
    this.#restart();
  }

  toggle() {
    if (!this.areShown) this.show();
    else if (this.#mayFade()) this.#hide();
  }

  #key() {
    this.#byKeyboard = true;
    this.show();
  }

  #restart() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#rest(), REST_MS);
  }

  #rest() {
    const isUsed = this.#byKeyboard || this.#root.querySelector(".reader-bar :focus-visible");
    if (isUsed || !this.#mayFade()) this.#restart();
    else this.#hide();
  }

  #hide() {
    clearTimeout(this.#timer);
    if (document.activeElement?.closest(".reader-bar")) document.activeElement.blur();
    this.#root.dataset.bars = "hidden";
  }
}
