"""What status and headers mean: the decision table, row by row."""

from __future__ import annotations

import email.utils
from typing import Any

import pytest
from urllib3 import HTTPHeaderDict

from kiosk.answers import Answer, RangeRefused, Wanted, is_package, judge, retry_after, status_fault
from kiosk.errors import ServerError

WHOLE = Wanted("http://a/p", "a")
REST = Wanted("http://a/p", "a", 10, '"x"', 30)


def headers(**fields: str | list[str]) -> HTTPHeaderDict:
    made = HTTPHeaderDict()
    for name, values in fields.items():
        for value in [values] if isinstance(values, str) else values:
            made.add(name.replace("_", "-"), value)
    return made


@pytest.mark.parametrize(
    ("wanted", "status", "fields", "expected"),
    [
        (WHOLE, 200, {}, Answer(0, None, None, "")),
        (WHOLE, 200, {"content_length": "30"}, Answer(0, 30, 30, "")),
        (WHOLE, 200, {"content_length": "30", "etag": '"x"'}, Answer(0, 30, 30, '"x"')),
        (WHOLE, 200, {"etag": 'W/"x"'}, Answer(0, None, None, "")),
        (WHOLE, 200, {"etag": ['"x"', '"y"']}, Answer(0, None, None, "")),
        (WHOLE, 200, {"content_encoding": "identity"}, Answer(0, None, None, "")),
        (WHOLE, 200, {"transfer_encoding": "chunked"}, Answer(0, None, None, "")),
        (WHOLE, 200, {"content_type": "application/zip"}, Answer(0, None, None, "")),
        (WHOLE, 200, {"content_type": "application/octet-stream"}, Answer(0, None, None, "")),
        (REST, 200, {"content_length": "30"}, Answer(0, 30, 30, "")),
        (
            REST, 206, {"content_range": "bytes 10-29/30", "etag": '"x"'},
            Answer(10, None, 30, '"x"'),
        ),
        (REST, 206, {"content_range": "bytes 10-29/*", "etag": '"x"'}, Answer(10, None, 30, '"x"')),
        (
            REST, 206,
            {"content_range": "bytes 10-29/30", "content_length": "20", "etag": '"x"'},
            Answer(10, 20, 30, '"x"'),
        ),
    ],
)  # fmt: skip
def test_a_sound_answer_is_a_stream(
    wanted: Wanted, status: int, fields: dict[str, Any], expected: Answer
) -> None:
    assert judge(wanted, status, headers(**fields)) == expected


@pytest.mark.parametrize(
    ("wanted", "status", "fields", "code"),
    [
        (WHOLE, 206, {"content_range": "bytes 0-29/30"}, "bad-answer"),
        (WHOLE, 200, {"content_range": "bytes 0-29/30"}, "bad-answer"),
        (WHOLE, 200, {"content_encoding": "gzip"}, "bad-answer"),
        (WHOLE, 200, {"content_length": "-1"}, "bad-answer"),
        (WHOLE, 200, {"content_length": "12abc"}, "bad-answer"),
        (WHOLE, 200, {"content_length": ["30", "31"]}, "bad-answer"),
        (WHOLE, 200, {"content_type": "text/html; charset=utf-8"}, "not-a-package"),
        (WHOLE, 200, {"content_type": "application/json"}, "not-a-package"),
        (REST, 206, {}, "bad-answer"),
        (REST, 206, {"content_range": "bytes 9-29/30"}, "bad-answer"),
        (REST, 206, {"content_range": "bytes 11-29/30"}, "bad-answer"),
        (REST, 206, {"content_range": "bytes 10-28/30"}, "bad-answer"),
        (REST, 206, {"content_range": "bytes 10-29/31"}, "bad-answer"),
        (REST, 206, {"content_range": "bytes 10-30/31"}, "bad-answer"),
        (REST, 206, {"content_range": "octets 10-29/30"}, "bad-answer"),
        (REST, 206, {"content_range": ["bytes 10-29/30", "bytes 10-29/30"]}, "bad-answer"),
        (REST, 206, {"content_type": "multipart/byteranges"}, "bad-answer"),
        (
            REST, 206, {"content_range": "bytes 10-29/30", "content_length": "19"}, "bad-answer",
        ),
        (WHOLE, 404, {}, "not-here"),
        (WHOLE, 410, {}, "not-here"),
        (WHOLE, 401, {}, "forbidden"),
        (WHOLE, 403, {}, "forbidden"),
        (WHOLE, 408, {}, "busy"),
        (WHOLE, 429, {}, "busy"),
        (WHOLE, 500, {}, "busy"),
        (WHOLE, 503, {}, "busy"),
        (WHOLE, 418, {}, "rejected"),
        (WHOLE, 416, {}, "rejected"),
        (WHOLE, 204, {}, "rejected"),
        (WHOLE, 304, {}, "rejected"),
    ],
)  # fmt: skip
def test_any_other_answer_is_refused_by_name(
    wanted: Wanted, status: int, fields: dict[str, Any], code: str
) -> None:
    with pytest.raises(ServerError) as caught:
        judge(wanted, status, headers(**fields))
    assert caught.value.code == code
    assert caught.value.message.startswith("a ") or "what a" in caught.value.message


def test_416_to_a_resume_says_that_what_is_here_does_not_fit() -> None:
    with pytest.raises(RangeRefused):
        judge(REST, 416, headers(content_range="bytes */25"))


@pytest.mark.parametrize(
    "fields",
    [
        {"content_range": "bytes 10-29/30", "etag": '"y"'},
        {"content_range": "bytes 10-30/31", "etag": '"y"'},
        {"content_range": "bytes 10-29/30", "etag": 'W/"x"'},
        {"content_range": "bytes 10-29/30"},
    ],
)
def test_a_rest_that_does_not_prove_to_be_of_our_package_is_not_taken(
    fields: dict[str, str],
) -> None:
    with pytest.raises(RangeRefused):
        judge(REST, 206, headers(**fields))


def test_a_resume_asks_for_the_rest_and_names_what_it_has() -> None:
    assert WHOLE.headers() == {}
    assert REST.headers() == {"Range": "bytes=10-", "If-Range": '"x"'}


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
