"""What status and headers mean: the decision table, row by row."""

from __future__ import annotations

import email.utils
from typing import Any

import pytest
from urllib3 import HTTPHeaderDict

from kiosk.answers import Answer, RangeRefused, Wanted, is_package, judge, retry_after, status_fault
from kiosk.errors import ServerError
from kiosk.spans import Span

WHOLE = Wanted("http://a/p", "a")
FROM = Wanted("http://a/p", "a", Span(10))
BOUNDED = Wanted("http://a/p", "a", Span(10, 20))
SUFFIX = Wanted("http://a/p", "a", suffix=10)
# The same with what is known: the size is 30, and the package is wanted that has the ETag "x".
KNOWN = {"total": 30, "validator": '"x"', "source": "http://a/p"}
FROM_30 = Wanted("http://a/p", "a", Span(10), **KNOWN)
BOUNDED_30 = Wanted("http://a/p", "a", Span(10, 20), **KNOWN)
SUFFIX_30 = Wanted("http://a/p", "a", suffix=10, **KNOWN)
BEYOND_30 = Wanted("http://a/p", "a", Span(10, 99), **KNOWN)

PARTS = [
    (FROM, "bytes 10-29/30", 10, 20),
    (BOUNDED, "bytes 10-19/30", 10, 10),
    (SUFFIX, "bytes 20-29/30", 20, 10),
    (FROM_30, "bytes 10-29/30", 10, 20),
    (BOUNDED_30, "bytes 10-19/30", 10, 10),
    (SUFFIX_30, "bytes 20-29/30", 20, 10),
    (BEYOND_30, "bytes 10-29/30", 10, 20),
]
"""What is asked, the right Content-Range for it, and its first byte and length."""
RANGES = [wanted for wanted, *_ in PARTS]
ANYTHING = [WHOLE, *RANGES]
WITH_PROOF = [row for row in PARTS if row[0].validator]
WITHOUT_PROOF = [row for row in PARTS if not row[0].validator]


def headers(**fields: str | list[str]) -> HTTPHeaderDict:
    made = HTTPHeaderDict()
    for name, values in fields.items():
        for value in [values] if isinstance(values, str) else values:
            made.add(name.replace("_", "-"), value)
    return made


def fault_of(wanted: Wanted, status: int, **fields: Any) -> str:
    """The code of the fault that the answer is."""
    with pytest.raises(ServerError) as caught:
        judge(wanted, status, headers(**fields))
    assert caught.value.details["server"] == "a"
    return caught.value.code


@pytest.mark.parametrize("wanted", ANYTHING)
@pytest.mark.parametrize(
    ("fields", "length", "validator"),
    [
        ({}, None, ""),
        ({"content_length": "30"}, 30, ""),
        ({"content_length": "30", "etag": '"x"'}, 30, '"x"'),
        ({"content_length": "31", "etag": '"y"'}, 31, '"y"'),
        ({"etag": 'W/"x"'}, None, ""),
        ({"etag": ['"x"', '"y"']}, None, ""),
        ({"etag": "x"}, None, ""),
        ({"content_encoding": "identity"}, None, ""),
        ({"transfer_encoding": "chunked"}, None, ""),
        ({"transfer_encoding": "chunked", "content_length": "7"}, None, ""),
        ({"content_type": "application/zip"}, None, ""),
        ({"content_type": "application/octet-stream"}, None, ""),
        ({"accept_ranges": "bytes"}, None, ""),
    ],
)
def test_200_is_the_whole_from_its_beginning_whatever_was_asked(
    wanted: Wanted, fields: dict[str, Any], length: int | None, validator: str
) -> None:
    expected = Answer(0, length, length, validator, whole=True)
    assert judge(wanted, 200, headers(**fields)) == expected


@pytest.mark.parametrize("wanted", ANYTHING)
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"content_range": "bytes 0-29/30"}, "bad-answer"),
        ({"content_range": "bytes 10-29/30"}, "bad-answer"),
        ({"content_encoding": "gzip"}, "bad-answer"),
        ({"content_encoding": ["identity", "br"]}, "bad-answer"),
        ({"transfer_encoding": "gzip, chunked"}, "bad-answer"),
        ({"content_length": "-1"}, "bad-answer"),
        ({"content_length": "+1"}, "bad-answer"),
        ({"content_length": "12abc"}, "bad-answer"),
        ({"content_length": ""}, "bad-answer"),
        ({"content_length": "9" * 19}, "bad-answer"),
        ({"content_length": ["30", "31"]}, "bad-answer"),
        ({"content_length": ["30", "30"]}, "bad-answer"),
        ({"content_length": "0"}, "bad-answer"),
        ({"content_type": "text/html; charset=utf-8"}, "not-a-package"),
        ({"content_type": "Application/JSON"}, "not-a-package"),
        ({"content_type": "multipart/byteranges"}, "not-a-package"),
    ],
)
def test_200_with_these_is_refused_whatever_was_asked(
    wanted: Wanted, fields: dict[str, Any], code: str
) -> None:
    assert fault_of(wanted, 200, **fields) == code


@pytest.mark.parametrize(("wanted", "told", "start", "length"), PARTS)
@pytest.mark.parametrize("with_length", [True, False])
def test_206_of_just_what_was_asked_is_that_part(
    wanted: Wanted, told: str, start: int, length: int, with_length: bool
) -> None:
    more = {"content_length": str(length)} if with_length else {}
    got = judge(wanted, 206, headers(content_range=told, etag='"x"', **more))
    assert got == Answer(start, length, 30, '"x"', whole=False)


@pytest.mark.parametrize(("wanted", "told", "start", "length"), WITH_PROOF)
def test_206_that_does_not_tell_the_total_is_the_part_of_the_known_one(
    wanted: Wanted, told: str, start: int, length: int
) -> None:
    unknown = told.replace("/30", "/*")
    got = judge(wanted, 206, headers(content_range=unknown, etag='"x"'))
    assert got == Answer(start, length, 30, '"x"', whole=False)


@pytest.mark.parametrize(("wanted", "told", "_start", "_length"), WITHOUT_PROOF)
def test_206_without_a_total_is_refused_where_none_is_known(
    wanted: Wanted, told: str, _start: int, _length: int
) -> None:
    assert fault_of(wanted, 206, content_range=told.replace("/30", "/*")) == "bad-answer"


@pytest.mark.parametrize(("wanted", "told", "_start", "length"), PARTS)
@pytest.mark.parametrize("wrong", ["first", "last", "less", "more", "length", "encoding"])
def test_206_of_anything_else_is_refused(
    wanted: Wanted, told: str, _start: int, length: int, wrong: str
) -> None:
    first, last = (int(text) for text in told[6:].split("/")[0].split("-"))
    fields = {
        "first": {"content_range": f"bytes {first - 1}-{last - 1}/30"},
        "last": {"content_range": f"bytes {first + 1}-{last}/30"},
        "less": {"content_range": f"bytes {first}-{last - 1}/30"},
        "more": {"content_range": f"bytes {first - 1}-{last}/30"},
        "length": {"content_range": told, "content_length": str(length + 1)},
        "encoding": {"content_range": told, "content_encoding": "gzip"},
    }[wrong]
    assert fault_of(wanted, 206, etag='"x"', **fields) == "bad-answer"


@pytest.mark.parametrize("wanted", RANGES)
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"content_range": ""},
        {"content_range": "bytes */30"},
        {"content_range": "bytes 10-/30"},
        {"content_range": "octets 10-19/30"},
        {"content_range": "bytes 10-9/30"},
        {"content_range": "bytes 10-30/30"},
        {"content_range": "bytes 10-19"},
        {"content_range": ["bytes 10-19/30", "bytes 10-19/30"]},
        {"content_type": "multipart/byteranges; boundary=x"},
    ],
)
def test_206_without_a_range_that_can_be_read_is_refused(
    wanted: Wanted, fields: dict[str, Any]
) -> None:
    assert fault_of(wanted, 206, etag='"x"', **fields) == "bad-answer"


@pytest.mark.parametrize(("wanted", "told", "_start", "_length"), PARTS)
def test_206_of_several_parts_or_of_a_page_is_no_package(
    wanted: Wanted, told: str, _start: int, _length: int
) -> None:
    page = fault_of(wanted, 206, content_range=told, content_type="text/html")
    several = fault_of(wanted, 206, content_range=told, content_type="multipart/byteranges; x=y")
    assert (page, several) == ("not-a-package", "bad-answer")


def test_206_where_the_whole_was_asked_is_refused() -> None:
    assert fault_of(WHOLE, 206, content_range="bytes 0-29/30") == "bad-answer"


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (FROM_30, "bytes 10-30/31"),
        (BOUNDED_30, "bytes 10-19/31"),
        (SUFFIX_30, "bytes 21-30/31"),
        (BEYOND_30, "bytes 10-39/40"),
    ],
)
@pytest.mark.parametrize("etag", [{}, {"etag": '"x"'}, {"etag": '"y"'}])
def test_the_right_part_of_a_package_of_another_size_has_to_be_learned_anew(
    wanted: Wanted, told: str, etag: dict[str, str]
) -> None:
    with pytest.raises(RangeRefused) as caught:
        judge(wanted, 206, headers(content_range=told, **etag))
    assert caught.value.fault.code == "bad-answer"


@pytest.mark.parametrize(("wanted", "told", "_start", "_length"), WITH_PROOF)
@pytest.mark.parametrize("etag", [{}, {"etag": '"y"'}, {"etag": 'W/"x"'}, {"etag": ["x", '"x"']}])
def test_a_part_without_the_proof_that_was_asked_for_is_not_taken(
    wanted: Wanted, told: str, _start: int, _length: int, etag: dict[str, Any]
) -> None:
    with pytest.raises(RangeRefused):
        judge(wanted, 206, headers(content_range=told, **etag))


@pytest.mark.parametrize(("wanted", "told", "start", "length"), WITHOUT_PROOF)
@pytest.mark.parametrize("etag", ["", '"y"', 'W/"x"', "x"])
def test_where_no_proof_was_asked_for_an_etag_is_only_a_hint(
    wanted: Wanted, told: str, start: int, length: int, etag: str
) -> None:
    got = judge(wanted, 206, headers(content_range=told, etag=etag or []))
    assert got == Answer(start, length, 30, etag if etag == '"y"' else "", whole=False)


@pytest.mark.parametrize("validator", ['W/"x"', "x", '"', '"a"b"', ""])
def test_a_weak_etag_is_never_used_for_proof(validator: str) -> None:
    wanted = Wanted("http://a/p", "a", Span(10, 20), validator=validator, total=30)
    assert wanted.headers("http://a/p") == {"Range": "bytes=10-19"}
    assert judge(wanted, 206, headers(content_range="bytes 10-19/30")).start == 10


@pytest.mark.parametrize("wanted", RANGES)
@pytest.mark.parametrize(
    ("fields", "total"),
    [({}, None), ({"content_range": "bytes */25"}, 25), ({"content_range": "bytes 1-2/25"}, None)],
)
def test_416_to_a_range_says_that_it_does_not_fit_and_perhaps_the_size(
    wanted: Wanted, fields: dict[str, str], total: int | None
) -> None:
    with pytest.raises(RangeRefused) as caught:
        judge(wanted, 416, headers(**fields))
    assert (caught.value.total, caught.value.fault.code) == (total, "rejected")


@pytest.mark.parametrize("wanted", ANYTHING)
@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "not-here"),
        (410, "not-here"),
        (401, "token-needed"),
        (403, "forbidden"),
        (408, "busy"),
        (425, "busy"),
        (429, "busy"),
        (500, "busy"),
        (503, "busy"),
        (599, "busy"),
        (400, "rejected"),
        (418, "rejected"),
        (204, "rejected"),
        (304, "rejected"),
        (103, "rejected"),
    ],
)
def test_a_status_that_is_no_success_has_a_name(wanted: Wanted, status: int, code: str) -> None:
    assert fault_of(wanted, status, content_type="text/html") == code


def test_416_to_the_whole_is_turned_down() -> None:
    assert fault_of(WHOLE, 416) == "rejected"


@pytest.mark.parametrize(
    ("wanted", "range_"),
    [(FROM_30, "bytes=10-"), (BOUNDED_30, "bytes=10-19"), (SUFFIX_30, "bytes=-10")],
)
def test_only_the_address_that_gave_an_etag_is_shown_it(wanted: Wanted, range_: str) -> None:
    assert wanted.headers("http://a/p") == {"Range": range_, "If-Range": '"x"'}
    assert wanted.headers("http://b/p") == {"Range": range_}
    assert (wanted.at("http://b/p").total, wanted.at("http://b/p").validator) == (None, "")
    assert wanted.at("http://a/p") is wanted and WHOLE.headers("http://a/p") == {}


def test_a_suffix_longer_than_the_package_is_all_of_it() -> None:
    wanted = Wanted("http://a/p", "a", suffix=99)
    got = judge(wanted, 206, headers(content_range="bytes 0-29/30", content_length="30"))
    assert got == Answer(0, 30, 30, "", whole=False)


NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("999999999", 3600.0),
        (email.utils.formatdate(NOW + 30, usegmt=True), 30.0),
        (email.utils.formatdate(NOW - 30, usegmt=True), 0.0),
        (email.utils.formatdate(NOW + 10 * 365 * 86400, usegmt=True), 3600.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("", 0.0),
        ("Wed, 99 Foo 9999 99:99:99 GMT", 0.0),
        ("Sun, 06 Nov 99999999999999994 08:49:37 GMT", 0.0),
    ],
)
def test_retry_after_is_read_in_seconds_or_as_a_date_and_capped(value: str, seconds: float) -> None:
    assert retry_after(headers(retry_after=value), NOW) == pytest.approx(seconds, abs=1)


def test_a_busy_server_says_when_to_come_back() -> None:
    fault = status_fault(503, headers(retry_after="7"), "a")
    assert fault.details["retry_after"] == 7.0


def test_a_package_is_known_by_its_first_bytes() -> None:
    assert is_package(b"PK\x03\x04more")
    assert is_package(b"PK\x05\x06")
    assert not is_package(b"<!doctype html>")
    assert not is_package(b"PK")
