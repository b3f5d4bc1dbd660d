"""RFC 9110 against a real node, through nginx and without: conditions, ranges, HEAD (N3)."""

from __future__ import annotations

import http.client
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from existing_master import ExistingMaster, Meeting
from node_process import API, FRONTS, NodeProcess

from kiosk.node.conditions import Verdict, judged
from kiosk.package import inspect

PACKAGE = f"{API}/meetings/M1/download-package"
FILES = {"报告.pdf": b"%PDF-1.4 " + bytes(range(256)) * 40, "附件.pdf": b"%PDF-1.4 second" * 9}
OURS = "OURS"  # stands for the package's own ETag in the table


@dataclass(frozen=True)
class Served:
    """A node in front of an existing master, its package as it gives it whole, and its ETag."""

    node: NodeProcess
    whole: bytes
    etag: str

    def ask(self, method: str = "GET", path: str = PACKAGE, **fields: str) -> Answer:
        """One request with these header fields, over a connection of its own."""
        headers = {name.replace("_", "-"): said for name, said in fields.items()}
        return self.ask_raw(method, path, list(headers.items()))

    def ask_raw(self, method: str, path: str, headers: list[tuple[str, str]]) -> Answer:
        where = urlsplit(self.node.url)
        line = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
        try:
            line.putrequest(method, path)
            for name, said in headers:
                line.putheader(name, said.replace(OURS, self.etag))
            line.endheaders()
            answer = line.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            line.close()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="module", params=FRONTS)
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    with ExistingMaster(Meeting("M1", "会议", dict(FILES))) as master:
        data_dir = tmp_path_factory.mktemp(request.param) / "node"
        with NodeProcess(data_dir, master.url, front=request.param) as node:
            etag = node.wait_until_served()
            yield Served(node, node.package().content, etag)


LONG_AGO, FAR_OFF = "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
WHOLE = (200, None)
TABLE = [
    # Range (§14.2)
    ({}, WHOLE),
    ({"Range": "bytes=0-0"}, (206, (0, 1))),
    ({"Range": "bytes=0-9"}, (206, (0, 10))),
    ({"Range": "bytes=100-"}, (206, (100, None))),
    ({"Range": "bytes=-7"}, (206, (-7, None))),
    ({"Range": "bytes=-99999999"}, (206, (0, None))),
    ({"Range": "bytes=5-99999999999999999999999"}, (206, (5, None))),
    ({"Range": "BYTES=1-2"}, (206, (1, 3))),
    ({"Range": "bytes=007-8"}, (206, (7, 9))),
    ({"Range": "bytes=-0"}, (416, None)),
    ({"Range": "bytes=99999999-"}, (416, None)),
    ({"Range": "bytes=99999999999999999999999-"}, (416, None)),
    ({"Range": "bytes=99999999-,88888888-99999999"}, (416, None)),
    ({"Range": "bytes=9-5"}, WHOLE),
    ({"Range": "bytes=0-1,9-5"}, WHOLE),
    ({"Range": "bytes="}, WHOLE),
    ({"Range": "bytes=-"}, WHOLE),
    ({"Range": "bytes=1"}, WHOLE),
    ({"Range": "bytes=1-2x"}, WHOLE),
    ({"Range": "bytes=１-２".encode().decode("latin-1")}, WHOLE),
    ({"Range": "bytes 0-1"}, WHOLE),
    ({"Range": "lines=0-1"}, WHOLE),
    ({"Range": "bytes=0-0,2-2"}, WHOLE),
    ({"Range": "bytes=0-9,5-20"}, WHOLE),
    ({"Range": "bytes=0-0," * 300 + "9-9"}, WHOLE),
    # If-Range (§13.1.5)
    ({"Range": "bytes=3-4", "If-Range": OURS}, (206, (3, 5))),
    ({"Range": "bytes=3-4", "If-Range": f"W/{OURS}"}, WHOLE),
    ({"Range": "bytes=3-4", "If-Range": '"another"'}, WHOLE),
    ({"Range": "bytes=3-4", "If-Range": "Tue, 24 Nov 2026 09:00:00 GMT"}, WHOLE),
    ({"Range": "bytes=-0", "If-Range": '"another"'}, WHOLE),
    ({"If-Range": '"another"'}, WHOLE),
    # If-None-Match (§13.1.2): weak comparison, before Range
    ({"If-None-Match": OURS}, (304, None)),
    ({"If-None-Match": f"W/{OURS}"}, (304, None)),
    ({"If-None-Match": f'"a", {OURS} , "b"'}, (304, None)),
    ({"If-None-Match": "*"}, (304, None)),
    ({"If-None-Match": '"another"'}, WHOLE),
    ({"If-None-Match": OURS, "Range": "bytes=0-1"}, (304, None)),
    ({"If-None-Match": '"another"', "Range": "bytes=0-1"}, (206, (0, 2))),
    ({"If-None-Match": "nonsense"}, WHOLE),
    # If-Match (§13.1.1): strong comparison, before everything
    ({"If-Match": OURS}, WHOLE),
    ({"If-Match": f'"a",{OURS}', "Range": "bytes=2-4"}, (206, (2, 5))),
    ({"If-Match": "*"}, WHOLE),
    ({"If-Match": f"W/{OURS}"}, (412, None)),
    ({"If-Match": '"another"'}, (412, None)),
    ({"If-Match": '"another"', "If-None-Match": OURS}, (412, None)),
    # Dates (§13.1.3, §13.1.4): a package has none
    ({"If-Modified-Since": FAR_OFF}, WHOLE),
    ({"If-Unmodified-Since": LONG_AGO}, WHOLE),
    ({"If-Modified-Since": FAR_OFF, "Range": "bytes=0-1"}, (206, (0, 2))),
    ({"If-Unmodified-Since": LONG_AGO, "Range": "bytes=-2"}, (206, (-2, None))),
]  # fmt: skip


@pytest.mark.fault("N3")
@pytest.mark.parametrize(("fields", "expected"), TABLE, ids=lambda value: str(value)[:60])
def test_a_request_gets_what_rfc_9110_says(
    served: Served, fields: dict[str, str], expected: tuple[int, tuple[int, int | None] | None]
) -> None:
    status, part = expected
    answer = served.ask_raw("GET", PACKAGE, list(fields.items()))
    assert answer.status == status
    assert answer.headers["ETag"] == served.etag
    total = len(served.whole)
    if status == 200:
        assert answer.body == served.whole
        assert "Content-Range" not in answer.headers
    elif status == 206 and part is not None:
        start, stop, _ = slice(*part).indices(total)
        assert answer.body == served.whole[start:stop]
        assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{total}"
    else:
        assert answer.body == b""
        assert answer.headers.get("Content-Range") == (
            f"bytes */{total}" if status == 416 else None
        )


@pytest.mark.fault("N3")
def test_what_was_decided_holds_without_a_server_too() -> None:
    etag, total = '"sha256-ab"', 12_000
    for fields, (status, part) in TABLE:
        said = {name.lower(): text.replace(OURS, etag) for name, text in fields.items()}
        verdict = judged("GET", said, etag, total)
        assert verdict.status == status, fields
        if part is not None:
            start, stop, _ = slice(*part).indices(total)
            assert verdict == Verdict(206, start, stop)


@pytest.mark.fault("N3")
@pytest.mark.parametrize("fields", [{}, {"Range": "bytes=0-1"}, {"Range": "bytes=-0"}])
def test_head_tells_of_the_whole_and_sends_nothing(served: Served, fields: dict[str, str]) -> None:
    answer = served.ask("HEAD", **fields)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(served.whole))
    assert answer.headers["ETag"] == served.etag
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert served.ask("HEAD", If_None_Match=served.etag).status == 304
    assert served.ask("HEAD", If_Match='"another"').status == 412


@pytest.mark.fault("N3")
def test_the_answer_says_what_it_is(served: Served) -> None:
    for answer in (served.ask(), served.ask(Range="bytes=0-9"), served.ask(If_Match=served.etag)):
        assert answer.headers["Content-Type"] == "application/zip"
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert re.fullmatch(r"sha-256=:[A-Za-z0-9+/]{43}=:", answer.headers["Repr-Digest"])
        assert "Last-Modified" not in answer.headers
        assert not any(sign in answer.headers.get("Server", "") for sign in "/0123456789")


@pytest.mark.fault("N3")
def test_the_package_lies_at_its_own_address_too(served: Served) -> None:
    address = served.node.data()["package_url"]
    assert served.ask(path=address).body == served.whole
    assert served.ask(path=address, Range="bytes=-3").body == served.whole[-3:]
    assert served.ask(path=f"{PACKAGE}-direct").body == served.whole
    for wrong in ("0" * 64 + ".zip", "../served", "..%2fserved", "%2e%2e/upstream.json", "x.zip"):
        assert served.ask(path=f"/packages/{wrong}").status == 404
    # What nginx sends only when it is told to by us.
    name = address.rpartition("/")[2]
    assert served.ask(path=f"/_part/{name}").status == served.ask(path=f"/_whole/{name}").status
    assert served.ask(path=f"/_part/{name}").status == 404


@pytest.mark.fault("N3")
def test_two_range_fields_are_no_range(served: Served) -> None:
    answer = served.ask_raw("GET", PACKAGE, [("Range", "bytes=0-1"), ("Range", "bytes=3-4")])
    assert (answer.status, answer.body) == (200, served.whole)


@pytest.mark.fault("N3")
def test_ten_thousand_ranges_cost_nothing(served: Served) -> None:
    serving = served.node.serving_process()
    many = ",".join(f"{n}-{n}" for n in range(10_000))
    served.ask(Range=f"bytes={many}")
    before = resident_of(serving)
    for _ in range(20):
        # Too long a field for any server (RFC 6585 §5), or else the whole.
        assert served.ask(Range=f"bytes={many}").status in (200, 400, 431)
    assert served.ask(Range="bytes=" + ",".join(["0-"] * 2000)).body == served.whole
    assert resident_of(serving) - before < 8 << 20
    assert served.node.health()["status"] == "ok"


@pytest.mark.fault("N3")
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_else_can_be_done_with_a_package(served: Served, method: str) -> None:
    assert served.ask(method).status == 405


def test_what_is_served_is_a_sound_package_of_the_files(served: Served) -> None:
    found = inspect(io.BytesIO(served.whole))
    assert [entry.size for entry in found.entries][1:] == [len(one) for one in FILES.values()]
    assert served.node.manifest()["package"]["bytes"] == len(served.whole)


def resident_of(pid: int) -> int:
    """Bytes of memory that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) << 10
