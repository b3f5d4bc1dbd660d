/**
 * Opens a PDF with PDF.js, loaded for the first one that may be opened, and names what can go wrong.
 *
 * Nothing in a file is run: forms and annotations are drawn as pictures, no link layer is made,
 * and the scripting sandbox of PDF.js is not even shipped. A file may keep its worker busy for
 * ever; then the worker is ended and the next file gets a new one.
 */

const VENDOR = new URL("../../../vendor/pdfjs/", import.meta.url);

/** No sign of life for this long while opening: given up. */
const OPENING_LIMIT_MS = 8_000;

/**
 * The server is on this machine, so a file up to here is read at once, in one request: quicker than
 * fifty ranges that get into each other's way. Larger ones come in pieces as pages are looked at.
 */
const READ_IN_PIECES_BYTES = 48 * 1024 * 1024;

/** Pictures inside a page are not unpacked beyond this; the rest of the page still shows. */
const LARGEST_IMAGE_PIXELS = 64 * 1024 * 1024;

let library = null;
let worker = null;

/** Why a document cannot be shown; `code` is one of reader.fault.* in the catalogues. */
export class PdfFault extends Error {
  constructor(code, cause) {
    super(code, { cause });
    this.code = code;
  }
}

async function loadLibrary() {
  library ??= import(new URL("pdf.min.mjs", VENDOR).href).then((module) => {
    module.GlobalWorkerOptions.workerSrc = new URL("pdf.worker.min.mjs", VENDOR).href;
    return module;
  });
  try {
    return await library;
  } catch (cause) {
    library = null;
    throw new PdfFault("viewer-missing", cause);
  }
}

function haveWorker(pdfjs) {
  if (worker && !worker.destroyed) return;
  worker = new pdfjs.PDFWorker({ name: "pdf", verbosity: pdfjs.VerbosityLevel.ERRORS });
}

/** Has library and worker ready for the first document, where there is nothing better to do. */
export async function warmUp() {
  try {
    haveWorker(await loadLibrary());
  } catch (error) {
    console.info(`PDF.js is not loaded yet: ${error?.cause?.message ?? error}`);
  }
}

/**
 * @param {string} url
 * @param {{bytes: number | null, signal: AbortSignal}} options
 * @returns {Promise<{pdf: import("pdfjs-dist").PDFDocumentProxy, isWhole: boolean,
 *   close: () => void}>}  isWhole: all of it is read at once, so every page is quickly known
 * @throws {PdfFault}
 */
export async function openPdf(url, { bytes, signal }) {
  const pdfjs = await loadLibrary();
  signal.throwIfAborted();
  haveWorker(pdfjs);
  const task = pdfjs.getDocument(parameters(pdfjs, url, bytes));
  const close = () => void task.destroy().catch(() => endWorker());
  signal.addEventListener("abort", close, { once: true });
  try {
    return { pdf: await withinLimit(task), isWhole: !isLarge(bytes), close };
  } catch (error) {
    close();
    throw signal.aborted ? signal.reason : asFault(error);
  }
}

function parameters(pdfjs, url, bytes) {
  const inPieces = isLarge(bytes);
  return {
    url,
    worker,
    verbosity: pdfjs.VerbosityLevel.ERRORS,
    cMapUrl: new URL("cmaps/", VENDOR).href,
    iccUrl: new URL("iccs/", VENDOR).href,
    standardFontDataUrl: new URL("standard_fonts/", VENDOR).href,
    wasmUrl: new URL("wasm/", VENDOR).href,
    maxImageSize: LARGEST_IMAGE_PIXELS,
    enableXfa: false,
    disableRange: !inPieces,
    disableAutoFetch: inPieces,
    disableStream: inPieces,
  };
}

function isLarge(bytes) {
  return (bytes ?? 0) > READ_IN_PIECES_BYTES;
}

/** The document, or a fault when nothing has moved for too long. */
function withinLimit(task) {
  return new Promise((resolve, reject) => {
    let timer = 0;
    const restart = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        endWorker();
        reject(new PdfFault("too-slow"));
      }, OPENING_LIMIT_MS);
    };
    task.onProgress = restart;
    restart();
    task.promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function endWorker() {
  worker?.destroy();
  worker = null;
}

const CODES = {
  PasswordException: "encrypted",
  InvalidPDFException: "broken",
  ResponseException: "not-loaded",
};

function asFault(error) {
  if (error instanceof PdfFault) return error;
  if (error?.name === "ResponseException" && error.missing) return new PdfFault("gone", error);
  return new PdfFault(CODES[error?.name] ?? "broken", error);
}
