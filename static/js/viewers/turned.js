/** Puts a picture into its box on a pane, turned with the pane. */

/**
 * @param {HTMLImageElement} picture
 * @param {import("./geometry.js").Box} box  where it is seen, after turning
 * @param {number} turn  degrees to the right
 */
export function standIn(picture, box, turn) {
  const isOnSide = turn % 180 !== 0;
  const { style } = picture;
  style.width = `${isOnSide ? box.height : box.width}px`;
  style.height = `${isOnSide ? box.width : box.height}px`;
  style.left = `${box.left + box.width / 2}px`;
  style.top = `${box.top + box.height / 2}px`;
  style.transform = `translate(-50%, -50%) rotate(${turn}deg)`;
}
