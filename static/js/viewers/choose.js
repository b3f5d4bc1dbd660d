/** Which viewer shows a material. Each is loaded when the first material needs it. */

const LOADERS = {
  pdf: () => import("./pdf/viewer.js").then((module) => module.PdfViewer),
  image: () => import("./image.js").then((module) => module.ImageViewer),
  drawing: () => import("./drawing.js").then((module) => module.DrawingViewer),
  pictures: () => import("./pictures.js").then((module) => module.PicturesViewer),
  text: () => import("./text.js").then((module) => module.TextViewer),
  markdown: () => import("./markdown.js").then((module) => module.MarkdownViewer),
  video: () => import("./media.js").then((module) => module.MediaViewer),
  audio: () => import("./media.js").then((module) => module.MediaViewer),
  frame: () => import("./frame.js").then((module) => module.FrameViewer),
  table: () => import("./table/text.js").then((module) => module.TextTableViewer),
  sheet: () => import("./table/workbook.js").then((module) => module.WorkbookViewer),
  docx: () => import("./contained/viewer.js").then((module) => module.ContainedViewer),
  slides: () => import("./contained/viewer.js").then((module) => module.ContainedViewer),
  archive: () => import("./archive.js").then((module) => module.ArchiveViewer),
  none: () => import("./none.js").then((module) => module.NoneViewer),
};

/** @returns {Promise<typeof import("./viewer.js").Viewer>} */
export function viewerFor(material) {
  const isDrawing = material.viewer === "frame" && material.type === "svg";
  return (LOADERS[isDrawing ? "drawing" : material.viewer] ?? LOADERS.none)();
}
