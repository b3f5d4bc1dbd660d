"""Office files for tests, written by hand: small ones, hostile ones, and old compound ones."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

SAMPLES = Path(__file__).parent.parent / "kiosk" / "demo" / "samples"
FREE, END, TABLE, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
SECTOR, SMALLEST = 512, 4096

PARTS = "http://schemas.openxmlformats.org/package/2006/"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = (
    f'<Types xmlns="{PARTS}content-types"><Default Extension="xml" ContentType="{{main}}"/>'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
)
WORD_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def sample(name: str) -> bytes:
    """One of the demo's own materials, such as ``ql-2026-q4/rules.docx``."""
    return (SAMPLES / name).read_bytes()


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """A ZIP of these entries, stored, in their order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def word(body: str = "", links: str = "", main: str = WORD_MAIN) -> bytes:
    """A .docx with one paragraph, what is in ``body``, and the relationships in ``links``."""
    relations = f'<Relationships xmlns="{PARTS}relationships">'
    target = f'<Relationship Id="r1" Type="{LINKS}/officeDocument" Target="word/document.xml"/>'
    document = (
        f'<w:document xmlns:w="{WORDS}" xmlns:r="{LINKS}"><w:body><w:p><w:r>'
        f"<w:t>会议纪要</w:t></w:r></w:p>{body}</w:body></w:document>"
    )
    return zipped(
        {
            "[Content_Types].xml": TYPES.format(main=main),
            "_rels/.rels": f"{relations}{target}</Relationships>",
            "word/document.xml": document,
            "word/_rels/document.xml.rels": f"{relations}{links}</Relationships>",
        }
    )


def flat(kind: str, body: str, before: str = "") -> bytes:
    """A flat OpenDocument file: ``kind`` is text or spreadsheet, ``body`` what is in it."""
    spaces = {
        "office": "office:1.0", "text": "text:1.0", "table": "table:1.0", "draw": "drawing:1.0",
        "script": "script:1.0", "svg": "svg-compatible:1.0",
    }  # fmt: skip
    named = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{rest}"'
        for name, rest in spaces.items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document {named} '
        'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dom="http://www.w3.org/2001/xml-events" '
        'xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" '
        'xmlns:ooo="http://openoffice.org/2004/office" office:version="1.2" '
        f'office:mimetype="application/vnd.oasis.opendocument.{kind}">{before}'
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document>"
    ).encode()


def opened_locked() -> bytes:
    """An .odt whose content has a password, as its manifest says."""
    data = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    kind = "application/vnd.oasis.opendocument.text"
    locked = (
        f'<manifest:manifest {data}><manifest:file-entry manifest:full-path="/" '
        f'manifest:media-type="{kind}"/><manifest:file-entry manifest:full-path="content.xml" '
        'manifest:size="100" manifest:media-type="text/xml"><manifest:encryption-data '
        'manifest:checksum-type="SHA1/1K" manifest:checksum="AAAA">'
        '<manifest:algorithm manifest:algorithm-name="Blowfish CFB" '
        'manifest:initialisation-vector="AAAAAAAAAAA="/><manifest:key-derivation '
        'manifest:key-derivation-name="PBKDF2" manifest:iteration-count="1024" '
        'manifest:salt="AAAAAAAAAAAAAAAAAAAAAA=="/></manifest:encryption-data>'
        "</manifest:file-entry></manifest:manifest>"
    )
    return zipped({"mimetype": kind, "META-INF/manifest.xml": locked, "content.xml": "?" * 100})


def calling_out(url: str) -> dict[str, bytes]:
    """Files that would fetch something from ``url`` as soon as they are opened."""
    far = 'TargetMode="External"'
    picture = f'<Relationship Id="p1" Type="{LINKS}/image" Target="{url}a.png" {far}/>'
    template = f'<Relationship Id="t1" Type="{LINKS}/attachedTemplate" Target="{url}t.dotm" {far}/>'
    place = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    size = 'cx="990000" cy="990000"'
    drawing = (
        '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/'
        f'wordprocessingDrawing"><wp:extent {size}/><wp:docPr id="1" name="p"/><a:graphic {place}>'
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic '
        'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:nvPicPr>'
        '<pic:cNvPr id="1" name="p"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
        '<a:blip r:link="p1"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>'
        f'<a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
        "</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>"
        f'</w:r></w:p><w:p><w:fldSimple w:instr=" INCLUDEPICTURE &quot;{url}b.png&quot; \\d "/>'
        "</w:p>"
    )
    linked = f'xlink:type="simple" xlink:href="{url}'
    text = (
        f'<text:section text:name="s"><text:section-source {linked}c.odt"/><text:p>x</text:p>'
        "</text:section><text:p><draw:frame text:anchor-type='paragraph' svg:width='3cm' "
        f'svg:height="3cm"><draw:image {linked}d.png" xlink:actuate="onLoad"/></draw:frame>'
        "</text:p>"
    )
    cell = f"of:=WEBSERVICE(&quot;{url}e&quot;)"
    table = (
        "<table:table table:name='T'><table:table-row>"
        f"<table:table-cell table:formula='{cell}'/></table:table-row></table:table>"
    )
    rich = rf'{{\rtf1 x {{\field{{\*\fldinst INCLUDEPICTURE "{url}f.png" \\d}}{{\fldrslt y}}}}}}'
    return {
        "docx": word(drawing, picture + template),
        "fodt": flat("text", text),
        "fods": flat("spreadsheet", table),
        "rtf": rich.encode(),
    }


def macro(marker: Path) -> bytes:
    """A text that makes the file ``marker`` when it is opened, if its macro is run."""
    basic = f'Sub Main\nn = FreeFile\nOpen "{marker}" For Output As #n\nClose #n\nEnd Sub'
    address = "vnd.sun.star.script:Standard.M.Main?language=Basic&amp;location=document"
    before = (
        '<office:scripts><office:script script:language="ooo:Basic"><ooo:libraries>'
        '<ooo:library-embedded ooo:name="Standard"><ooo:module ooo:name="M"><ooo:source-code>'
        f"{escape(basic)}</ooo:source-code></ooo:module></ooo:library-embedded></ooo:libraries>"
        "</office:script><office:event-listeners>"
        '<script:event-listener script:language="ooo:script" '
        f'script:event-name="dom:load" xlink:href="{address}" xlink:type="simple"/>'
        "</office:event-listeners></office:scripts>"
    )
    return flat("text", "<text:p>x</text:p>", before)


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file ([MS-CFB]) with these streams below its root."""
    bodies = {name: body.ljust(SMALLEST, b"\0") for name, body in streams.items()}
    lengths = [-(-len(body) // SECTOR) for body in bodies.values()]
    entries = [entry("Root Entry", 5, child=1 if bodies else NONE)]
    pages = -(-(len(bodies) + 1) // 4)
    table = [TABLE, *range(2, pages + 1), END]
    for number, (name, body) in enumerate(bodies.items(), 1):
        right = number + 1 if number < len(bodies) else NONE
        entries.append(entry(name, 2, right=right, place=(len(table), len(body))))
        length = lengths[number - 1]
        table += [*range(len(table) + 1, len(table) + length), END]
    table += [FREE] * (SECTOR // 4 - len(table))
    assert len(table) == SECTOR // 4, "one sector of the table is all there is"
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, 1, 1, 0, SMALLEST, END, 0, END, 0)
    header += struct.pack("<109I", 0, *[FREE] * 108)
    directory = b"".join(entries).ljust(pages * SECTOR, b"\0")
    content = b"".join(
        body.ljust(-(-len(body) // SECTOR) * SECTOR, b"\0") for body in bodies.values()
    )
    return header + struct.pack(f"<{SECTOR // 4}I", *table) + directory + content


def entry(
    name: str, kind: int, right: int = NONE, child: int = NONE, place: tuple[int, int] = (END, 0)
) -> bytes:
    """One entry of a compound file's directory."""
    raw = (name + "\0").encode("utf-16-le")
    head = raw.ljust(64, b"\0") + struct.pack("<H2B3I", len(raw), kind, 1, NONE, right, child)
    return head + bytes(36) + struct.pack("<IQ", *place)
