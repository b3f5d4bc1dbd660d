"""Makes small office files part by part, so that a test can put into them what no program would."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from html import escape

from PIL import Image

OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_BREAK = '<w:r><w:br w:type="page"/></w:r>'
_FORMAT = "application/vnd.openxmlformats-officedocument"
_TYPES = {
    "word/document.xml": f"{_FORMAT}.wordprocessingml.document.main+xml",
    "xl/workbook.xml": f"{_FORMAT}.spreadsheetml.sheet.main+xml",
    "xl/worksheets/": f"{_FORMAT}.spreadsheetml.worksheet+xml",
    "ppt/presentation.xml": f"{_FORMAT}.presentationml.presentation.main+xml",
    "ppt/slides/": f"{_FORMAT}.presentationml.slide+xml",
}
Relation = tuple[str, str, bool]


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """The archive of these parts, deflated."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def relations(rows: Mapping[str, Relation]) -> str:
    """A relationships part: id to kind, target, and whether that is outside of the file."""
    outside = ' TargetMode="External"'
    lines = "".join(
        f'<Relationship Id="{name}" Type="{_DOCUMENT}/{kind}" Target="{escape(target)}"'
        f"{outside if is_outside else ''}/>"
        for name, (kind, target, is_outside) in rows.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def office(main: str, parts: Mapping[str, str | bytes]) -> bytes:
    """An office file whose first part is ``main``."""
    types = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>'
        for name in parts
        for place, kind in _TYPES.items()
        if name.startswith(place) and "_rels" not in name
    )
    content_types = (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
        '<Default Extension="rels" ContentType='
        f'"application/vnd.openxmlformats-package.relationships+xml"/>{types}</Types>'
    )
    head = {
        "[Content_Types].xml": content_types,
        "_rels/.rels": relations({"r1": ("officeDocument", main, False)}),
    }
    return packed({**head, **parts})


def docx(
    *pages: Sequence[str], body: str = "", more: Mapping[str, Relation] | None = None
) -> bytes:
    """A Word document: pages of paragraphs, then ``body`` as it is, with further relationships."""
    paragraphs = []
    for number, page in enumerate(pages):
        start = _BREAK if number else ""
        for at, words in enumerate(page):
            run = f'<w:r><w:t xml:space="preserve">{escape(words)}</w:t></w:r>'
            paragraphs.append(f"<w:p>{'' if at else start}{run}</w:p>")
    size = '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
    document = (
        f'<w:document xmlns:w="{_W}" xmlns:r="{_DOCUMENT}" xmlns:a="{_A}" '
        f'xmlns:wp="{_DRAWING}/wordprocessingDrawing" xmlns:pic="{_DRAWING}/picture">'
        f"<w:body>{''.join(paragraphs)}{body}{size}</w:body></w:document>"
    )
    parts = {
        "word/document.xml": document,
        "word/_rels/document.xml.rels": relations(more or {}),
    }
    return office("word/document.xml", parts)


def xlsx(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """A workbook: rows of values by the name of their sheet."""
    names, rows, parts = [], {}, {}
    for number, (name, values) in enumerate(sheets.items(), 1):
        names.append(f'<sheet name="{escape(name)}" sheetId="{number}" r:id="r{number}"/>')
        rows[f"r{number}"] = ("worksheet", f"worksheets/sheet{number}.xml", False)
        lines = "".join(_row(at, line) for at, line in enumerate(values, 1))
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{_S}"><sheetData>{lines}</sheetData></worksheet>'
        )
    book = (
        f'<workbook xmlns="{_S}" xmlns:r="{_DOCUMENT}"><sheets>{"".join(names)}</sheets></workbook>'
    )
    head = {"xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": relations(rows)}
    return office("xl/workbook.xml", {**head, **parts})


def _row(number: int, values: Sequence[object]) -> str:
    cells = []
    for column, value in enumerate(values):
        place = f'r="{chr(65 + column)}{number}"'
        if isinstance(value, int | float):
            cells.append(f"<c {place}><v>{value}</v></c>")
        else:
            words = escape(str(value))
            cells.append(f'<c {place} t="inlineStr"><is><t>{words}</t></is></c>')
    return f'<row r="{number}">{"".join(cells)}</row>'


def pptx(*slides: str, more: Mapping[str, Relation] | None = None) -> bytes:
    """A presentation: each slide is the shapes in it (`text_shape`, `picture_shape`)."""
    rows, parts = {}, {}
    for number, shapes in enumerate(slides, 1):
        rows[f"r{number}"] = ("slide", f"slides/slide{number}.xml", False)
        place = f"ppt/slides/slide{number}.xml"
        parts[place] = (
            f'<p:sld xmlns:p="{_P}" xmlns:a="{_A}" xmlns:r="{_DOCUMENT}"><p:cSld><p:spTree>'
            f"{shapes}</p:spTree></p:cSld></p:sld>"
        )
        picture: dict[str, Relation] = {"rPic": ("image", "../media/dot.png", False)}
        parts[f"ppt/slides/_rels/slide{number}.xml.rels"] = relations({**picture, **(more or {})})
    ids = "".join(f'<p:sldId id="{255 + n}" r:id="r{n}"/>' for n in range(1, len(slides) + 1))
    deck = (
        f'<p:presentation xmlns:p="{_P}" xmlns:r="{_DOCUMENT}"><p:sldIdLst>{ids}</p:sldIdLst>'
        '<p:sldSz cx="12192000" cy="6858000"/></p:presentation>'
    )
    head = {
        "ppt/presentation.xml": deck,
        "ppt/_rels/presentation.xml.rels": relations(rows),
        "ppt/media/dot.png": png(),
    }
    return office("ppt/presentation.xml", {**head, **parts})


def text_shape(words: str, *, top: int = 1_000_000, run: str = "") -> str:
    """A shape with one line of words; ``run`` is what its run says besides."""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="t"/><p:nvPr/></p:nvSpPr><p:spPr>{_place(top)}'
        f'<a:prstGeom prst="rect"/></p:spPr><p:txBody><a:bodyPr/><a:p><a:r><a:rPr sz="3200">{run}'
        f"</a:rPr><a:t>{escape(words)}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def picture_shape(relation: str = "rPic", *, how: str = "embed", top: int = 3_000_000) -> str:
    """A picture of that relationship, embedded or linked (``how``)."""
    return (
        f'<p:pic><p:nvPicPr><p:cNvPr id="3" name="p"/><p:nvPr/></p:nvPicPr><p:blipFill>'
        f'<a:blip r:{how}="{relation}"/></p:blipFill><p:spPr>{_place(top)}</p:spPr></p:pic>'
    )


def _place(top: int) -> str:
    return f'<a:xfrm><a:off x="900000" y="{top}"/><a:ext cx="9000000" cy="1500000"/></a:xfrm>'


def png() -> bytes:
    """A small red picture."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 20, 20)).save(out, "PNG")
    return out.getvalue()


def encrypted() -> bytes:
    """What Office leaves of a document with a password: an OLE file that names what it hides."""
    return OLE_MARK + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(2000)


def ofd(words: str = "会议通知") -> bytes:
    """A page of GB/T 33190 with one line of words."""
    page = f"<ofd:Page><ofd:TextCode>{escape(words)}</ofd:TextCode></ofd:Page>"
    return packed({"OFD.xml": "<ofd:OFD/>", "Doc_0/Document.xml": "<ofd:Document/>",
                   "Doc_0/Pages/Page_0/Content.xml": page})  # fmt: skip
