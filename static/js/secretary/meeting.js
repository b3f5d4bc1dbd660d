// One meeting: its state and the button that changes it, the place to drop files on, its files.

import { button, element, facts, fill, icon, setText } from "../element.js";
import { problem, t } from "../i18n.js";
import { sheetDialog } from "../numberpad.js";
import { filesList, uploadRow } from "./files.js";

/** The words and the sign of a meeting's state. */
export function statusMark(status) {
  return element("span.status", { "data-status": status }, t(`secretary.status.${status}`));
}

export class MeetingPanel {
  #do;
  #takeAway;
  #format;
  #uploads;
  #meeting = null;
  #head = element("div.panel-head");
  #notes = element("div.panel-notes");
  #arriving = element("ul.files.arriving");
  #files = element("div.panel-files");
  #said = element("p.only-read", { role: "status" });
  #picker;

  /**
   * @param {{format: object, uploads: object, say: (id: string, status: string) => Promise<void>,
   *   remove: (id: string, path: string) => Promise<void>}} context
   */
  constructor({ format, uploads, say, remove }) {
    this.#format = format;
    this.#uploads = uploads;
    this.#do = say;
    this.#takeAway = remove;
    this.#picker = element("input", {
      type: "file", multiple: true, hidden: true, tabindex: -1,
      onchange: () => {
        this.#take([...this.#picker.files]);
        this.#picker.value = "";
      },
    });
    const zone = element("div.drop", {},
      icon("up"), element("p.drop-words", {}, t("secretary.drop")),
      button(t("secretary.choose"), () => this.#picker.click(), { kind: "large" }), this.#picker);
    this.element = element("section.panel.scroll", {
      "aria-labelledby": "meeting-title",
      ondragover: (event) => this.#over(event),
      ondragleave: () => zone.classList.remove("is-over"),
      ondrop: (event) => this.#drop(event, zone),
    }, this.#head, this.#notes, zone, this.#said, this.#arriving, this.#files);
    this.#zone = zone;
  }

  #zone;

  /** Shows a meeting as the origin has it. */
  show(meeting) {
    const isOther = this.#meeting?.id !== meeting.id;
    this.#meeting = meeting;
    this.#showHead(isOther);
    fill(this.#notes, meeting.fault ? notice("bad", problem(meeting.fault)) : null);
    const rows = meeting.rows ?? [];
    const focus = this.#files.contains(document.activeElement) && document.activeElement.closest(".file")?.dataset.path;
    fill(this.#files, rows.length
      ? filesList(rows, this.#format, (row) => this.#remove(row))
      : element("p.soft", {}, t("secretary.no_files")));
    if (focus) this.#files.querySelector(`[data-path="${CSS.escape(focus)}"] button`)?.focus();
    if (isOther) this.element.scrollTop = 0;
    this.#uploads.settle(meeting.id, rows.map(({ path }) => path));
    this.showUploads();
  }

  showUploads() {
    const rows = this.#meeting ? this.#uploads.of(this.#meeting.id) : [];
    const focus = document.activeElement?.closest?.(".upload")?.dataset.key;
    fill(this.#arriving, rows.map((row) => {
      const line = uploadRow(row, this.#format, {
        again: (key, how) => void this.#uploads.again(key, how),
        drop: (key) => this.#uploads.drop(key),
      });
      line.dataset.key = row.key;
      return line;
    }));
    this.#arriving.hidden = !rows.length;
    if (focus) this.#arriving.querySelector(`[data-key="${CSS.escape(focus)}"] button`)?.focus();
  }

  #showHead(isOther) {
    const { title, time, folder, status, said, published } = this.#meeting;
    const focused = !isOther && this.#head.contains(document.activeElement);
    const isOn = status === "in-progress";
    const key = isOn
      ? button(t("secretary.end"), () => this.#end(), { kind: "large" })
      : button(t("secretary.start"), () => void this.#do(this.#meeting.id, "in-progress"), { kind: "main" });
    key.disabled = said;
    fill(this.#head,
      element("div.panel-words", {},
        element("h2", { id: "meeting-title" }, title),
        element("p.facts.soft", {}, facts(
          time, folder === title ? "" : folder,
          published ? t("secretary.published", { count: published.materials, size: this.#format.bytes(published.bytes) }) : t("secretary.unpublished"),
        )),
        said ? element("p.soft", {}, t("secretary.said")) : null),
      statusMark(status), key);
    if (focused) key.focus();
  }

  #end() {
    const { id, title } = this.#meeting;
    this.#ask("end", { title }, () => void this.#do(id, "ended"));
  }

  #remove({ path, name }) {
    const { id } = this.#meeting;
    this.#ask("remove", { name }, () => void this.#takeAway(id, path));
  }

  /** Everybody's screen changes with it, so it is asked once more. */
  #ask(deed, about, done) {
    const dialog = sheetDialog(t(`secretary.${deed}`),
      element("h2.sheet-title", {}, t(`secretary.${deed}_ask`, about)),
      element("p.sheet-note", {}, t(`secretary.${deed}_words`)),
      element("div.ask-keys", {},
        button(t("secretary.no"), () => dialog.close(), { kind: "large" }),
        button(t(`secretary.${deed}`), () => {
          dialog.close();
          done();
        }, { kind: "main" })));
    document.body.append(dialog);
    dialog.showModal();
  }

  #over(event) {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    this.#zone.classList.add("is-over");
  }

  #drop(event, zone) {
    event.preventDefault();
    zone.classList.remove("is-over");
    const items = [...event.dataTransfer.items].filter(({ kind }) => kind === "file");
    const files = items.filter((item) => !item.webkitGetAsEntry?.()?.isDirectory).map((item) => item.getAsFile());
    this.#take(files.filter(Boolean), files.length < items.length);
  }

  #take(files, hadFolders = false) {
    const there = new Set((this.#meeting.rows ?? []).map(({ path }) => path.normalize("NFC")));
    for (const file of files) {
      void this.#uploads.add(this.#meeting.id, file, { isThere: there.has(file.name.normalize("NFC")) });
    }
    if (hadFolders) this.#notes.append(notice("warn", { message: t("secretary.no_folders"), hint: "" }));
    if (files.length) setText(this.#said, t("secretary.taken", { count: files.length }));
  }
}

/** Words in a box; `kind`: warn or bad. */
export function notice(kind, { message, hint }) {
  return element(`div.notice.${kind}`, { role: "alert" }, icon("alert"),
    element("p.notice-words", {}, message, hint ? element("span.soft", {}, ` ${hint}`) : null));
}
