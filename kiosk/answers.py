"""What a server's status and headers mean. Header fields in, a verdict out; no I/O.

Two tables decide. `status_fault` names the fault of every status that is no success. `judge` is the
decision table of RFC 9110 §14 for what was asked and what came. A *range* is asked from byte N on,
from N to M, or as the last K bytes; P says whether it was asked with proof (If-Range), T is the
package's size where it is known:

================  ==============================================  ============================
asked             answered                                        verdict
================  ==============================================  ============================
anything          Content-Encoding other than identity            bad-answer
anything          Transfer-Encoding other than chunked            bad-answer
anything          Content-Length twice, negative, no digits       bad-answer
anything          200 with Content-Range                          bad-answer
anything          a page or a document as Content-Type            not-a-package
anything          200 with a length of 0                          bad-answer
anything          200                                             the whole, from 0
everything        206 or 416                                      bad-answer; rejected
a range           206 in several parts (multipart)                bad-answer
a range           206 without Content-Range, or one of no sense   bad-answer
a range           206 of other bytes than asked, fewer or more    bad-answer
a range           206, length not that of its Content-Range       bad-answer
a range           206, total ``*``, T unknown                     bad-answer
a range           206 of just these bytes, total not T            `RangeRefused`
a range, with P   206 with another ETag, a weak one, or none      `RangeRefused`
a range, no P     206 of just these bytes, any ETag or none       these bytes
a range, with P   206 of just these bytes, the same ETag          these bytes
a range           416                                             `RangeRefused`
================  ==============================================  ============================

A range may end behind the end of the package, and be longer than it: what is asked is what there is
of it. An ETag that has changed is only a hint where no proof was asked for: servers give another
one with each answer, and what the bytes are worth is found out from the bytes. It is told in
`Answer.validator`. Who asked for proof and got a part without it is refused: there are servers that
pass over If-Range and send a part of another package.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from kiosk.errors import ServerError, TransientError, UnfitError
from kiosk.spans import Span

MAX_RETRY_AFTER_S = 3600.0
NOT_PACKAGES = ("text/", "image/", "application/json", "application/xhtml", "multipart/")
SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
STRONG = re.compile(r'"[\x21\x23-\x7e]{1,200}"')


class Headers(Protocol):
    """Header fields as urllib3 keeps them: a name may occur several times."""

    def getlist(self, key: str) -> list[str]: ...


class RangeRefused(Exception):
    """The server cannot serve this range of what it was thought to have; nothing was written.

    Its package may have been replaced, or lie elsewhere now: learn anew what it has. Where that
    does not help, ``fault`` says what to hold against the server. ``total`` is the size that it
    told with a 416, None where it told none.
    """

    def __init__(self, fault: UnfitError, total: int | None = None) -> None:
        super().__init__(fault.message)
        self.fault = fault
        self.total = total


@dataclass(frozen=True)
class Wanted:
    """What is asked: ``url`` of ``server`` (its name); all of it, or a part.

    The part is ``span``, or the last ``suffix`` bytes. ``total`` is the size of the package, where
    it is known. ``source`` is the address that told so, behind all redirects, and ``validator`` the
    strong ETag that it gave: with it, the part comes only of that very package.
    """

    url: str
    server: str
    span: Span | None = None
    suffix: int = 0
    validator: str = ""
    total: int | None = None
    source: str = ""

    @property
    def partial(self) -> bool:
        """Whether a part is asked for."""
        return self.span is not None or self.suffix > 0

    @property
    def conditional(self) -> bool:
        """Whether the part is wanted only of the package that gave ``validator``."""
        return self.partial and bool(STRONG.fullmatch(self.validator))

    def at(self, url: str) -> Wanted:
        """What is asked of ``url``, where redirects may have led.

        An ETag and a size mean something at the one address that gave it (RFC 9110 §8.8.3); anybody
        else is neither shown nor held to them.
        """
        if not self.source or url == self.source:
            return self
        return replace(self, validator="", total=None)

    def headers(self, url: str) -> dict[str, str]:
        """Range and If-Range (RFC 9110 §14.2, §13.1.5) for a request to ``url``."""
        if not self.partial:
            return {}
        span = self.span.header() if self.span else f"bytes=-{self.suffix}"
        here = self.at(url)
        return {"Range": span} | ({"If-Range": here.validator} if here.conditional else {})

    def bounds(self, total: int) -> tuple[int, int]:
        """The first byte that is asked for, and the one behind the last, of ``total`` bytes."""
        if self.span is None:
            return (max(0, total - self.suffix) if self.suffix else 0), total
        stop = self.span.stop
        return self.span.start, total if stop is None else min(stop, total)


@dataclass(frozen=True)
class Answer:
    """A body that may be read: its first byte, its length, and the size of the whole package.

    ``validator`` is a strong ETag that a later range of the same source may be asked with, or
    empty. ``whole``: it is all of the package, whatever was asked.
    """

    start: int
    length: int | None
    total: int | None
    validator: str
    whole: bool


def judge(wanted: Wanted, status: int, headers: Headers) -> Answer:
    """The verdict of the table above; ServerError or `RangeRefused` where there is no body."""
    if status == 416 and wanted.partial:
        raise RangeRefused(
            UnfitError("rejected", server=wanted.server, status=status), _told_total(headers)
        )
    if status not in (200, 206):
        raise status_fault(status, headers, wanted.server)
    _refuse_encodings(wanted, headers)
    length = _length(wanted, headers)
    validator = _strong(headers)
    if status == 206:
        return _part(wanted, headers, length, validator)
    if headers.getlist("content-range"):
        raise bad_answer(wanted, "a whole package with a Content-Range")
    _refuse_types(wanted, headers)
    if length == 0:
        raise bad_answer(wanted, "an empty package")
    return Answer(0, length, length, validator, whole=True)


def _part(wanted: Wanted, headers: Headers, length: int | None, validator: str) -> Answer:
    if not wanted.partial:
        raise bad_answer(wanted, "a part where the whole was asked")
    if _type(headers).startswith("multipart/"):
        raise bad_answer(wanted, "several parts where one was asked")
    start, stop, told = _content_range(wanted, headers)
    _refuse_types(wanted, headers)
    total = wanted.total if told is None else told
    if total is None or (start, stop) != wanted.bounds(total):
        raise bad_answer(wanted, f"another part than was asked: bytes {start}-{stop - 1} of {told}")
    if length is not None and length != stop - start:
        raise bad_answer(wanted, "a part of another length than it says")
    if wanted.total not in (None, total):
        why = f"the package has {total} bytes now, not {wanted.total}"
        raise RangeRefused(bad_answer(wanted, why))
    if wanted.conditional and validator != wanted.validator:
        raise RangeRefused(bad_answer(wanted, "a part of another package than was asked"))
    return Answer(start, stop - start, total, validator, whole=False)


def _content_range(wanted: Wanted, headers: Headers) -> tuple[int, int, int | None]:
    """First byte, the one behind the last, and the total, None where it is ``*``."""
    values = headers.getlist("content-range")
    form = re.fullmatch(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", values[0] if values else "")
    if len(values) != 1 or form is None:
        raise bad_answer(wanted, "a part without a Content-Range that can be read")
    start, last = int(form[1]), int(form[2])
    total = None if form[3] == "*" else int(form[3])
    if last < start or (total is not None and last >= total):
        raise bad_answer(wanted, f"a Content-Range of no sense: {values[0][:80]}")
    return start, last + 1, total


def _told_total(headers: Headers) -> int | None:
    """What a 416 says of the size (RFC 9110 §15.5.17)."""
    form = re.fullmatch(r"bytes \*/(\d{1,18})", (headers.getlist("content-range") or [""])[0])
    return int(form[1]) if form else None


def status_fault(status: int, headers: Headers, server: str) -> ServerError:
    """The fault that a status other than success is (faults.md B7)."""
    if status in (404, 410):
        return TransientError("not-here", server=server, status=status)
    if status == 401:
        return UnfitError("token-needed", server=server)
    if status == 403:
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
    import email.utils  # rarely needed, and half of all that this module would load

    try:
        until = email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, OSError):
        return 0.0
    return max(0.0, min(until - now, MAX_RETRY_AFTER_S))


def is_package(head: bytes) -> bool:
    """Whether a stream begins as a ZIP archive does (APPNOTE 4.3.7, or 4.3.16 for an empty one)."""
    return head[:4] in SIGNATURES


def _refuse_encodings(wanted: Wanted, headers: Headers) -> None:
    for encoding in headers.getlist("content-encoding"):
        if encoding.strip().lower() not in ("", "identity"):
            raise bad_answer(wanted, f"it is encoded as {encoding[:40]!r}")
    for encoding in headers.getlist("transfer-encoding"):
        if encoding.strip().lower() != "chunked":
            raise bad_answer(wanted, f"it is transferred as {encoding[:40]!r}")


def _refuse_types(wanted: Wanted, headers: Headers) -> None:
    kind = _type(headers)
    if kind.startswith(NOT_PACKAGES):
        raise UnfitError("not-a-package", server=wanted.server, type=kind[:60])


def _type(headers: Headers) -> str:
    return (headers.getlist("content-type") or [""])[0].split(";")[0].strip().lower()


def _length(wanted: Wanted, headers: Headers) -> int | None:
    values: Sequence[str] = headers.getlist("content-length")
    if headers.getlist("transfer-encoding") or not values:
        return None
    if len(values) > 1 or not re.fullmatch(r"\d{1,18}", values[0].strip()):
        raise bad_answer(wanted, f"a Content-Length of {', '.join(values)[:60]!r}")
    return int(values[0])


def _strong(headers: Headers) -> str:
    tags = headers.getlist("etag")
    return tags[0].strip() if len(tags) == 1 and STRONG.fullmatch(tags[0].strip()) else ""


def bad_answer(wanted: Wanted, why: str) -> UnfitError:
    """The fault of an answer that makes no sense, in the words of ``why``."""
    return UnfitError("bad-answer", server=wanted.server, why=why)
