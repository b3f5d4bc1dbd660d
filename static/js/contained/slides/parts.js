/** Walks the parts of a presentation: elements by their names without prefix, parts by relationship. */

/** The descendant that `names` lead to, each the first child of that name; null where there is none. */
export function child(node, ...names) {
  let found = node ?? null;
  for (const name of names) {
    found = [...(found?.children ?? [])].find((one) => one.localName === name) ?? null;
  }
  return found;
}

/** All children of that name; `name` may be left out. */
export function children(node, name = null) {
  return [...(node?.children ?? [])].filter((one) => name === null || one.localName === name);
}

/** The attribute of that name, with or without a prefix; null where there is none. */
export function attribute(node, name) {
  if (!node) return null;
  const found = [...node.attributes].find((one) => one.localName === name);
  return found ? found.value : null;
}

/** The attribute as a number; `otherwise` where there is none or it is none. */
export function numberOf(node, name, otherwise = 0) {
  const value = Number(attribute(node, name) ?? NaN);
  return Number.isFinite(value) ? value : otherwise;
}

export class Part {
  #archive;
  #relations;

  constructor(archive, path, root, relations) {
    this.#archive = archive;
    this.#relations = relations;
    this.path = path;
    this.root = root;
  }

  /** The path of what this part calls `id`; null where it is not in the file. */
  targetOf(id) {
    const relation = this.#relations.find((one) => one.id === id && !one.isOutside);
    return relation?.target ?? null;
  }

  /** The part that it is related to in this way; null where there is none. */
  async related(kind) {
    const relation = this.#relations.find((one) => one.kind === kind && !one.isOutside);
    return relation ? openPart(this.#archive, relation.target) : null;
  }

  /** The part that this part calls `id`; null where there is none. */
  async open(id) {
    const target = id ? this.targetOf(id) : null;
    return target ? openPart(this.#archive, target) : null;
  }
}

/** The part at `path` with its relationships; null where there is none or it is no XML. */
export async function openPart(archive, path) {
  const parsed = await archive.xml(path);
  if (!parsed) return null;
  const relations = await archive.xml(path.replace(/[^/]*$/, "_rels/$&.rels"));
  const rows = children(relations?.documentElement, "Relationship").map((row) => relationOf(row, path));
  return new Part(archive, path, parsed.documentElement, rows);
}

function relationOf(row, path) {
  return {
    id: attribute(row, "Id"),
    kind: (attribute(row, "Type") ?? "").replace(/^.*\//, ""),
    target: resolved(path, attribute(row, "Target") ?? ""),
    isOutside: attribute(row, "TargetMode") === "External",
  };
}

/** Where `target` leads from the part at `path`. */
export function resolved(path, target) {
  const steps = target.startsWith("/") ? [] : path.split("/").slice(0, -1);
  for (const step of target.split("/")) {
    if (step === "..") steps.pop();
    else if (step && step !== ".") steps.push(step);
  }
  return steps.join("/");
}
