// The origin as the secretary's page asks it: what is there, and what is to be done.

const BASE = "/secretary";

/** What the origin answered instead; `code` and `details` are those of docs/errors.md. */
export class OriginFault extends Error {
  constructor(status, { code = "no-answer", message = "", hint = "", details = {} } = {}) {
    super(message);
    Object.assign(this, { status, code, hint, details });
  }
}

export class Origin {
  /** The meetings; null where nothing changed since version `since`. */
  meetings(since) {
    return this.#ask("GET", `/api/meetings${since === undefined ? "" : `?since=${since}`}`);
  }

  meeting(id) {
    return this.#ask("GET", meetingPath(id));
  }

  make(name) {
    return this.#ask("POST", "/api/meetings", { name });
  }

  /** @param {"in-progress"|"ended"} status */
  say(id, status) {
    return this.#ask("PUT", `${meetingPath(id)}/status`, { status });
  }

  /** @param {string} path in the meeting's folder */
  remove(id, path) {
    return this.#ask("DELETE", `${meetingPath(id)}/files/${path.split("/").map(encodeURIComponent).join("/")}`);
  }

  unlock(password) {
    return this.#ask("POST", "/unlock", { password });
  }

  /**
   * Sends a file. XMLHttpRequest, because fetch tells nothing of how far it is.
   *
   * @param {{meeting: string, file: File, replace: boolean}} what
   * @param {(sent: number) => void} told bytes that have gone out
   */
  send({ meeting, file, replace }, told) {
    return new Promise((done, failed) => {
      const call = new XMLHttpRequest();
      call.open("PUT", `${BASE}${meetingPath(meeting)}/files/${encodeURIComponent(file.name)}${replace ? "?replace=1" : ""}`);
      call.setRequestHeader("Content-Type", "application/octet-stream");
      call.responseType = "json";
      call.upload.onprogress = (event) => told(event.loaded);
      call.onload = () => {
        if (call.status < 300) done(call.response);
        else failed(new OriginFault(call.status, call.response?.error));
      };
      call.onerror = () => failed(new OriginFault(0));
      call.send(file);
    });
  }

  async #ask(method, path, body) {
    const answer = await fetch(BASE + path, {
      method,
      cache: "no-store",
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    }).catch(() => {
      throw new OriginFault(0);
    });
    if (answer.status === 204) return null;
    const document = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new OriginFault(answer.status, document.error);
    return document;
  }
}

function meetingPath(id) {
  return `/api/meetings/${encodeURIComponent(id)}`;
}
