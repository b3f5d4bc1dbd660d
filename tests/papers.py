"""Documents with given words in them: PDF and Office files, as small as readers accept."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_FONT = (
    b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H"
    b"/DescendantFonts[4 0 R]>>"
)
_LETTERS = (
    b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000/FontDescriptor 5 0 R"
    b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>>>"
)
_ABOUT = (
    b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]"
    b"/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>"
)
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def pdf(pages: Sequence[str]) -> bytes:
    """A PDF with these pages, a line of it for each line, in a font that is not in the file."""
    first = 6
    kids = b" ".join(b"%d 0 R" % (first + 2 * n) for n in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(pages)),
        _FONT, _LETTERS, _ABOUT,
    ]  # fmt: skip
    for number, text in enumerate(pages):
        content = _content(text)
        at = first + 2 * number
        objects += [
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>"
            b"/Contents %d 0 R>>" % (at + 1),
            b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        ]
    return _written(objects)


def _content(text: str) -> bytes:
    lines = [b"<%s> Tj T*" % line.encode("utf-16-be").hex().encode() for line in text.splitlines()]
    return b"BT /F 14 Tf 20 TL 60 760 Td %s ET" % b" ".join(lines)


def _written(objects: Sequence[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start, size = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
    return bytes(out)


def docx(*paragraphs: str, body: str = "") -> bytes:
    """A Word file with these paragraphs, or with a body of one's own."""
    body = body or "".join(
        f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in paragraphs
    )
    return _packed({"word/document.xml": _root("w:document", f"<w:body>{body}</w:body>", "w")})


def pptx(*slides: str) -> bytes:
    """A presentation with these slides; the files are not named in the order in which they show."""
    names = [f"slides/slide{len(slides) - n}.xml" for n in range(len(slides))]
    listed = "".join(f'<p:sldId id="{256 + n}" r:id="rId{n}"/>' for n in range(len(slides)))
    parts = {
        "ppt/presentation.xml": _root(
            "p:presentation", f"<p:sldIdLst>{listed}</p:sldIdLst>", "p", "r"
        ),
        "ppt/_rels/presentation.xml.rels": _relations(names),
    }
    for name, text in zip(names, slides, strict=True):
        shape = f"<p:txBody><a:p><a:r><a:t>{escape(text)}</a:t></a:r></a:p></p:txBody>"
        parts[f"ppt/{name}"] = _root("p:sld", shape, "p", "a")
    return _packed(parts)


def xlsx(sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    """A workbook; its cells refer to shared strings, as those of Excel do."""
    strings: list[str] = []
    names = [f"worksheets/sheet{n}.xml" for n in range(1, len(sheets) + 1)]
    listed = "".join(
        f'<s:sheet name="{escape(title)}" sheetId="{n + 1}" r:id="rId{n}"/>'
        for n, title in enumerate(sheets)
    )
    parts = {
        "xl/workbook.xml": _root("s:workbook", f"<s:sheets>{listed}</s:sheets>", "s", "r"),
        "xl/_rels/workbook.xml.rels": _relations(names),
    }
    for name, rows in zip(names, sheets.values(), strict=True):
        cells = ""
        for row in rows:
            cells += "<s:row>"
            for text in row:
                cells += f'<s:c t="s"><s:v>{len(strings)}</s:v></s:c>'
                strings.append(text)
            cells += "</s:row>"
        parts[f"xl/{name}"] = _root("s:worksheet", f"<s:sheetData>{cells}</s:sheetData>", "s")
    known = "".join(f"<s:si><s:t>{escape(text)}</s:t></s:si>" for text in strings)
    parts["xl/sharedStrings.xml"] = _root("s:sst", known, "s")
    return _packed(parts)


def odp(*slides: str) -> bytes:
    """An OpenDocument presentation with these slides."""
    inside = "".join(f"<d:page><d:p>{escape(text)}</d:p></d:page>" for text in slides)
    return _packed({"content.xml": _root("d:document-content", inside, "d")})


def odt(*paragraphs: str) -> bytes:
    """An OpenDocument text with these paragraphs."""
    inside = "".join(f"<d:p><d:span>{escape(text)}</d:span></d:p>" for text in paragraphs)
    return _packed({"content.xml": _root("d:document-content", inside, "d")})


def ofd(*pages: str) -> bytes:
    """An OFD file with these pages."""
    places = [f"Pages/Page_{n}/Content.xml" for n in range(len(pages))]
    listed = "".join(f'<o:Page ID="{n}" BaseLoc="{place}"/>' for n, place in enumerate(places))
    parts = {
        "OFD.xml": _root("o:OFD", "<o:DocRoot>Doc_0/Document.xml</o:DocRoot>", "o"),
        "Doc_0/Document.xml": _root("o:Document", f"<o:Pages>{listed}</o:Pages>", "o"),
    }
    for place, text in zip(places, pages, strict=True):
        code = f"<o:TextObject><o:TextCode>{escape(text)}</o:TextCode></o:TextObject>"
        parts[f"Doc_0/{place}"] = _root("o:Page", code, "o")
    return _packed(parts)


def _root(name: str, inside: str, *spaces: str) -> str:
    known = "".join(
        f' xmlns:{space}="{RELATIONS if space == "r" else f"urn:{space}"}"' for space in spaces
    )
    return f'<?xml version="1.0"?><{name}{known}>{inside}</{name}>'


def _relations(names: Sequence[str]) -> str:
    inside = "".join(f'<Relationship Id="rId{n}" Target="{name}"/>' for n, name in enumerate(names))
    return f'<?xml version="1.0"?><Relationships xmlns="{_PACKAGE}">{inside}</Relationships>'


def _packed(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()
