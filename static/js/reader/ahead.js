/**
 * What shows a document is loaded while people look at the agenda: the tap that opens one then waits
 * for the document only.
 */

/** A page that is never idle has it after this time all the same. */
const LATEST_MS = 3000;

let isDone = false;

/** @param {object} meeting  with its agenda  @param {AbortSignal} signal  nobody looks at it any more */
export function readAhead(meeting, signal) {
  const materials = (meeting.agenda ?? []).flatMap((item) => item.materials ?? []);
  if (isDone || !materials.some(({ viewer }) => viewer === "pdf")) return;
  isDone = true;
  requestIdleCallback(() => {
    if (signal.aborted) isDone = false;
    else void load();
  }, { timeout: LATEST_MS });
}

async function load() {
  try {
    const { warmUp } = await import("../viewers/pdf/source.js");
    await Promise.all([warmUp(), import("../viewers/pdf/viewer.js"), import("../views/reader.js")]);
  } catch (error) {
    console.info(`the reader is not loaded yet: ${error?.message ?? error}`);
    isDone = false;
  }
}
