/** Shows what lies in a ZIP archive, folder by folder. Its files are named, not opened. */

import { element, fill, icon } from "../element.js";
import { t } from "../i18n.js";
import { iconOf } from "../meeting/materials.js";
import { FlowViewer } from "./flow.js";
import { WordsFault } from "./words.js";

/** The listing is made in the background after the material has come; so long it is waited for. */
const PATIENCE_MS = 9000;
const AGAIN_MS = 400;

/** What is said of an archive that is not listed, by the code of its fault. */
const FAULTS = {
  encrypted: "archive-encrypted",
  bomb: "archive-bomb",
  "unsafe-name": "archive-names",
  "duplicate-name": "archive-names",
  "unsupported-method": "archive-method",
};

export class ArchiveViewer extends FlowViewer {
  async fill(sheet, signal) {
    const listing = await this.#listing(signal);
    if (listing.trouble) throw new WordsFault(FAULTS[listing.trouble] ?? "archive-broken");
    const { format } = this.context;
    const about = [t("reader.archive_files", { count: listing.files }), format.bytes(listing.bytes)];
    sheet.classList.add("archive");
    sheet.append(
      element("h2.archive-title", {}, t("reader.archive_title")),
      element("p.archive-about.numbers", {}, about.join(" · ")),
      element("p.archive-words", {}, t(listing.files ? "reader.archive_words" : "reader.archive_empty")),
    );
    for (const [folder, files] of foldersOf(listing.entries)) sheet.append(this.#section(folder, files));
    if (listing.entries.length < listing.files) {
      const left = listing.files - listing.entries.length;
      sheet.append(element("p.reader-note", {}, t("reader.archive_more", { count: left })));
    }
  }

  async #listing(signal) {
    const address = new URL(this.material.url, location.href);
    address.searchParams.set("as", "listing");
    const end = performance.now() + PATIENCE_MS;
    while (performance.now() < end) {
      const answer = await fetch(address, { signal, cache: "no-store" }).catch((error) => {
        if (signal.aborted) throw error;
        throw new WordsFault("not-loaded");
      });
      if (!answer.ok) throw new WordsFault(answer.status === 404 ? "gone" : "not-loaded");
      const listing = await answer.json();
      if (listing.state === "ready") return listing;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
    throw new WordsFault("archive-later");
  }

  #section(folder, files) {
    const list = element("ul.archive-files", {}, ...files.map(([name, bytes]) => this.#file(name, bytes)));
    if (!folder) return list;
    const steps = folder.split("/").flatMap((step, at) => [at ? element("span.archive-step", {}, "›") : null, step]);
    const title = element("h3.archive-folder", {});
    fill(title, icon("folder"), element("span", {}, ...steps));
    return element("section", {}, title, list);
  }

  #file(name, bytes) {
    const type = /\.([^.]{1,12})$/.exec(name)?.[1].toLowerCase() ?? "";
    return element("li", {}, icon(iconOf({ type, viewer: "none" })), element("span.archive-name", {}, name),
      element("span.archive-size.numbers", {}, this.context.format.bytes(bytes)));
  }
}

/**
 * The files by the folder that they lie in, in the order of the entries.
 * @param {[string, number][]} entries  path and bytes
 * @returns {Map<string, [string, number][]>}
 */
export function foldersOf(entries) {
  const folders = new Map();
  for (const [path, bytes] of entries) {
    const at = path.lastIndexOf("/");
    const folder = at < 0 ? "" : path.slice(0, at);
    if (!folders.has(folder)) folders.set(folder, []);
    folders.get(folder).push([path.slice(at + 1), bytes]);
  }
  return folders;
}
