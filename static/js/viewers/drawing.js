/** Shows an SVG as a picture: as such it runs nothing, asks for nothing and has nothing to touch. */

import { ImageViewer } from "./image.js";

export class DrawingViewer extends ImageViewer {
  get address() { return this.material.frame; }
}
