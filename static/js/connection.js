// In a few words: is the master there, and is the terminal itself there.

import { element, icon, setText } from "./element.js";

const GRACE_MS = 1200;

/** What the connection line says for `state`: a name for its colour, a key and fields for its words. */
export function connectionOf(state, format) {
  if (state.connection === "lost") return { name: "lost", key: "connection.lost" };
  if (state.configured === false) return { name: "unset", key: "connection.unset" };
  if (!state.asked) return { name: "unknown", key: "connection.unknown" };
  if (state.online) {
    const server = format.server(state.server);
    return server
      ? { name: "online", key: "connection.online.to", fields: { server } }
      : { name: "online", key: "connection.online" };
  }
  const time = format.time(latest(state.meetings ?? []));
  return time
    ? { name: "offline", key: "connection.offline.kept", fields: { time } }
    : { name: "offline", key: "connection.offline.empty" };
}

function latest(meetings) {
  return meetings
    .map((meeting) => meeting.local?.publishedAt ?? "")
    .sort()
    .at(-1);
}

/** A dot and a few words that follow the state until `context.signal` is aborted. */
export function connectionLine({ store, t, format, signal }) {
  const words = element("span.one-line");
  const line = element("p.connection", {}, element("span.dot"), words);
  const show = (state) => {
    const { name, key, fields } = connectionOf(state, format);
    line.dataset.state = name;
    setText(words, t(key, fields));
  };
  show(store.state);
  store.subscribe(show, { signal });
  return line;
}

/**
 * Says at the lower edge, over every view, that the terminal itself does not answer.
 *
 * A blink (a dropped socket that is back at once) is not worth a word, so it waits a moment.
 */
export class LostNotice {
  #words = element("p.notice-words");
  #notice = element("div.notice", { hidden: true }, icon("plug"), this.#words);
  #timer = null;
  #t;

  constructor(store, t) {
    this.#t = t;
    // It stands there from the beginning: its picture could not be fetched once it is needed.
    document.body.append(element("div.lost", { role: "status" }, this.#notice));
    store.subscribe((state, before) => {
      if (state.connection !== before.connection) this.#follow(state.connection);
    });
  }

  #follow(connection) {
    clearTimeout(this.#timer);
    if (connection === "lost") this.#timer = setTimeout(() => this.#say(this.#t("app.lost")), GRACE_MS);
    else this.#say("");
  }

  #say(words) {
    setText(this.#words, words);
    this.#notice.hidden = !words;
  }
}
