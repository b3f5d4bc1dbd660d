"""What a request with conditions and ranges gets: RFC 9110 §13.2.2 and §14, as one decision.

=====================================  =========================================================
If-Match without our ETag              412
If-None-Match with our ETag            304 (weak comparison)
If-(Un)modified-Since                  passed over: packages have no date (§13.1.3, §13.1.4)
If-Range, not our ETag to the letter   the whole: neither a date nor a weak tag can prove anything
Range, HEAD or another unit            the whole
Range that is no range, 9-5 included   the whole (§14.2 leaves that to us)
several ranges                         the whole; 416 where there is nothing in any of them
one range                              206, or 416 where it lies behind the end (``-0``, too)
=====================================  =========================================================

Several ranges in one answer are never sent: nobody in the field asks for them, and ten thousand of
them would be an attack.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SPEC = re.compile(r"(?:([0-9]+)-([0-9]*)|-([0-9]+))\Z")
_TAG = re.compile(r'\s*(?:(W/)?("[\x21\x23-\x7e\x80-\xff]*"))\s*(?:,|\Z)|\s*,')
_HUGE = 10**18  # longer than any package; more digits are not read


@dataclass(frozen=True)
class Verdict:
    """The status, and the bytes from ``start`` up to ``stop`` that the answer holds."""

    status: int
    start: int = 0
    stop: int = 0


def judged(method: str, headers: Mapping[str, str], etag: str, total: int) -> Verdict:
    """The verdict on a GET or HEAD for ``total`` bytes known by ``etag``; names in lower case."""
    if "if-match" in headers and not _listed(headers["if-match"], etag, weak=False):
        return Verdict(412)
    if "if-none-match" in headers and _listed(headers["if-none-match"], etag, weak=True):
        return Verdict(304)
    whole = Verdict(200, 0, total)
    if method != "GET" or "range" not in headers:
        return whole
    if headers.get("if-range", etag).strip() != etag:
        return whole
    ranges = _ranges(headers["range"], total)
    if not ranges:
        return whole
    found = [(start, stop) for start, stop in ranges if start < stop]
    if not found:
        return Verdict(416)
    return Verdict(206, *found[0]) if len(ranges) == 1 else whole


def _listed(value: str, etag: str, *, weak: bool) -> bool:
    """Whether a list of entity tags has ours (§8.8.3.2); a list that is none has nothing."""
    if value.strip() == "*":
        return True
    at, found = 0, False
    while at < len(value):
        tag = _TAG.match(value, at)
        if tag is None:
            return False
        found = found or (tag[2] == etag and (weak or not tag[1]))
        at = tag.end()
    return found


def _ranges(value: str, total: int) -> list[tuple[int, int]]:
    """First byte and the one behind the last of each; empty ones lie behind the end.

    None at all where it is no set of byte ranges (§14.1.1).
    """
    unit, equals, specs = value.partition("=")
    if not equals or unit.strip().lower() != "bytes":
        return []
    found = []
    for spec in specs.split(","):
        if not (spec := spec.strip(" \t")):
            continue  # an empty element of a list counts for nothing (§5.6.1.2)
        parts = _SPEC.match(spec)
        if parts is None:
            return []
        first, last, suffix = parts.groups()
        if suffix is not None:
            found.append((max(0, total - _number(suffix)), total))
            continue
        start, stop = _number(first), _number(last) + 1 if last else total
        if last and stop <= start:
            return []
        found.append((start, min(stop, total)))
    return found


def _number(digits: str) -> int:
    digits = digits.lstrip("0")
    return _HUGE if len(digits) > 18 else int(digits or "0")
