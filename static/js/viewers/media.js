/**
 * Plays video and audio with controls for fingers: one large button, ten seconds back and forth,
 * a line to pull, the volume. The browser's own controls stay away: their menus lead out of here.
 */

import { button, element, icon, setText } from "../element.js";
import { currentLanguage, t } from "../i18n.js";
import { Format } from "../format.js";
import { Viewer } from "./viewer.js";

const SKIP_S = 10;
const STEPS = 1000;

/** After so long without a word of the file's player nobody waits any more. */
const PATIENCE_MS = 8000;

/** What the ending of a name promises; only of these can a browser say beforehand that it knows them. */
const TYPES = {
  mp4: "video/mp4", m4v: "video/mp4", mov: "video/mp4", webm: "video/webm", ogv: "video/ogg",
  mp3: "audio/mpeg", m4a: "audio/mp4", aac: "audio/aac", wav: "audio/wav", ogg: "audio/ogg",
  oga: "audio/ogg", opus: "audio/ogg", flac: "audio/flac",
};

/**
 * The code of reader.fault.* for what a player says. A file it cannot even begin with is damaged
 * where it plays files of that kind, and of a kind that it does not know otherwise. Of a film that is
 * cut short a player may say no more than that it finds nothing to play: then the terminal knows.
 *
 * @param {{code: number, message?: string} | null} error  a MediaError
 * @param {boolean} isKnown  whether the player says that it plays this kind
 * @param {boolean} isBroken  whether the terminal could not read how it is put together
 */
export function mediaFault(error, isKnown, isBroken = false) {
  const { code = 3, message = "" } = error ?? {};
  if (code === 2) return "not-loaded";
  if (code !== 4) return "media-broken";
  if (/^404\b/.test(message)) return "gone";
  return isKnown && (isBroken || /COULD_NOT_(OPEN|PARSE)/.test(message)) ? "media-broken" : "media-unknown";
}

export class MediaViewer extends Viewer {
  #player;
  #play;
  #line;
  #time = element("span.media-time.numbers");
  #format = new Format(currentLanguage(), t);
  #timer = 0;
  #wantedPlace = null;

  constructor(material, context) {
    super(material, context);
    const isVideo = material.viewer === "video";
    this.#player = element(isVideo ? "video.media-player" : "audio", { preload: "metadata" });
    this.#player.setAttribute("aria-label", material.name);
    if (isVideo) {
      this.#player.playsInline = true;
      this.#player.disablePictureInPicture = true;
      this.#player.disableRemotePlayback = true;
    }
    this.element = element("div.media", { "data-kind": material.viewer },
      this.#player, isVideo ? null : this.#cover(), this.#controls());
    this.#listen();
  }

  /** The bars may go while a film runs; while it stands, whoever looks wants to press something. */
  get barsFade() { return this.material.viewer === "video" && !this.#player.paused; }
  set barsFade(_value) {}

  get place() { return { seconds: this.#player.currentTime || (this.#wantedPlace?.seconds ?? 0) }; }
  set place(place) { this.#wantedPlace = place; }

  async open() {
    this.#timer = setTimeout(() => this.tell("fault", "too-slow"), PATIENCE_MS);
    this.#player.src = this.material.url;
  }

  close() {
    super.close();
    clearTimeout(this.#timer);
    this.#player.pause();
    this.#player.removeAttribute("src");
    this.#player.load();
  }

  /** Space bar and tap. */
  playOrPause() {
    if (this.#player.paused) this.#player.play().catch(() => this.#show());
    else this.#player.pause();
  }

  leaf(direction) {
    this.#skip(direction * SKIP_S);
  }

  #cover() {
    return element("div.media-cover", {}, icon("type-audio"), element("p", {}, this.material.name));
  }

  #controls() {
    this.#play = element("button.button.main.media-play", { type: "button", onclick: () => this.playOrPause() });
    const back = button(t("reader.media_back"), () => this.#skip(-SKIP_S), look("skip-back"));
    const on = button(t("reader.media_forward"), () => this.#skip(SKIP_S), look("skip-on"));
    return element("div.media-controls.reader-bar", {},
      this.#seekLine(),
      element("div.media-row", {}, this.#time, element("div.media-keys", {}, back, this.#play, on), this.#volume()));
  }

  #seekLine() {
    this.#line = element("input.media-line", {
      type: "range", min: 0, max: STEPS, value: 0, "aria-label": t("reader.media_seek"),
      oninput: () => {
        this.#player.currentTime = (this.#line.value / STEPS) * (this.#player.duration || 0);
      },
    });
    return this.#line;
  }

  #volume() {
    const line = element("input.media-line", {
      type: "range", min: 0, max: 100, value: 100, "aria-label": t("reader.media_volume"),
      oninput: () => {
        this.#player.volume = line.value / 100;
        this.#player.muted = line.value === "0";
      },
    });
    const mute = button(t("reader.media_mute"), () => {
      this.#player.muted = !this.#player.muted;
    }, look("sound"));
    this.#player.addEventListener("volumechange", () => {
      const isMuted = this.#player.muted;
      mute.setAttribute("aria-pressed", isMuted);
      mute.replaceChildren(icon(isMuted ? "mute" : "sound"));
      line.value = isMuted ? 0 : Math.round(this.#player.volume * 100);
      paint(line);
    }, { signal: this.ended.signal });
    paint(line);
    return element("div.media-volume", {}, mute, line);
  }

  #listen() {
    const { signal } = this.ended;
    const on = (name, does) => this.#player.addEventListener(name, does, { signal });
    for (const name of ["play", "pause", "timeupdate", "durationchange", "ended", "seeked"]) {
      on(name, () => this.#show());
    }
    on("loadedmetadata", () => this.#loaded());
    on("error", () => this.#fail());
    on("click", () => this.context.onTap?.());
    this.#show();
  }

  #fail() {
    const kind = TYPES[this.material.type];
    const isKnown = kind !== undefined && this.#player.canPlayType(kind) !== "";
    this.tell("fault", mediaFault(this.#player.error, isKnown, this.material.trouble === "broken"));
  }

  #loaded() {
    clearTimeout(this.#timer);
    if (this.material.viewer === "video" && this.#player.videoWidth === 0) this.#showSoundOnly();
    const seconds = this.#wantedPlace?.seconds ?? 0;
    if (seconds > 0 && seconds < this.#player.duration - 1) this.#player.currentTime = seconds;
    this.#show();
    this.tell("ready");
  }

  /** A film without pictures, or with pictures that this browser cannot read: its sound plays. */
  #showSoundOnly() {
    this.element.dataset.kind = "audio";
    const cover = this.#cover();
    cover.append(element("p.media-note", {}, t("reader.media_sound_only")));
    this.element.insertBefore(cover, this.element.lastChild);
  }

  #skip(seconds) {
    const { currentTime, duration } = this.#player;
    this.#player.currentTime = Math.min(duration || 0, Math.max(0, currentTime + seconds));
  }

  #show() {
    const { currentTime, duration, paused } = this.#player;
    const total = Number.isFinite(duration) ? duration : 0;
    const words = t("reader.media_time", {
      now: this.#format.playing(currentTime), total: this.#format.playing(total),
    });
    setText(this.#time, words);
    this.#line.value = total ? Math.round((currentTime / total) * STEPS) : 0;
    this.#line.setAttribute("aria-valuetext", words);
    paint(this.#line);
    if (this.#play.dataset.paused !== String(paused)) {
      this.#play.dataset.paused = String(paused);
      this.#play.setAttribute("aria-label", t(paused ? "reader.media_play" : "reader.media_pause"));
      this.#play.replaceChildren(icon(paused ? "play" : "pause"));
    }
    this.tell("change");
  }
}

function look(name) {
  return { kind: "quiet square", icon: name, onlyIcon: true };
}

/** The part of a line that is behind its handle, in the accent colour. */
function paint(line) {
  line.style.setProperty("--share", `${(100 * line.value) / line.max}%`);
}
