// The panel of a download under way or waiting for its turn: one large figure, the bar, one line, the timeline.

import { button, element, setText } from "../element.js";
import { isCatchingUp } from "../progress.js";
import { rateLine } from "../sentences.js";
import { Bar } from "./bar.js";
import { Glide } from "./glide.js";
import { Timeline } from "./timeline.js";

const TICK_MS = 250;
const ANNOUNCED_STEP = 25;

export class RunningPanel {
  #context;
  #actions;
  #snapshot = null;
  #announced = "";
  #ticking = null;
  #glide = new Glide((percent) => this.#draw(percent));

  /**
   * @param {object} context
   * @param {{cancel: () => void, now: () => void}} actions
   */
  constructor(context, actions) {
    const { t } = context;
    this.#context = context;
    this.#actions = actions;
    this.phase = element("h2.phase");
    this.figure = element("span.figure.numbers");
    this.unit = element("span.unit");
    this.amount = element("p.amount.numbers");
    this.bar = new Bar(context);
    this.rate = element("p.rate.numbers");
    this.news = element("p.only-read", { role: "status", "aria-live": "polite" });
    this.timeline = new Timeline(context);
    this.now = button(t("download.now"), () => actions.now(), { kind: "large" });
    this.cancel = button(t("download.cancel"), () => actions.cancel(), { kind: "quiet", icon: "close" });
    this.bar.track.setAttribute("role", "progressbar");
    this.bar.track.setAttribute("aria-label", t("download.progress"));
    this.bar.track.setAttribute("aria-valuemin", "0");
    this.bar.track.setAttribute("aria-valuemax", "100");
    this.element = this.#assemble();
    context.signal.addEventListener("abort", () => this.stop(), { once: true });
  }

  #assemble() {
    return element(
      "section.panel.running",
      { "aria-label": this.#context.t("download.title") },
      element(
        "div.figures",
        {},
        element("p.measure", {}, this.figure, this.unit),
        element("div.beside", {}, this.phase, this.amount),
        this.now,
        this.cancel,
      ),
      this.bar.track,
      this.rate,
      this.bar.legend,
      this.timeline.element,
      this.news,
    );
  }

  /** Shows `snapshot`; another download begins afresh, the same one only ever moves on. */
  update(snapshot) {
    const another = !this.#snapshot || snapshot.percent < this.#snapshot.percent;
    this.#snapshot = snapshot;
    this.element.classList.toggle("not-begun", this.#isHeld());
    setText(this.phase, this.#phaseWords());
    setText(this.rate, rateLine(snapshot, this.#context).join(" · "));
    setText(this.amount, this.#amountWords());
    this.bar.layOut(snapshot);
    this.timeline.update(snapshot);
    if (another) this.#glide.reset(snapshot.percent);
    else this.#glide.to(snapshot.percent);
    this.#draw(this.#glide.shown);
    this.#tick();
    this.#announce();
  }

  /** Nothing moves any more. */
  stop() {
    this.#glide.stop();
    clearTimeout(this.#ticking);
  }

  /** Whether it waits for a time or for another download; otherwise it begins at once, and looks so. */
  #isHeld() {
    const { serverCount, startsAt } = this.#snapshot;
    return !serverCount && Boolean(startsAt || this.#before());
  }

  /** The download that has to end first. */
  #before() {
    const { meetingId } = this.#snapshot;
    return Object.values(this.#context.store.state.downloads).find(
      (other) => other.meetingId !== meetingId && !other.ending && other.serverCount,
    );
  }

  /** Seconds until a delayed start; null where nothing is delayed. */
  #secondsToStart() {
    const { startsAt, serverCount } = this.#snapshot;
    if (!startsAt || serverCount) return null;
    return Math.max(0, Math.ceil((Date.parse(startsAt) - Date.now()) / 1000));
  }

  /** The countdown moves by itself; everything else moves when something is heard. */
  #tick() {
    clearTimeout(this.#ticking);
    if (this.#secondsToStart() === null) return;
    this.#draw(0);
    this.#ticking = setTimeout(() => this.#tick(), TICK_MS);
  }

  #draw(percent) {
    if (!this.#snapshot) return;
    const { t, format } = this.#context;
    const seconds = this.#secondsToStart();
    // Without a length the terminal estimates the percent from the sizes that are listed, if it can.
    const { totalBytes, receivedBytes, serverCount, state } = this.#snapshot;
    const known = totalBytes || this.#snapshot.percent > 0;
    // The bar may still be running to its end; the figure does not stay behind the word that all is done.
    const whole = format.percent(state === "complete" ? 100 : percent);
    this.now.hidden = seconds === null;
    if (seconds !== null) this.#figures(String(seconds), t("download.seconds"));
    else if (this.#isHeld()) this.#figures("–", "");
    else if (!known && receivedBytes) this.#figures(...format.bytes(receivedBytes).split(" "));
    else this.#figures(String(whole), "%");
    this.bar.uncover(known ? percent : 0);
    if (known) this.bar.track.setAttribute("aria-valuenow", String(whole));
    else this.bar.track.removeAttribute("aria-valuenow");
  }

  #figures(figure, unit) {
    setText(this.figure, figure);
    setText(this.unit, unit);
  }

  #phaseWords() {
    const { t, store } = this.#context;
    const { phase, state, serverCount, startsAt } = this.#snapshot;
    if (state === "complete") return t("timeline.complete");
    if (serverCount) return t(isCatchingUp(this.#snapshot) ? "download.anew" : `download.phase.${phase}`);
    if (startsAt) return t("download.delay");
    const before = this.#before();
    if (!before) return t("download.phase.connecting");
    const meeting = store.state.meetings?.find(({ id }) => id === before.meetingId);
    return meeting?.title ? t("download.queued.after", { title: meeting.title }) : t("download.queued");
  }

  #amountWords() {
    const { t, format } = this.#context;
    const { receivedBytes, reusedBytes, totalBytes, startsAt } = this.#snapshot;
    if (this.#isHeld()) return t(startsAt ? "download.delay.hint" : "download.queued.hint");
    const done = format.bytes(receivedBytes + reusedBytes);
    if (!totalBytes && this.#snapshot.percent > 0) return t("download.received", { done });
    if (!totalBytes) return receivedBytes ? t("download.length.unknown") : "";
    return t("download.of", { done, total: format.bytes(totalBytes) });
  }

  /** A screen reader hears each phase and each quarter, not ten figures a second. */
  #announce() {
    const { t } = this.#context;
    const { phase, percent } = this.#snapshot;
    const quarter = Math.floor(percent / ANNOUNCED_STEP) * ANNOUNCED_STEP;
    const key = `${phase} ${quarter}`;
    if (key === this.#announced) return;
    this.#announced = key;
    const words = phase === "downloading" ? t("download.announce", { percent: quarter }) : this.#phaseWords();
    setText(this.news, words);
  }
}
