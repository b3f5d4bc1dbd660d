/** Which item of a meeting's agenda is chosen; until the browser is closed. */

const CHOSEN = "kiosk.item.";

/** The index of the chosen item, from 0. */
export function chosenItem(id) {
  return Number(sessionStorage.getItem(CHOSEN + id)) || 0;
}

export function chooseItem(id, index) {
  sessionStorage.setItem(CHOSEN + id, String(index));
}
