"""PDFs for tests, written by hand: with an outline, with links, locked, slow, mixed in size."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

SLOW_FILLS = 1_000_000
A4 = (595, 842)


def pdf_of(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of these objects; the first one is its catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    end = b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n"
    return out + head + table + end % (size, trailer, len(out))


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"


def slow_pdf() -> bytes:
    """A small file whose one page takes minutes to draw: a million half-transparent stars."""
    star = b"/G gs 0 0 m 595 842 l 0 400 l 595 10 l 300 842 l f*\n"
    content = zlib.compress(star * SLOW_FILLS)
    state = b"/Resources<</ExtGState<</G<</ca 0.5/BM/Luminosity>>>>>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R%s>>" % state
    stream = b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(content), content)
    return pdf_of([CATALOG, PAGES, page, stream])


def locked_pdf() -> bytes:
    """A PDF whose user password is not the empty one."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"
    secret = b"<</Filter/Standard/V 2/R 3/Length 128/P -4/O<%s>/U<%s>>>" % (b"11" * 32, b"22" * 32)
    return pdf_of([CATALOG, PAGES, page, secret], b"/Encrypt 4 0 R/ID[<00><00>]")


def book(sizes: Sequence[tuple[int, int]], *, links: str = "", outline: bool = False) -> bytes:
    """A page of each size that says which one it is; ``links`` are annotations of page 1.

    Objects: 1 catalogue, 2 pages, 3 font, then for page n (from 1) the page 2n + 2 and its content
    2n + 3, in the end the outline.
    """
    count = len(sizes)
    first = 4 + 2 * count
    kids = " ".join(f"{page_object(n)} 0 R" for n in range(1, count + 1))
    tree = f"/Outlines {first} 0 R" if outline else ""
    objects = [
        f"<</Type/Catalog/Pages 2 0 R{tree}>>",
        f"<</Type/Pages/Kids[{kids}]/Count {count}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for n, (width, height) in enumerate(sizes, 1):
        marks = f"/Annots[{links}]" if n == 1 and links else ""
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width} {height}]/Contents {2 * n + 3} 0 R"
            f"/Resources<</Font<</F 3 0 R>>>>{marks}>>"
        )
        words = f"BT /F 40 Tf 60 {height - 120} Td (Page {n} of {count}) Tj ET"
        objects.append(f"<</Length {len(words)}>>stream\n{words}\nendstream")
    if outline:
        objects += _outline(first, count)
    return pdf_of([one.encode("ascii") for one in objects])


def page_object(n: int) -> int:
    """The number of the object of page ``n`` (from 1) of a `book`."""
    return 2 * n + 2


def link_to(n: int, top: int, box: str = "60 600 300 660") -> str:
    """A link to a height on page ``n``."""
    where = f"[{page_object(n)} 0 R /XYZ 0 {top} null]"
    return f"<</Type/Annot/Subtype/Link/Rect[{box}]/Border[0 0 0]/Dest{where}>>"


def link_out(address: str, box: str = "60 400 300 460") -> str:
    """A link to an address outside the document."""
    action = f"<</S/URI/URI({address})>>"
    return f"<</Type/Annot/Subtype/Link/Rect[{box}]/Border[0 0 0]/A{action}>>"


def _outline(first: int, count: int) -> list[str]:
    """Chapters 1 and 2; the second, closed, holds a section on the last page."""
    middle = page_object(count // 2)
    one, two, inner = first + 1, first + 2, first + 3
    return [
        f"<</Type/Outlines/First {one} 0 R/Last {two} 0 R/Count 2>>",
        (
            f"<</Title(Chapter 1)/Parent {first} 0 R/Next {two} 0 R"
            f"/Dest[{page_object(1)} 0 R /XYZ 0 800 null]>>"
        ),
        (
            f"<</Title(Chapter 2)/Parent {first} 0 R/Prev {one} 0 R/First {inner} 0 R"
            f"/Last {inner} 0 R/Count -1/Dest[{middle} 0 R /Fit]>>"
        ),
        f"<</Title(Section 2.1)/Parent {two} 0 R/Dest[{page_object(count)} 0 R /FitH 400]>>",
    ]
