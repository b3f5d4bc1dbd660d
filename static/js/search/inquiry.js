/** Asks as somebody types: not at every stroke, and never two at a time. */

const TYPING_MS = 180;
/** While texts are still being read, the same question may have another answer. */
const AGAIN_MS = 1500;

export class Inquiry {
  #ask;
  #on;
  #timer = 0;
  #under = null;
  words = "";

  /**
   * @param {(words: string, signal: AbortSignal) => Promise<object>} ask
   * @param {{answer: (answer: object, words: string) => void, fault: (fault: Error) => void}} on
   */
  constructor(ask, on) {
    this.#ask = ask;
    this.#on = on;
  }

  /** Whether an answer is waited for. */
  get isUnderWay() { return this.#under !== null; }

  /** These words are sought from now on; `now`: without waiting for more of them. */
  look(words, { now = false } = {}) {
    this.words = words;
    this.#stop();
    if (words.trim()) this.#later(now ? 0 : TYPING_MS);
  }

  /** The same again, when what can be found may be more. */
  lookAgain() {
    if (this.words.trim() && !this.#under && !this.#timer) this.#later(AGAIN_MS);
  }

  close() {
    this.words = "";
    this.#stop();
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#under?.abort();
    this.#under = null;
  }

  #later(ms) {
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      void this.#send();
    }, ms);
  }

  async #send() {
    const under = (this.#under = new AbortController());
    const { words } = this;
    try {
      const answer = await this.#ask(words, under.signal);
      if (this.#under !== under) return;
      this.#under = null;
      this.#on.answer(answer, words);
    } catch (fault) {
      if (this.#under !== under) return;
      this.#under = null;
      this.#on.fault(fault);
    }
  }
}
