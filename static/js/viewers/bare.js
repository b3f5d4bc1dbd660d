/** What raw markup inside Markdown may still lay out; it loses its attributes in any case. Pure. */

const PLAIN_TAGS = new Set(("b blockquote br center code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd li "
  + "mark ol p pre q s small span strong sub summary sup table tbody td th thead tr u ul").split(" "));

/**
 * Raw markup reduced to bare tags. It is the cleaning afterwards that makes it safe; this spares the
 * browser from reporting every handler and style that it meets on the way.
 */
export function withoutAttributes(raw) {
  return raw
    .replace(/<!--[\s\S]*?(-->|$)/g, "")
    .replace(/<(script|style|template|iframe|svg|math)\b[\s\S]*?(<\/\1\s*>|$)/gi, "")
    .replace(/<(\/?)([a-z][a-z0-9]*)\b[^<>]*>|</gi, (_, slash, name) => {
      if (!name) return "&lt;";
      return PLAIN_TAGS.has(name.toLowerCase()) ? `<${slash}${name}>` : "";
    });
}
