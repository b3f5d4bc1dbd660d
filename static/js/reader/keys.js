/** The keyboard in the reader, for whoever has one: the keys that every document program knows. */

/**
 * @param {HTMLElement} root
 * @param {{half: () => import("./half.js").Half, other: () => void,
 *   beside: (half: import("./half.js").Half, by: number) => void}} does  half: the one that the keys are
 *   meant for; other: goes to the one at its side; beside: to the material before or after
 * @param {AbortSignal} signal
 */
export function watchKeys(root, { half, other, beside }, signal) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || root.querySelector("dialog[open]")) return;
    const its = half();
    const act = wayOf(event, { beside: (by) => beside(its, by), other }) ?? actionOf(event, its.viewer, its.panels);
    if (!act) return;
    event.preventDefault();
    act();
  }, { signal });
}

/** The way to another material. */
function wayOf({ key, shiftKey, ctrlKey, altKey, metaKey }, { beside, other }) {
  if (ctrlKey || altKey || metaKey) return null;
  if (key === "F6") return other;
  if (!shiftKey) return null;
  return { PageDown: () => beside(1), PageUp: () => beside(-1) }[key] ?? null;
}

function actionOf(event, viewer, panels) {
  const isTyping = event.target.matches?.("input, textarea, select");
  if (event.key === "Escape") return () => panels.shut();
  if (event.ctrlKey || event.metaKey) return commandOf(event, viewer, panels);
  if (isTyping || event.altKey || !viewer) return null;
  const isOnKey = event.target.closest?.("button, a");
  return {
    "+": viewer.zoomIn && (() => viewer.zoomIn()),
    "=": viewer.zoomIn && (() => viewer.zoomIn()),
    "-": viewer.zoomOut && (() => viewer.zoomOut()),
    PageDown: viewer.leaf && (() => viewer.leaf(1)),
    PageUp: viewer.leaf && (() => viewer.leaf(-1)),
    ArrowRight: viewer.leaf && (() => viewer.leaf(1)),
    ArrowLeft: viewer.leaf && (() => viewer.leaf(-1)),
    Home: viewer.goTo && (() => viewer.goTo(1)),
    End: viewer.goTo && (() => viewer.goTo(viewer.pages)),
    " ": !isOnKey && viewer.playOrPause && (() => viewer.playOrPause()),
  }[event.key] || null;
}

/** The browser's own zoom, search and print would change or leave the page: ours answer instead. */
function commandOf(event, viewer, panels) {
  return {
    "+": () => viewer?.zoomIn?.(),
    "=": () => viewer?.zoomIn?.(),
    "-": () => viewer?.zoomOut?.(),
    0: () => viewer?.fitTo?.("auto"),
    f: canSeek(viewer) ? () => panels.toggle("find") : null,
    g: () => panels.toggle("find"),
    p: () => {},
    s: () => {},
    o: () => {},
  }[event.key.toLowerCase()] ?? null;
}

/** Where nothing can be sought in what is shown, the search through the meeting answers instead. */
function canSeek(viewer) {
  return !viewer || viewer.abilities.size === 0 || viewer.abilities.has("find");
}
