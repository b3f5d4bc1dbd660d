/** Where somebody was when the welcome page returned by itself, until they go on or go elsewhere. */

const KEY = "kiosk.left";
const LONGEST = 300;
const MEETING = /^\/meetings\/([^/?#]+)/;

export class Away {
  #storage;

  /** @param {Pick<Storage, "getItem" | "setItem" | "removeItem">} storage */
  constructor(storage = sessionStorage) {
    this.#storage = storage;
  }

  /** @param {{href: string, title: string}} where  only meetings and materials are worth it */
  keep({ href, title }) {
    if (MEETING.test(href)) this.#storage.setItem(KEY, JSON.stringify([href, title.slice(0, LONGEST)]));
    else this.forget();
  }

  /** @returns {{href: string, title: string, meeting: string} | null} */
  get where() {
    try {
      const [href, title] = JSON.parse(this.#storage.getItem(KEY) ?? "null");
      const meeting = MEETING.exec(href);
      return meeting ? { href, title: String(title), meeting: decodeURIComponent(meeting[1]) } : null;
    } catch {
      return null;
    }
  }

  forget() {
    this.#storage.removeItem(KEY);
  }
}
