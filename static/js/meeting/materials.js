// The materials of one agenda item as cards: a picture of page 1, title, type, length, size, state.

import { element, facts, fill, icon, phrase, setText } from "../element.js";
import { canOpen } from "../reader/materials.js";

const TYPES = {
  pdf: "pdf",
  doc: "word",
  docx: "word",
  docm: "word",
  odt: "word",
  rtf: "word",
  wps: "word",
  xls: "excel",
  xlsx: "excel",
  xlsm: "excel",
  ods: "excel",
  et: "excel",
  csv: "excel",
  ppt: "powerpoint",
  pptx: "powerpoint",
  pps: "powerpoint",
  ppsx: "powerpoint",
  odp: "powerpoint",
  dps: "powerpoint",
  md: "markdown",
  txt: "text",
  htm: "html",
  html: "html",
  zip: "archive",
  ofd: "ofd",
};
const VIEWER_TYPES = { pdf: "pdf", image: "image", pictures: "image", text: "text", markdown: "markdown", video: "video", audio: "audio", frame: "html", archive: "archive" };
export const ICONS = {
  pdf: "type-pdf",
  word: "type-word",
  excel: "type-table",
  powerpoint: "type-slides",
  image: "type-image",
  text: "type-text",
  markdown: "type-text",
  video: "type-video",
  audio: "type-audio",
  html: "type-text",
  archive: "type-archive",
  ofd: "type-pdf",
};
const IMAGES = ["png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff", "heic", "heif", "avif", "svg"];
const VIDEOS = ["mp4", "webm", "mov", "mkv", "avi", "m4v", "ogv", "wmv", "flv", "mpg", "mpeg"];
const SOUNDS = ["mp3", "m4a", "aac", "ogg", "oga", "wav", "flac", "opus", "wma", "amr", "aiff"];
const STATE_ICONS = {
  missing: "alert", preparing: "clock", downloading: "clock", arriving: "download", remote: "download",
  unsupported: "info", locked: "lock",
};
/** States in which a tap leads to the reader: there it opens, or says that it comes. */
const LEADING = ["downloading", "preparing", "ready", "unsupported"];

/** A name for the kind of a material: what it is shown as, or what its file name says. */
export function typeOf({ type, viewer }) {
  const extension = (type ?? "").toLowerCase();
  if (IMAGES.includes(extension)) return "image";
  if (VIDEOS.includes(extension)) return "video";
  if (SOUNDS.includes(extension)) return "audio";
  return TYPES[extension] ?? VIEWER_TYPES[viewer] ?? "none";
}

/** The icon for the kind of a material. */
export function iconOf(material) {
  return ICONS[typeOf(material)] ?? "type-file";
}

/** The name without the ending that the type says already. */
export function titleOf({ name, type }) {
  const tail = `.${type ?? ""}`;
  const isSaid = type && name.toLowerCase().endsWith(tail.toLowerCase()) && name.length > tail.length;
  return isSaid ? name.slice(0, -tail.length) : name;
}

/** "PDF · 12 pages · 1.4 MB": only what is known. */
export function aboutOf(material, { t, format }) {
  const { pages, seconds, bytes } = material;
  return [
    t(`material.type.${typeOf(material)}`),
    pages ? t("material.pages", { count: pages }) : "",
    seconds ? format.playing(seconds) : "",
    bytes ? format.bytes(bytes) : "",
  ].filter(Boolean);
}

/**
 * The number of the material that comes now: the one somebody waits for, else the first that is not here.
 *
 * @param {object|null} download its snapshot
 * @param {Array<object>} rows all materials of the meeting, in agenda order
 * @returns {number|null} null where no bytes are coming
 */
export function arrivingOf(download, rows) {
  if (!download || download.ending || download.phase !== "downloading") return null;
  const left = rows.filter(({ n, state }) => state === "downloading" && !download.ready.includes(n));
  const front = download.streamed ? undefined : left.find(({ n }) => n === download.front);
  return (front ?? left[0])?.n ?? null;
}

/**
 * How it stands with a material: ready, locked, preparing, unsupported, arriving, downloading (it waits), remote
 * or missing.
 */
export function stateOf({ n, state, trouble }, arriving) {
  if (state === "ready" && trouble === "encrypted") return "locked";
  return state === "downloading" && n === arriving ? "arriving" : state;
}

export class Materials {
  #context;
  #meetingId;
  #list = element("ul.cards");
  #cards = [];
  #empty = element("p.no-cards");

  constructor(context, meetingId) {
    this.#context = context;
    this.#meetingId = meetingId;
    this.element = element("div.materials", {}, this.#list, this.#empty);
  }

  /** Shows `materials`; a card stays the same one while its material comes, so that a finger on it is not lost. */
  update(materials, arriving) {
    const { t } = this.#context;
    this.#empty.hidden = materials.length > 0;
    setText(this.#empty, t("meeting.item.empty"));
    this.#cards = materials.map((material, index) => this.#card(material, this.#cards[index]));
    for (const [index, material] of materials.entries()) {
      this.#cards[index].update(material, stateOf(material, arriving));
    }
    const nodes = this.#cards.map(({ node }) => node);
    if (nodes.some((node, index) => this.#list.children[index] !== node) || nodes.length !== this.#list.children.length) {
      fill(this.#list, ...nodes);
    }
  }

  #card(material, before) {
    const { n, state } = material;
    const leads = LEADING.includes(state);
    const href = leads ? `/meetings/${encodeURIComponent(this.#meetingId)}/materials/${n}` : null;
    return before?.n === n && before.href === href ? before : new Card(n, href, this.#context);
  }
}

/** One material: what changes about it changes in its place. */
class Card {
  #context;
  #key = "";
  #picture = element("span.card-picture", { "aria-hidden": true });
  #pictured = "";
  #state = element("span.state");
  #name = element("span.name.two-lines.phrase");
  #about = element("span.facts");

  constructor(n, href, context) {
    this.n = n;
    this.href = href;
    this.#context = context;
    this.face = element(
      href ? "a.card" : "div.card",
      { href, draggable: "false" },
      this.#picture,
      this.#state,
      this.#name,
      element("span.about.numbers", {}, this.#about),
    );
    this.node = element("li", {}, this.face);
  }

  update(material, state) {
    const key = JSON.stringify([material, state]);
    if (key === this.#key) return;
    this.#key = key;
    const { t } = this.#context;
    const mark = canOpen({ state }) ? (material.updated ?? null) : null;
    this.face.dataset.state = state;
    this.face.toggleAttribute("data-updated", mark !== null);
    this.#state.hidden = state === "ready" && mark === null;
    const words = t(mark ? `material.updated.${mark}` : `material.state.${state}`);
    fill(this.#state, icon(mark ? "again" : (STATE_ICONS[state] ?? "info")), words);
    this.#name.title = material.name;
    fill(this.#name, phrase(titleOf(material)));
    fill(this.#about, facts(...aboutOf(material, this.#context)));
    this.#show(material);
  }

  /** The picture of page 1; its place is the same with and without one. */
  #show(material) {
    const { name, thumbnail } = material;
    const type = typeOf(material);
    const pictured = JSON.stringify([type, thumbnail, name]);
    if (pictured === this.#pictured) return;
    this.#pictured = pictured;
    const cover = element("span.cover", { "data-type": type }, icon(iconOf(material)), sign(material));
    delete this.#picture.dataset.fit;
    if (!thumbnail) return fill(this.#picture, cover);
    const image = element("img", { src: thumbnail, alt: "", draggable: "false", loading: "lazy", decoding: "async" });
    image.addEventListener("error", () => image.replaceWith(cover), { once: true });
    this.#picture.dataset.fit = type === "image" || type === "video" ? "whole" : "page";
    return fill(this.#picture, image);
  }
}

function sign({ type, name }) {
  const extension = type || /\.(\w{1,5})$/.exec(name)?.[1] || "";
  return element("span.sign", {}, extension.toUpperCase());
}
