/** The keys that open the search through a meeting: "/" and Ctrl+F, as elsewhere. */

/** @param {() => void} open  @param {AbortSignal} signal */
export function watchSearchKeys(open, signal) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || !opensSearch(event)) return;
    event.preventDefault();
    open();
  }, { signal });
}

/** Whether a stroke asks for it: not one that is typed into a field, or that a dialog is to have. */
export function opensSearch({ key, ctrlKey, metaKey, altKey, target }) {
  if (altKey || target?.closest?.("dialog")) return false;
  if (ctrlKey || metaKey) return key.toLowerCase() === "f";
  return key === "/" && !target?.matches?.("input, textarea, select");
}

/** Moves the focus up or down among these elements; whether that was what the stroke asked for. */
export function stepAmong(elements, { key, target, altKey, ctrlKey, metaKey }) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (!by || altKey || ctrlKey || metaKey) return false;
  const all = [...elements];
  const next = all[all.indexOf(target) + by];
  if (!next) return false;
  next.focus();
  return true;
}
