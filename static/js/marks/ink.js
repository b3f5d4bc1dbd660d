/**
 * The line that is being drawn: a canvas over the window, as sharp as the screen, that follows the
 * pointer at once. When the line is finished it becomes part of its page's drawing, and the canvas is
 * empty again. There is one canvas, and only while somebody writes.
 */

import { element } from "../element.js";
import { piecesOf, widthAt } from "./curve.js";

const MOST_RATIO = 2;

export class Ink {
  #host;
  #canvas = null;
  #brush = null;
  #ratio = 1;
  #look = { colour: "", width: 1 };
  #spots = [];
  #pressures = [];

  /** @param {HTMLElement} host  what the canvas covers */
  constructor(host) {
    this.#host = host;
  }

  /**
   * Begins a line.
   * @param {{colour: string, width: number, isLight: boolean}} look  width in CSS pixels; isLight: what
   *   is under it stays dark
   */
  begin(look) {
    this.#fit(look.isLight);
    this.#look = look;
    this.#spots = [];
    this.#pressures = [];
  }

  /** @param {number} x @param {number} y  client pixels @param {number | null} pressure */
  add(x, y, pressure) {
    const { left, top } = this.#host.getBoundingClientRect();
    this.#spots.push({ x: x - left, y: y - top });
    this.#pressures.push(pressure);
    this.#draw();
  }

  /** The line has become part of its page. */
  clear() {
    this.#brush?.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  close() {
    if (!this.#canvas) return;
    this.#canvas.remove();
    this.#canvas.width = this.#canvas.height = 0;
    this.#canvas = this.#brush = null;
  }

  /** A canvas of the size that the window has now. One that blends cannot be drawn past the page. */
  #fit(isLight) {
    const { clientWidth, clientHeight } = this.#host;
    this.#ratio = Math.min(window.devicePixelRatio || 1, MOST_RATIO);
    const [width, height] = [Math.round(clientWidth * this.#ratio), Math.round(clientHeight * this.#ratio)];
    const fits = this.#canvas?.width === width && this.#canvas.height === height;
    if (fits && this.#canvas.dataset.light === String(isLight)) return;
    this.close();
    this.#canvas = element("canvas.marks-live", { "aria-hidden": "true", "data-light": String(isLight), width, height });
    this.#brush = this.#canvas.getContext("2d", { desynchronized: !isLight });
    this.#brush.lineCap = this.#brush.lineJoin = "round";
    this.#host.append(this.#canvas);
  }

  /** The piece that is certain now, and a straight end up to the pointer. */
  #draw() {
    const count = this.#spots.length;
    const pieces = piecesOf(this.#spots.slice(-3));
    const certain = count > 2 ? pieces[1] : pieces[0];
    this.#stroke(certain, this.#pressures[Math.max(0, count - 2)]);
    const last = pieces.at(-1);
    this.#stroke({ from: last.from, control: last.to, to: last.to }, this.#pressures[count - 1]);
  }

  #stroke({ from, control, to }, pressure) {
    const brush = this.#brush;
    brush.strokeStyle = this.#look.colour;
    brush.lineWidth = this.#ratio * (pressure === null ? this.#look.width : widthAt(this.#look.width, pressure));
    brush.beginPath();
    brush.moveTo(from.x * this.#ratio, from.y * this.#ratio);
    brush.quadraticCurveTo(control.x * this.#ratio, control.y * this.#ratio, to.x * this.#ratio, to.y * this.#ratio);
    brush.stroke();
  }
}
