"""What a server's status and headers mean. Header fields in, a verdict out; no I/O.

Two tables decide. `STATUS` names the fault of every status that is not a package. `judge` is the
decision table of RFC 9110 §14 for what was asked and what came:

====================  =======================================  ==========================
asked                 answered                                 verdict
====================  =======================================  ==========================
anything              200 with Content-Range                   bad-answer
anything              Content-Encoding other than identity     bad-answer
anything              Content-Length twice, negative, no digits  bad-answer
anything              a page or a document as Content-Type     not-a-package
everything            200                                      the stream from 0
everything            206                                      bad-answer
from byte N           200                                      the stream from 0
from byte N           206 that starts at N, total as known     the stream from N
from byte N           206 with another ETag than ours, or none `RangeRefused`
from byte N           206 of anything else, or multipart       bad-answer
from byte N           416                                      `RangeRefused`
====================  =======================================  ==========================
"""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from kiosk.errors import ServerError, TransientError, UnfitError

MAX_RETRY_AFTER_S = 3600.0
NOT_PACKAGES = ("text/", "image/", "application/json", "application/xhtml", "multipart/")
SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")


class Headers(Protocol):
    """Header fields as urllib3 keeps them: a name may occur several times."""

    def getlist(self, key: str) -> list[str]: ...


class RangeRefused(Exception):
    """The server cannot serve the range: what is here does not fit its package (416), or it does
    not say that it does. A 206 has the ETag that the 200 had (RFC 9110 §15.3.7); there are servers
    that pass over If-Range and send the rest of another package.
    """


@dataclass(frozen=True)
class Wanted:
    """What is asked: ``url`` of ``server`` (its name), from byte ``start`` on.

    A resume (``start`` > 0) carries the validator that the address ``source`` gave before.
    """

    url: str
    server: str
    start: int = 0
    validator: str = ""
    total: int | None = None
    source: str = ""

    def at(self, url: str) -> Wanted:
        """What is asked of ``url``, where redirects may have led: the rest only of the source.

        An ETag means something at the one address that gave it (RFC 9110 §8.8.3); anybody else is
        neither shown it nor believed with it.
        """
        if not self.start or url == self.source:
            return self
        return replace(self, start=0, validator="", total=None)

    def headers(self) -> dict[str, str]:
        """Range and If-Range (RFC 9110 §14.2, §13.1.5); none for the whole."""
        if not self.start:
            return {}
        return {"Range": f"bytes={self.start}-", "If-Range": self.validator}


@dataclass(frozen=True)
class Answer:
    """A stream that may be read: its first byte, its length, and the size of the whole package.

    ``validator`` is a strong ETag that a later resume on the same server may use, or empty.
    """

    start: int
    length: int | None
    total: int | None
    validator: str


def judge(wanted: Wanted, status: int, headers: Headers) -> Answer:
    """The verdict of the table above; ServerError or `RangeRefused` where there is no stream."""
    if status == 416 and wanted.start:
        raise RangeRefused
    if status not in (200, 206):
        raise status_fault(status, headers, wanted.server)
    _refuse_encodings(wanted, headers)
    length = _length(wanted, headers)
    validator = _strong(headers)
    if status == 200:
        if headers.getlist("content-range"):
            raise _bad(wanted, "a whole package with a Content-Range")
        _refuse_types(wanted, headers)
        return Answer(0, length, length, validator)
    if wanted.start and validator not in ("", wanted.validator):
        raise RangeRefused
    total = _range_total(wanted, headers, length)
    if not validator:
        raise RangeRefused
    return Answer(wanted.start, length, total, validator)


def status_fault(status: int, headers: Headers, server: str) -> ServerError:
    """The fault that a status other than success is (faults.md B7)."""
    if status in (404, 410):
        return TransientError("not-here", server=server, status=status)
    if status in (401, 403):
        return UnfitError("forbidden", server=server, status=status)
    if status in (408, 425, 429) or status >= 500:
        after = retry_after(headers, time.time())
        return TransientError("busy", server=server, status=status, retry_after=after)
    return UnfitError("rejected", server=server, status=status)


def retry_after(headers: Headers, now: float) -> float:
    """Seconds of a Retry-After (RFC 9110 §10.2.3), in digits or as a date; 0 where absent.

    ``now`` is the wall clock, which a date is measured against; the result is capped.
    """
    text = (headers.getlist("retry-after") or [""])[0].strip()
    if re.fullmatch(r"\d{1,9}", text):
        return min(float(text), MAX_RETRY_AFTER_S)
    try:
        date = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return 0.0
    return max(0.0, min(date.timestamp() - now, MAX_RETRY_AFTER_S))


def is_package(head: bytes) -> bool:
    """Whether a stream begins as a ZIP archive does (APPNOTE 4.3.7, or 4.3.16 for an empty one)."""
    return head[:4] in SIGNATURES


def _refuse_encodings(wanted: Wanted, headers: Headers) -> None:
    for encoding in headers.getlist("content-encoding"):
        if encoding.strip().lower() not in ("", "identity"):
            raise _bad(wanted, f"it is encoded as {encoding[:40]!r}")


def _refuse_types(wanted: Wanted, headers: Headers) -> None:
    kind = (headers.getlist("content-type") or [""])[0].split(";")[0].strip().lower()
    if kind.startswith(NOT_PACKAGES):
        raise UnfitError("not-a-package", server=wanted.server, type=kind[:60])


def _length(wanted: Wanted, headers: Headers) -> int | None:
    values: Sequence[str] = headers.getlist("content-length")
    if headers.getlist("transfer-encoding") or not values:
        return None
    if len(values) > 1 or not re.fullmatch(r"\d{1,18}", values[0].strip()):
        raise _bad(wanted, f"a Content-Length of {', '.join(values)[:60]!r}")
    return int(values[0])


def _strong(headers: Headers) -> str:
    tags = headers.getlist("etag")
    if len(tags) == 1 and re.fullmatch(r'"[\x21\x23-\x7e]{1,200}"', tags[0].strip()):
        return tags[0].strip()
    return ""


def _range_total(wanted: Wanted, headers: Headers, length: int | None) -> int | None:
    if not wanted.start:
        raise _bad(wanted, "a part where the whole was asked")
    values = headers.getlist("content-range")
    form = re.fullmatch(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", values[0] if values else "")
    if len(values) != 1 or form is None:
        raise _bad(wanted, "a part without a Content-Range that can be read")
    start, last = int(form[1]), int(form[2])
    total = wanted.total if form[3] == "*" else int(form[3])
    if start != wanted.start or last < start or total is None or last + 1 != total:
        raise _bad(wanted, f"another part than was asked: {values[0][:80]}")
    if wanted.total is not None and total != wanted.total:
        raise _bad(wanted, f"the package has {total} bytes now, not {wanted.total}")
    if length is not None and length != last - start + 1:
        raise _bad(wanted, "a part of another length than it says")
    return total


def _bad(wanted: Wanted, why: str) -> UnfitError:
    return UnfitError("bad-answer", server=wanted.server, why=why)
