"""Office files: known by their first bytes, told apart by what is inside them.

`opens` sees the first bytes and decides on the viewer. `sort_of` looks inside and finds the ending
under which a converter knows the file, whatever it is called here: a ``.wps`` of today holds what a
``.doc`` holds, and many a ``.doc`` is something else. Where the content does not tell, the hint
does: the ending of the material's name.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kiosk.render.compound import MAGIC, Compound

EXTENSIONS = frozenset({
    "doc", "docx", "docm", "dot", "dotx", "dotm", "rtf", "odt", "ott", "fodt", "wps", "wpt",
    "xls", "xlsx", "xlsm", "xlsb", "xlt", "xltx", "xltm", "ods", "ots", "fods", "et", "ett",
    "ppt", "pptx", "pptm", "pps", "ppsx", "ppsm", "pot", "potx", "potm", "odp", "otp", "fodp",
    "dps", "dpt",
})  # fmt: skip
KINDS = EXTENSIONS | {"odg", "xml"}
# These had forms before there were compound files, without a signature of their own.
BARE = frozenset({"doc", "xls", "wps"})
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
RTF = b"{\\rtf"
HEAD_BYTES = 64 << 10  # a flat document says late what it is
MAX_LIST_BYTES = 4 << 20
_PARTS = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"xl/", b"ppt/")
_OPEN = b"mimetypeapplication/vnd.oasis.opendocument."
_WRITTEN = re.compile(
    rb"""<\?mso-application\s[^>]*progid=["'](?:Word\.Document|Excel\.Sheet)["']"""
    rb"""|<office:document\s""",
    re.I,
)
_FLAT = re.compile(rb"""office:mimetype=["']application/vnd\.oasis\.opendocument\.([a-z]+)""")
_FLAT_KINDS = {b"text": "fodt", b"spreadsheet": "fods", b"presentation": "fodp"}
_OPEN_KINDS = {b"text": "odt", b"spreadsheet": "ods", b"presentation": "odp", b"graphics": "odg"}
# Of the main part alone: an embedded workbook has a type without ``.main``.
_MAIN = re.compile(
    rb"(?:openxmlformats-officedocument\.(wordprocessing|spreadsheet|presentation)ml"
    rb"|ms-(word|excel|powerpoint))\.([\w.]+?)\.main\b"
)
_MAIN_KINDS = {
    b"wordprocessing": "docx", b"word": "docx", b"spreadsheet": "xlsx", b"excel": "xlsx",
    b"presentation": "pptx", b"powerpoint": "pptx",
}  # fmt: skip
_FILEPASS, _FIRST_RECORDS = 0x2F, 8


@dataclass(frozen=True)
class Sort:
    """What an Office file is: ``kind`` is the ending for a converter; ``trouble`` rules it out.

    ``locked``: there is a password on it, perhaps one that every program knows.
    """

    kind: str
    trouble: str | None = None
    locked: bool = False


def extension_of(name: str) -> str:
    """The ending of a name if Office files have it, without its dot; else nothing."""
    told = PurePosixPath(name).suffix.lower().lstrip(".")
    return told if told in EXTENSIONS else ""


def opens(head: bytes, extension: str) -> bool:
    """Whether these first bytes are an Office file's; ``extension`` as `extension_of` gives it."""
    if head.startswith((MAGIC, RTF)):
        return True
    if head.startswith(ZIP):
        first = head[30:]
        return bool(extension) or first.startswith(_PARTS) or first.startswith(_OPEN)
    return _WRITTEN.search(head[:1024]) is not None


def sort_of(path: Path, hint: str) -> Sort:
    """What the Office file at ``path`` is; OSError as it comes. Only ever called in a child."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if head.startswith(MAGIC):
            file.seek(0)
            try:
                return _of_compound(Compound(file), hint)
            except ValueError:
                return Sort(hint, "broken")
    if head.startswith(ZIP):
        return _of_zip(path, hint)
    if head.startswith(RTF):
        return Sort("rtf")
    if _WRITTEN.search(head[:1024]) is not None:
        flat = _FLAT.search(head)
        return Sort(_FLAT_KINDS.get(flat[1], "fodt") if flat else "xml")
    return Sort(hint) if hint else Sort("", "unknown")


def _of_compound(compound: Compound, hint: str) -> Sort:
    names = compound.names
    if "EncryptedPackage" in names:
        return Sort(hint, "encrypted")
    if "WordDocument" in names:
        flags = compound.head("WordDocument", 12)[10:12]
        return Sort("doc", locked=bool(flags) and bool(flags[1] & 1))
    for book in ("Workbook", "Book"):
        if book in names:
            return Sort("xls", locked=_is_locked_book(compound.head(book, 2048)))
    if "PowerPoint Document" in names:
        return Sort("ppt", locked="EncryptedSummary" in names)
    return Sort(hint) if hint in BARE else Sort(hint, "unknown")


def _is_locked_book(head: bytes) -> bool:
    """Whether one of the first records says that the others are encrypted ([MS-XLS] 2.4.117)."""
    at = 0
    for _ in range(_FIRST_RECORDS):
        kind = int.from_bytes(head[at : at + 2], "little")
        if kind == _FILEPASS:
            return True
        at += 4 + int.from_bytes(head[at + 2 : at + 4], "little")
    return False


def _of_zip(path: Path, hint: str) -> Sort:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "[Content_Types].xml" in names:
                return _of_types(_beginning(archive, "[Content_Types].xml"), hint)
            if "mimetype" in names:
                return _of_open(archive, names, hint)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError):
        return Sort(hint, "broken")
    except RuntimeError:  # that is how zipfile says that an entry is encrypted
        return Sort(hint, "encrypted")
    return Sort(hint, "unknown")


def _of_types(types: bytes, hint: str) -> Sort:
    main = _MAIN.search(types)
    if main is None:
        return Sort(hint, "unknown")
    if b"binary" in main[3]:
        return Sort("xlsb")
    return Sort(_MAIN_KINDS[main[1] or main[2]])


def _of_open(archive: zipfile.ZipFile, names: set[str], hint: str) -> Sort:
    told = _beginning(archive, "mimetype").removeprefix(_OPEN[8:])
    kind = _OPEN_KINDS.get(re.split(rb"[^a-z]", told)[0])
    if kind is None:
        return Sort(hint, "unknown")
    manifest = "META-INF/manifest.xml"
    locked = manifest in names and b"encryption-data" in _beginning(archive, manifest)
    return Sort(kind, locked=locked)


def _beginning(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        return file.read(MAX_LIST_BYTES)
