"""The documents in which office files are read: their own code runs there and reaches nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from kiosk_process import KioskProcess

from kiosk.web.contained import READERS, joined

ROOT = Path(__file__).parent.parent
SCRIPT = re.compile(r"<script[^>]*>(.*?)</script>", re.DOTALL)


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskProcess]:
    with KioskProcess(tmp_path_factory.mktemp("contained") / "data", "threading") as kiosk:
        yield kiosk


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_may_run_its_own_code_and_ask_for_nothing(
    kiosk: KioskProcess, reader: str
) -> None:
    answer = kiosk.get(f"/contained/{reader}")
    assert answer.status_code == 200
    answer.encoding = "utf-8"
    scripts = SCRIPT.findall(answer.text)
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]
    told = " ".join(f"'sha256-{one}'" for one in hashes)
    policy = answer.headers["Content-Security-Policy"]
    assert policy == (
        f"sandbox allow-scripts; default-src 'none'; script-src {told}; "
        "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    )
    assert len(scripts) == len(READERS[reader][0]) + 1
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=", SCRIPT.sub("", answer.text))


def test_there_is_no_other_reader(kiosk: KioskProcess) -> None:
    for name in ("pdf", "docx.js", "..%2f..%2fpyproject.toml"):
        assert kiosk.get(f"/contained/{name}").status_code == 404


def test_a_frame_without_an_origin_gets_nothing_here(kiosk: KioskProcess) -> None:
    for path in ("/api/meetings", "/", "/static/js/app.js", "/contained/docx"):
        assert kiosk.get(path, headers={"Origin": "null"}).status_code == 403
        told = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
        assert kiosk.get(path, headers=told).status_code == 403


def test_every_module_stands_behind_those_that_it_imports() -> None:
    for _, modules in READERS.values():
        places = [ROOT / "static" / "js" / name for name in modules]
        for at, place in enumerate(places):
            for target in re.findall(r'from "([^"]+)";', place.read_text("utf-8")):
                assert (place.parent / target).resolve() in places[:at], f"{place.name}: {target}"


@pytest.mark.parametrize("reader", list(READERS))
def test_no_two_modules_of_a_reader_name_the_same(reader: str) -> None:
    """They become one module."""
    named = re.compile(r"^(?:export )?(?:async )?(?:const|let|function|class) (\w+)", re.M)
    modules = [(ROOT / "static" / "js" / name).read_text("utf-8") for name in READERS[reader][1]]
    names = Counter(name for module in modules for name in named.findall(module))
    assert [name for name, count in names.items() if count > 1] == []


def test_modules_are_joined_without_their_imports_and_export_marks() -> None:
    one = 'import { a,\n  b } from "./b.js";\nexport const c = 1;\nexport async function d() {}\n'
    assert (
        joined([one, "export class E {}\n"])
        == "const c = 1;\nasync function d() {}\n\nclass E {}\n"
    )


@pytest.mark.parametrize(
    "module",
    ["export default 1;\n", "export { a };\n", 'import "./a.js";\n', 'import x from "y";\n'],
)
def test_a_line_that_cannot_be_joined_is_an_error(module: str) -> None:
    with pytest.raises(ValueError, match="cannot be joined"):
        joined([module])
