// What the room's page asks of its node, one method a request.

import { ApiError } from "../api.js";

export class Asking {
  /** Have the red ones try again; only those of `ids`, where there are any. Gives how many that are. */
  async retry(ids = null) {
    return (await this.#post("/api/v1/room/retry", { only: ids })).seats;
  }

  unlock(password) {
    return this.#post("/api/v1/room/unlock", { password });
  }

  async #post(path, body) {
    const answer = await fetch(path, {
      method: "POST",
      cache: "no-store",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }).catch((fault) => {
      throw new ApiError(0, { code: "no-answer", message: fault.message });
    });
    const document = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new ApiError(answer.status, document.error ?? {});
    return document;
  }
}
