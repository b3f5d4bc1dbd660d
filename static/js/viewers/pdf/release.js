/** Gives the memory of what was drawn back at once, instead of at some collection. */

/** @param {HTMLCanvasElement | null} canvas  is taken away, too */
export function release(canvas) {
  if (!canvas) return;
  canvas.remove();
  canvas.width = 0;
  canvas.height = 0;
}
