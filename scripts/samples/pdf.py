"""Prints HTML to PDF with Chromium, in fonts made for the purpose.

Chromium embeds OpenType/CFF fonts such as Noto CJK as Type 3, which is large and slow to show.
So the characters that the samples use are cut out of Noto CJK (SIL Open Font License) and turned
into TrueType, which it embeds as it should.
"""

from __future__ import annotations

import html.parser
import subprocess
from collections.abc import Callable
from pathlib import Path

import pypdfium2
from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

NOTO = Path("/usr/share/fonts/opentype/noto")
FACES = {
    "Sample Sans": [("NotoSansCJK-Regular.ttc", 400), ("NotoSansCJK-Bold.ttc", 700)],
    "Sample Serif": [("NotoSerifCJK-Regular.ttc", 400), ("NotoSerifCJK-Bold.ttc", 700)],
}
CHROMIUM = [
    "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
    "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--hide-scrollbars", "--allow-file-access-from-files",
]  # fmt: skip

STYLE = """
@page { size: A4; margin: 24mm 22mm 22mm; @bottom-center { content: counter(page);
  font: 9pt 'Sample Sans'; color: #6b7278 } @top-right { content: 'HEAD';
  font: 8pt 'Sample Sans'; color: #8a9096 } }
@page :first { margin: 0; @bottom-center { content: none } @top-right { content: none } }
@page wide { size: A4 landscape; margin: 20mm 18mm }
* { box-sizing: border-box }
html { font: 10.5pt/1.75 'Sample Serif'; color: #2b2f33; print-color-adjust: exact }
body { margin: 0 } p { margin: 0 0 .7em; text-align: justify }
:lang(zh) p { text-indent: 2em }
h1, h2, h3, th, .cover, figcaption, .facts, caption { font-family: 'Sample Sans' }
h1 { font-size: 19pt; line-height: 1.3; color: #1f4e79; border-bottom: 2pt solid #1f4e79;
  padding-bottom: 3mm; margin: 0 0 6mm; break-before: page }
h2 { font-size: 13.5pt; margin: 7mm 0 3mm; break-after: avoid }
h3 { font-size: 11pt; margin: 4mm 0 2mm; break-after: avoid; color: #41576b }
table { border-collapse: collapse; width: 100%; font: 8.6pt/1.45 'Sample Sans'; margin: 2mm 0 5mm }
caption { text-align: left; font-weight: 700; padding: 1mm 0 }
th { background: #e9eef3; text-align: left; border-bottom: 1pt solid #1f4e79 }
th, td { padding: 1.1mm 2mm } td { border-bottom: .4pt solid #cfd5da }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
tr { break-inside: avoid } tr.sum td { font-weight: 700; border-top: 1pt solid #1f4e79 }
figure { margin: 3mm 0 5mm; break-inside: avoid } figure svg { width: 100%; height: auto }
figcaption { font-size: 8.6pt; color: #55606a } ul { margin: 0 0 .8em; padding-left: 6mm }
.cover { height: 296.5mm; padding: 70mm 26mm 26mm; background:
  linear-gradient(160deg, #143a5c, #1f6a8a 70%, #5aa6a8); color: #fff; display: flex;
  flex-direction: column } .cover.wide { height: 209.5mm; padding-top: 46mm }
.cover b { font-size: 26pt; line-height: 1.35; white-space: pre-line } .cover i { font-style: normal; opacity: .85;
  font-size: 13pt; margin-top: 6mm } .cover u { text-decoration: none; margin-top: auto;
  font-size: 11pt; opacity: .9; white-space: pre-line }
.toc a { color: inherit; text-decoration: none; display: block; font-family: 'Sample Sans';
  padding: 1mm 0; border-bottom: .4pt dotted #aab2b9 } .toc a.sub { padding-left: 8mm;
  font-size: 9pt; color: #55606a }
.card { break-before: page; break-inside: avoid } .card h2 { margin-top: 0 }
.facts { display: grid; grid-template-columns: 1fr 1fr 1fr; gap: 3mm; margin: 0 0 5mm }
.facts div { background: #f2f5f7; border-radius: 2mm; padding: 3mm; font-size: 8.6pt }
.facts b { display: block; font-size: 15pt; color: #1f4e79 }
"""


class _Letters(html.parser.HTMLParser):
    letters: set[str]

    def handle_data(self, data: str) -> None:
        self.letters |= set(data)


def letters_of(document: str) -> set[str]:
    """The characters that a document shows."""
    parser = _Letters()
    parser.letters = set()
    parser.feed(document)
    return parser.letters


def make_fonts(folder: Path, letters: set[str]) -> str:
    """Makes the four TrueType fonts for ``letters`` and returns their ``@font-face`` rules."""
    rules = []
    for family, faces in FACES.items():
        for source, weight in faces:
            target = folder / f"{source.removesuffix('.ttc')}.ttf"
            _to_truetype(_cut_out(NOTO / source, letters), f"{family} {weight}").save(target)
            rules.append(
                f"@font-face {{ font-family: '{family}'; font-weight: {weight}; "
                f"src: url('{target.name}') }}"
            )
    return "\n".join(rules)


def _cut_out(collection: Path, letters: set[str]) -> TTFont:
    number = next(
        index
        for index in range(12)
        if "CJK SC" in str(TTFont(collection, fontNumber=index, lazy=True)["name"].getDebugName(1))
        and "Mono" not in str(TTFont(collection, fontNumber=index)["name"].getDebugName(1))
    )
    options = subset.Options(layout_features=["kern", "tnum"], hinting=False, notdef_outline=True)
    font = TTFont(collection, fontNumber=number)
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(letters) + "0123456789 .,-%")
    cutter.subset(font)
    return font


def _to_truetype(font: TTFont, name: str) -> TTFont:
    outlines = font.getGlyphSet()
    glyphs = {}
    for glyph in font.getGlyphOrder():
        pen = TTGlyphPen(outlines)
        outlines[glyph].draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
        glyphs[glyph] = pen.glyph()
    for table in ("CFF ", "VORG", "vhea", "vmtx"):
        if table in font:
            del font[table]
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = font.getGlyphOrder(), glyphs
    font["maxp"].tableVersion = 0x00010000
    for field in ("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs",
                  "maxInstructionDefs", "maxStackElements", "maxSizeOfInstructions",
                  "maxComponentElements"):  # fmt: skip
        setattr(font["maxp"], field, 1 if field == "maxZones" else 0)
    font["post"].formatType, font["post"].extraNames = 2.0, []
    font["post"].mapping, font["post"].glyphOrder = {}, font.getGlyphOrder()
    font["head"].glyphDataFormat = 0
    font["name"].setName(name.replace(" ", ""), 6, 3, 1, 0x409)
    font.sfntVersion = "\x00\x01\x00\x00"
    return font


class Printer:
    """Prints documents in ``folder``, which holds the fonts."""

    def __init__(self, folder: Path, font_rules: str) -> None:
        self._folder, self._rules = folder, font_rules

    def page(self, body: str, language: str, head: str = "", style: str = "") -> Path:
        """Writes an HTML file with the samples' style and returns it."""
        path = self._folder / "page.html"
        path.write_text(
            f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{head}</title>'
            f"<style>{self._rules}{STYLE.replace('HEAD', head)}{style}</style>{body}</html>",
            "utf-8",
        )
        return path

    def pdf(self, body: str, target: Path, language: str, head: str, wide: bool = False) -> int:
        """Prints ``body`` to ``target``; returns how many pages that made."""
        style = "@page { size: A4 landscape; margin: 20mm 18mm }" if wide else ""
        source = self.page(body, language, head, style)
        subprocess.run(
            [*CHROMIUM, "--no-pdf-header-footer", "--generate-pdf-document-outline", "--disable-pdf-tagging",
             f"--print-to-pdf={target}", source.as_uri()],
            check=True, capture_output=True, timeout=180,
        )  # fmt: skip
        with pypdfium2.PdfDocument(target) as document:
            return len(document)

    def pdf_of(self, pages: int, body_of: Callable[[int], str], target: Path, **about: str) -> None:
        """Prints ``body_of(cards)`` with as many one-page cards as make exactly ``pages``."""
        wide = bool(about.pop("wide", ""))
        cards = 4
        for _ in range(4):
            made = self.pdf(body_of(cards), target, about["language"], about["head"], wide)
            if made == pages:
                return
            cards += pages - made
        raise RuntimeError(f"{target.name}: {made} pages instead of {pages}")

    def picture(self, body: str, target: Path, size: tuple[int, int], scale: float = 1) -> None:
        """Takes a picture of ``body`` in a window of ``size`` as PNG."""
        source = self.page(f"<div id=all>{body}</div>", "zh", style="html{background:#fff}")
        subprocess.run(
            [*CHROMIUM, f"--window-size={size[0]},{size[1]}", f"--screenshot={target}",
             f"--force-device-scale-factor={scale}", source.as_uri()],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip
