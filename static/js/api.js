// The terminal's JSON interface, one method a request.

/** What the terminal refused, in its own words: `code`, `details`, `hint`; `status` 0 where it did not answer. */
export class ApiError extends Error {
  /** @param {number} status @param {{code?: string, message?: string, hint?: string, details?: object, fields?: object}} error */
  constructor(status, error) {
    super(error.message ?? `status ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.code = error.code ?? "internal";
    this.hint = error.hint ?? "";
    this.details = error.details ?? {};
    this.fields = error.fields ?? {};
  }
}

/** Browsers send no more than 64 KiB for a page that is gone; letters may be of three bytes. */
const LONGEST_KEPT = 20_000;

export class Api {
  /** All methods take `{signal}` last; an aborted request rejects with AbortError. */
  meetings(options) {
    return this.#ask("GET", "/api/meetings", undefined, options);
  }

  meeting(id, { revision, ...options } = {}) {
    const query = revision ? `?revision=${encodeURIComponent(revision)}` : "";
    return this.#ask("GET", `/api/meetings/${encodeURIComponent(id)}${query}`, undefined, options);
  }

  /** Where in a meeting `words` are. */
  search(id, words, options) {
    const path = `/api/meetings/${encodeURIComponent(id)}/search?q=${encodeURIComponent(words)}`;
    return this.#ask("GET", path, undefined, options);
  }

  /** Starts a download; `now`: without the rest of its start delay. */
  download(id, { now = false, ...options } = {}) {
    return this.#ask("POST", "/api/downloads", { meetingId: id, ...(now ? { now } : {}) }, options);
  }

  cancel(id, options) {
    return this.#ask("DELETE", `/api/downloads/${encodeURIComponent(id)}`, undefined, options);
  }

  /** What was written on a material; `query` names its revision as its address does. */
  marks({ meetingId, n, query }, options) {
    return this.#ask("GET", `${marksOf(meetingId, n)}${query}`, undefined, options);
  }

  /** Saves the marks of a page, from 1; also when the browser leaves the page meanwhile. */
  saveMarks({ meetingId, n, query }, page, body, options) {
    return this.#ask("PUT", `${marksOf(meetingId, n)}/${page}${query}`, body, { ...options, outlives: true });
  }

  purge(id, options) {
    return this.#ask("DELETE", `/api/meetings/${encodeURIComponent(id)}`, undefined, options);
  }

  /** Somebody has material `n` of a revision open, at `place`; also while the page is being left. */
  keepPlace(id, { n, revision, place }, options) {
    const path = `/api/meetings/${encodeURIComponent(id)}/reading`;
    return this.#ask("PUT", path, { n, revision, place }, { outlives: true, ...options });
  }

  settings(options) {
    return this.#ask("GET", "/api/settings", undefined, options);
  }

  save(changes, options) {
    return this.#ask("PUT", "/api/settings", changes, options);
  }

  unlock(pin, options) {
    return this.#ask("POST", "/api/unlock", { pin }, options);
  }

  lock(options) {
    return this.#ask("POST", "/api/lock", {}, options);
  }

  /** The servers that the three settings lead to; without an argument: that the saved ones lead to. */
  pool(values = {}, options = {}) {
    const query = new URLSearchParams(values).toString();
    return this.#ask("GET", `/api/pool${query ? `?${query}` : ""}`, undefined, options);
  }

  /** Who announces itself on the local network; takes some seconds. */
  hear(options) {
    return this.#ask("POST", "/api/servers/hear", {}, options);
  }

  testServers(options) {
    return this.#ask("POST", "/api/servers/test", {}, options);
  }

  async #ask(method, path, body, { signal, outlives = false } = {}) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await fetch(path, {
      method,
      signal,
      cache: "no-store",
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: text,
      keepalive: outlives && text.length < LONGEST_KEPT,
    }).catch((fault) => {
      if (fault.name === "AbortError") throw fault;
      throw new ApiError(0, { code: "no-answer", message: fault.message });
    });
    const document = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new ApiError(answer.status, document.error ?? {});
    return document;
  }
}

function marksOf(meetingId, n) {
  return `/api/meetings/${encodeURIComponent(meetingId)}/materials/${n}/marks`;
}
