// The materials of one agenda item as cards: a picture of page 1, title, type, length, size, state.

import { element, facts, fill, icon, phrase, setText } from "../element.js";

const TYPES = {
  pdf: "pdf",
  doc: "word",
  docx: "word",
  wps: "word",
  xls: "excel",
  xlsx: "excel",
  et: "excel",
  csv: "excel",
  ppt: "powerpoint",
  pptx: "powerpoint",
  dps: "powerpoint",
  md: "markdown",
  txt: "text",
  htm: "html",
  html: "html",
};
const VIEWER_TYPES = { pdf: "pdf", image: "image", text: "text", markdown: "markdown", video: "video", audio: "audio", frame: "html" };
const ICONS = {
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
};
const IMAGES = ["png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff", "svg"];
const VIDEOS = ["mp4", "webm", "mov", "mkv", "avi", "m4v"];
const SOUNDS = ["mp3", "m4a", "ogg", "wav", "flac", "opus"];
const STATE_ICONS = { missing: "alert", downloading: "clock", remote: "download", unsupported: "info" };

/** A name for the kind of a material: what it is shown as, or what its file name says. */
export function typeOf({ type, viewer }) {
  const extension = (type ?? "").toLowerCase();
  if (IMAGES.includes(extension)) return "image";
  if (VIDEOS.includes(extension)) return "video";
  if (SOUNDS.includes(extension)) return "audio";
  return TYPES[extension] ?? VIEWER_TYPES[viewer] ?? "none";
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

  /** Shows `materials`; cards that stay the same are left alone, so that nothing blinks. */
  update(materials) {
    const { t } = this.#context;
    this.#empty.hidden = materials.length > 0;
    setText(this.#empty, t("meeting.item.empty"));
    this.#cards = materials.map((material, index) => this.#card(material, this.#cards[index]));
    const nodes = this.#cards.map(({ node }) => node);
    if (nodes.some((node, index) => this.#list.children[index] !== node) || nodes.length !== this.#list.children.length) {
      fill(this.#list, ...nodes);
    }
  }

  #card(material, before) {
    const key = JSON.stringify(material);
    if (before?.key === key) return before;
    return { key, node: element("li", {}, this.#build(material)) };
  }

  #build(material) {
    const { t } = this.#context;
    const { n, name, state, url } = material;
    const opens = Boolean(url) && (state === "ready" || state === "unsupported");
    const href = opens ? `/meetings/${encodeURIComponent(this.#meetingId)}/materials/${n}` : null;
    return element(
      opens ? "a.card" : "div.card",
      { href, "data-state": state, draggable: "false" },
      this.#picture(material),
      state === "ready"
        ? null
        : element("span.state", {}, icon(STATE_ICONS[state] ?? "info"), t(`material.state.${state}`)),
      element("span.name.two-lines.phrase", { title: name }, phrase(titleOf(material))),
      element("span.about.numbers", {}, element("span.facts", {}, facts(...aboutOf(material, this.#context)))),
    );
  }

  /** The picture of page 1; its place is the same with and without one. */
  #picture(material) {
    const type = typeOf(material);
    const cover = element("span.cover", { "data-type": type }, icon(ICONS[type] ?? "type-file"), sign(material));
    if (!material.thumbnail) return element("span.card-picture", { "aria-hidden": true }, cover);
    const image = element("img", { src: material.thumbnail, alt: "", draggable: "false", loading: "lazy", decoding: "async" });
    image.addEventListener("error", () => image.replaceWith(cover), { once: true });
    const fit = type === "image" || type === "video" ? "whole" : "page";
    return element("span.card-picture", { "aria-hidden": true, "data-fit": fit }, image);
  }
}

function sign({ type, name }) {
  const extension = type || /\.(\w{1,5})$/.exec(name)?.[1] || "";
  return element("span.sign", {}, extension.toUpperCase());
}
