// What became of each file of a meeting, folder by folder; beneath them what is being dropped in.

import { button, element, icon } from "../element.js";
import { problem, t } from "../i18n.js";

const ICONS = {
  ready: "check", waiting: "clock", copying: "clock",
  refused: "alert", unreadable: "alert", empty: "alert", missing: "alert",
};
// What is no file of this folder, or no file at all, is not taken away from here.
const STAYS = ["refused", "missing"];
const KINDS = {
  pdf: /\.pdf$/i,
  word: /\.(docx?|odt|rtf|wps)$/i,
  table: /\.(xlsx?|ods|csv|et)$/i,
  slides: /\.(pptx?|odp|dps)$/i,
  image: /\.(png|jpe?g|gif|webp|tiff?|heic|svg|bmp)$/i,
  video: /\.(mp4|webm|mkv|mov)$/i,
  audio: /\.(mp3|wav|m4a|ogg|flac)$/i,
  text: /\.(txt|md|markdown|log)$/i,
  archive: /\.(zip|7z|rar|tar|gz)$/i,
};

/** The folders of `rows` in their order, each with its rows; "" for those at the top, which come first. */
export function byFolder(rows) {
  const folders = new Map([["", []]]);
  for (const row of rows) {
    const slash = row.path.indexOf("/");
    const folder = slash < 0 ? "" : row.path.slice(0, slash);
    if (!folders.has(folder)) folders.set(folder, []);
    folders.get(folder).push({ ...row, name: slash < 0 ? row.path : row.path.slice(slash + 1) });
  }
  if (!folders.get("").length) folders.delete("");
  return folders;
}

/** The list of files; `format` writes sizes, `remove` is asked to take one away. */
export function filesList(rows, format, remove) {
  const order = new Intl.Collator("zh", { numeric: true });
  const sorted = [...rows].sort((one, other) => order.compare(one.path, other.path));
  return [...byFolder(sorted)].map(([folder, inside]) =>
    element("section.files-folder", {},
      folder ? element("h3.files-title", {}, icon("folder"), element("span.one-line", {}, folder)) : null,
      element("ul.files", {}, inside.map((row) => fileRow(row, format, remove)))));
}

function fileRow({ path, name, bytes, state, why }, format, remove) {
  const words = state === "refused" ? t(`secretary.why.${why}`) : t(`secretary.file.${state}`);
  const key = STAYS.includes(state) ? null : button(t("secretary.remove"), () => remove({ path, name }), { kind: "quiet" });
  key?.setAttribute("aria-label", t("secretary.remove_one", { name }));
  return element("li.file", { "data-state": state, "data-path": path },
    icon(`type-${kindOf(name)}`),
    element("span.file-name.one-line", { title: name }, name),
    element("span.file-size.numbers", {}, bytes === null ? "" : format.bytes(bytes)),
    element("span.file-state", {}, icon(ICONS[state]), words), key);
}

function kindOf(name) {
  return Object.keys(KINDS).find((kind) => KINDS[kind].test(name)) ?? "file";
}

/** A file on its way in: how far it is, or why it did not come, and what can be done about it. */
export function uploadRow({ key, file, state, sent, fault }, format, { again, drop }) {
  const percent = file.size ? format.percent((sent / file.size) * 100) : 0;
  const isThere = fault?.code === "file-exists";
  return element("li.file.upload", { "data-state": state },
    icon(`type-${kindOf(file.name)}`),
    element("span.file-name.one-line", { title: file.name }, file.name),
    element("span.file-size.numbers", {}, format.bytes(file.size)),
    element("span.file-state", { role: "status" },
      state === "failed" ? icon("alert") : null, uploadWords(state, percent, fault)),
    state === "sending"
      ? element("progress.upload-bar", { max: 100, value: percent, "aria-label": file.name })
      : null,
    state === "failed"
      ? element("span.upload-keys", {},
          fault.code === "empty-file" || fault.code === "upload-too-large"
            ? null
            : button(t(isThere ? "secretary.replace" : "secretary.again"), () => again(key, { replace: isThere })),
          button(t("secretary.dismiss"), () => drop(key), { kind: "quiet" }))
      : null);
}

function uploadWords(state, percent, fault) {
  if (state === "sending") return t("secretary.upload.sending", { percent });
  if (state === "waiting") return t("secretary.upload.waiting");
  if (state === "done") return t("secretary.upload.done");
  if (fault.code === "empty-file") return t("secretary.file.empty");
  if (fault.code === "no-answer") return t("secretary.upload.cut");
  return problem(fault).message;
}
