/** XML that was written without line ends, as lines that can be read. Pure; the text stays text. */

const LONG = 400;
const DEEPEST = 24;

/** Whether a line of it is so long that nobody finds anything in it. */
function isCrammed(text) {
  return text.split("\n", 50).some((line) => line.length > LONG);
}

/** `text` with each tag that follows another one on a line of its own, indented by its depth. */
export function laidOut(text) {
  if (!/^\s*</.test(text) || !isCrammed(text)) return text;
  let depth = 0;
  const lines = text.replace(/>[ \t\r\n]*</g, ">\n<").split("\n");
  return lines.map((line) => {
    if (line.startsWith("</")) depth = Math.max(0, depth - 1);
    const shown = "  ".repeat(Math.min(depth, DEEPEST)) + line;
    if (opens(line)) depth += 1;
    return shown;
  }).join("\n");
}

/** Whether what begins on this line ends on a later one. */
function opens(line) {
  const name = /^<([^\s/>!?]+)/.exec(line)?.[1];
  return name !== undefined && !line.endsWith("/>") && !line.endsWith(`</${name}>`);
}
