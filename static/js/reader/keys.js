/** The keyboard in the reader, for whoever has one: the keys that every document program knows. */

/**
 * @param {HTMLElement} root
 * @param {{half: () => import("./half.js").Half}} does  half: the one that the keys are meant for
 * @param {AbortSignal} signal
 */
export function watchKeys(root, { half }, signal) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || root.querySelector("dialog[open]")) return;
    const { viewer, panels } = half();
    const act = actionOf(event, viewer, panels);
    if (!act) return;
    event.preventDefault();
    act();
  }, { signal });
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
