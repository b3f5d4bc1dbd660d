// What stands above the cards: nothing, an invitation to download, the running panel, or how it ended.
//
// The cards below stay where they are in all of them; only this place folds and unfolds.

import { cancelledNotice, completeLine, failurePanel } from "../download/ended.js";
import { motionWanted } from "../download/glide.js";
import { RunningPanel } from "../download/running.js";
import { button, element, fill } from "../element.js";
import { isOpen } from "../standing.js";

const FOLD_MS = 240;
const LINGER_MS = 700;

/** Which of its faces the stage shows. */
export function faceOf(meeting, download, dismissed) {
  if (isOpen(download)) return "running";
  if (download?.state === "failed" && download !== dismissed) return "failed";
  if (download?.state === "failed" && meeting?.local) return "old";
  if (download?.state === "cancelled" && !meeting?.local) return "cancelled";
  if (download?.state === "complete") return "complete";
  return meeting && !meeting.local ? "invitation" : "none";
}

export class Stage {
  #context;
  #actions;
  #running = null;
  #face = "none";
  #dismissed = null;
  #shown = null;
  #folding = false;
  #last = null;

  /**
   * @param {object} context
   * @param {{download: () => void, cancel: () => void, now: () => void}} actions
   */
  constructor(context, actions) {
    this.#context = context;
    this.#actions = actions;
    this.element = element("div.download-stage");
  }

  /** Shows what `meeting` and its `download` call for. */
  update(meeting, download) {
    this.#last = { meeting, download };
    const face = faceOf(meeting, download, this.#dismissed);
    if (face === "running") this.#showRunning(download);
    else if (face === "complete" && this.#face === "running") this.#runOut(download);
    else if (!this.#folding) this.#showStill(face, meeting, download);
  }

  #showRunning(download) {
    if (this.#face !== "running") {
      this.#running = new RunningPanel(this.#context, this.#actions);
      this.#face = "running";
      this.#folding = false;
      fill(this.element, this.#running.element);
    }
    this.#running.update(download);
  }

  /** The bar runs to its end, then the panel folds into its line. */
  async #runOut(download) {
    const panel = this.#running;
    panel.update(download);
    this.#face = "complete";
    this.#folding = true;
    if (motionWanted()) await fold(panel.element, this.#context.signal);
    if (!this.#folding || this.#context.signal.aborted) return;
    this.#folding = false;
    panel.stop();
    this.#showStill("complete", this.#last.meeting, download);
  }

  #showStill(face, meeting, download) {
    const key = JSON.stringify([face, meeting?.local?.publishedAt, this.#context.store.state.online]);
    if (this.#face === face && this.#shown?.key === key && this.#shown.download === download) return;
    this.#face = face;
    this.#shown = { key, download };
    fill(this.element, this.#still(face, meeting, download));
  }

  #still(face, meeting, download) {
    const { download: again } = this.#actions;
    if (face === "complete") return completeLine(download, this.#context);
    if (face === "cancelled") return cancelledNotice(download, this.#context, again);
    if (face === "failed") return this.#failed(meeting, download);
    if (face === "old") return this.#old(meeting);
    return face === "invitation" ? this.#invitation() : null;
  }

  #failed(meeting, download) {
    const { format } = this.#context;
    const old = meeting?.local
      ? () => {
          this.#dismissed = download;
          this.update(this.#last.meeting, this.#last.download);
        }
      : null;
    const oldTime = format.time(meeting?.local?.publishedAt);
    return failurePanel(download, this.#context, { again: this.#actions.download, old, oldTime });
  }

  #old(meeting) {
    const { t, format } = this.#context;
    const time = format.time(meeting.local.publishedAt);
    return element(
      "div.notice.warn",
      {},
      element("p.notice-words", {}, t("download.old.shown", { time })),
      button(t("download.again"), this.#actions.download),
    );
  }

  #invitation() {
    const { t, store } = this.#context;
    const offline = store.state.asked && !store.state.online;
    const press = button(t("meeting.download"), this.#actions.download, { kind: "main" });
    return element(
      "section.panel.ended",
      {},
      element("h2", {}, t("meeting.remote")),
      element("p.hint", {}, t(offline ? "meeting.remote.offline" : "meeting.remote.hint")),
      element("div.acts", {}, press),
    );
  }
}

async function fold(panel, signal) {
  await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
  if (signal.aborted) return;
  const height = panel.offsetHeight;
  const moving = panel.animate(
    [
      { height: `${height}px`, opacity: 1 },
      { height: "3rem", opacity: 0 },
    ],
    { duration: FOLD_MS, easing: "cubic-bezier(0.2, 0, 0.1, 1)", fill: "forwards" },
  );
  await moving.finished;
}
