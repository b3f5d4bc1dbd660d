// The page stays where it is: no menu on a long press, nothing dragged out or dropped in, no zoom of the whole page.
//
// Fields keep their menus, and what a viewer does with its own gestures is its own affair.

/** Holds the page for good. */
export function stay() {
  const quiet = (event) => {
    if (!isField(event.target)) event.preventDefault();
  };
  for (const name of ["contextmenu", "dragstart", "dragover", "drop"]) document.addEventListener(name, quiet);
  document.addEventListener("wheel", (event) => event.ctrlKey && event.preventDefault(), { passive: false });
}

function isField(target) {
  return target instanceof Element && target.closest("input, textarea, select") !== null;
}
