// What viewers say of files they cannot show, and XML as lines.

import assert from "node:assert/strict";
import { test } from "node:test";

import { laidOut } from "../../static/js/viewers/indent.js";
import { mediaFault } from "../../static/js/viewers/media.js";
import { faultOf } from "../../static/js/viewers/pictures.js";
import { viewerFor } from "../../static/js/viewers/choose.js";

test("a player's fault is damage where it knows the kind, and an unknown format where it does not", () => {
  const opening = { code: 4, message: "DEMUXER_ERROR_COULD_NOT_OPEN: FFmpegDemuxer: open context failed" };
  assert.equal(mediaFault(opening, true), "media-broken");
  assert.equal(mediaFault(opening, false), "media-unknown");
  const unknown = { code: 4, message: "DEMUXER_ERROR_NO_SUPPORTED_STREAMS: FFmpegDemuxer: no supported streams" };
  assert.equal(mediaFault(unknown, true), "media-unknown");
  assert.equal(mediaFault(unknown, true, true), "media-broken");
  assert.equal(mediaFault(unknown, false, true), "media-unknown");
  assert.equal(mediaFault({ code: 3, message: "PIPELINE_ERROR_DECODE" }, true), "media-broken");
  assert.equal(mediaFault({ code: 2, message: "" }, true), "not-loaded");
  assert.equal(mediaFault({ code: 4, message: "404: Not Found" }, true), "gone");
  assert.equal(mediaFault(null, true), "media-broken");
});

test("what the terminal found wrong with a picture has words, whatever it is", () => {
  assert.equal(faultOf("too-large"), "picture-huge");
  assert.equal(faultOf("no-reader"), "picture-unknown");
  assert.equal(faultOf("broken"), "picture-broken");
  assert.equal(faultOf(null), "picture-broken");
});

test("crammed XML becomes lines by its depth, and is the same without their ends", () => {
  const crammed = `<?xml version="1.0"?><a>${'<b c="1"><d>text</d><e/></b>'.repeat(40)}</a>`;
  const lines = laidOut(crammed).split("\n");
  assert.deepEqual(lines.slice(0, 6), [
    '<?xml version="1.0"?>', "<a>", '  <b c="1">', "    <d>text</d>", "    <e/>", "  </b>",
  ]);
  assert.equal(lines.at(-1), "</a>");
  assert.equal(lines.map((line) => line.trim()).join(""), crammed);
});

test("XML that has its own lines stays as it is, and so does what is no XML", () => {
  const own = "<a>\n  <b>1</b>\n</a>\n";
  assert.equal(laidOut(own), own);
  const words = `${"x".repeat(5000)}<a><b>`;
  assert.equal(laidOut(words), words);
});

test("nesting without end costs no width without end", () => {
  const longest = Math.max(...laidOut("<a>".repeat(5000)).split("\n").map((line) => line.length));
  assert.ok(longest < 100);
});

test("a kind that nobody knows has the viewer that says so", async () => {
  const none = await viewerFor({ viewer: "hologram" });
  assert.equal(none.name, "NoneViewer");
});
