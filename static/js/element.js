// Builds elements. Text goes in as text, never as markup.

/**
 * An element with its properties and children.
 *
 * `class`, `id`, `href`, `aria-…`, `data-…` and the like become attributes (`true`: empty, `false`, `null`: absent);
 * `on…` functions become listeners. Children are nodes or text; `null` and `false` are left out.
 *
 * @param {string} tag a tag, with classes after dots: "p.soft"
 * @param {Record<string, any>} [properties]
 * @param {...(Node|string|number|null|false|undefined)} children
 * @returns {HTMLElement}
 */
export function element(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(key.slice(2), value);
    else if (key === "class") node.classList.add(...value.split(" ").filter(Boolean));
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  append(node, children);
  return node;
}

/** Puts children behind what `node` has already; the same rules as `element`. */
export function append(node, children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
}

/** Replaces what `node` shows. */
export function fill(node, ...children) {
  node.replaceChildren();
  append(node, children);
}

/** Sets the text of `node` only where it is another one: nothing is announced or drawn twice. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const WORDS = new Intl.Segmenter("zh", { granularity: "word" });

/** A title whose lines break between words in Chinese, too: a place for a break after each. Needs the class "phrase". */
export function phrase(text) {
  const parts = [...WORDS.segment(text)];
  const isBreak = (index) => index > 0 && parts[index - 1].isWordLike && parts[index].isWordLike;
  return parts.flatMap(({ segment }, index) => (isBreak(index) ? [element("wbr"), segment] : [segment]));
}

/** Short facts in a row, with a dot between two of them: a line breaks between facts, never inside one. */
export function facts(...words) {
  return words.filter(Boolean).map((word) => element("span.fact", {}, word));
}

/** Shows `name` of static/icons/sprite.svg. Decoration only: words stand beside it or in a label. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `/static/icons/sprite.svg#${name}`);
  svg.append(use);
  return svg;
}

/**
 * A button: `label` in words, an icon before it if wanted.
 *
 * @param {string} label
 * @param {() => void} press
 * @param {{kind?: string, icon?: string, onlyIcon?: boolean}} [look] kind: "main", "large", "quiet", "square"
 */
export function button(label, press, look = {}) {
  return element(
    "button",
    {
      type: "button",
      class: `button ${look.kind ?? ""}`,
      onclick: press,
      "aria-label": look.onlyIcon ? label : null,
      title: look.onlyIcon ? label : null,
    },
    look.icon ? icon(look.icon) : null,
    look.onlyIcon ? null : label,
  );
}
