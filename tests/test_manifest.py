"""A revision's manifest: the same content has the same name, and nothing else is ever believed."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.manifest import AgendaItem, Manifest, Material, decode

TEXTS = st.text(max_size=20)
COUNTS = st.none() | st.integers(0, 1 << 60)
HASHES = st.none() | st.text("0123456789abcdef", min_size=64, max_size=64)
MATERIALS = st.builds(Material, TEXTS, TEXTS, st.integers(0, 1 << 60), HASHES, COUNTS)
ITEMS = st.builds(
    AgendaItem, TEXTS, TEXTS, COUNTS, st.lists(MATERIALS, max_size=3).map(tuple)
)  # fmt: skip
MANIFESTS = st.builds(
    Manifest,
    meeting=TEXTS,
    title=TEXTS,
    intro=TEXTS,
    time=TEXTS,
    status=TEXTS,
    agenda=st.lists(ITEMS, max_size=3).map(tuple),
    missing=st.lists(TEXTS, max_size=2).map(tuple),
    fingerprint=TEXTS,
    published_at=TEXTS,
    servers=st.dictionaries(TEXTS, st.integers(0, 1 << 60), max_size=2),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)
REPORT = Material("01/a.pdf", "报告.pdf", 9, "ab" * 32, 3)
SAMPLE = Manifest(
    "M1",
    "经营工作会",
    agenda=(AgendaItem("开场", "王", 5, (REPORT,)), AgendaItem("空")),
    missing=("预算.pdf",),
    servers={"10.1.1.11:8001": 9},
)


def document(manifest: Manifest = SAMPLE) -> dict[str, Any]:
    return json.loads(manifest.encode())


@given(MANIFESTS)
def test_what_is_written_is_read_back(manifest: Manifest) -> None:
    again = decode(manifest.encode())
    assert again == manifest
    assert again.revision == manifest.revision
    assert again.materials == tuple(one for item in manifest.agenda for one in item.materials)


@pytest.mark.parametrize(
    "change",
    [
        {"meeting": "M2"}, {"title": "x"}, {"intro": "x"}, {"time": "x"}, {"missing": ()},
        {"fingerprint": "x"}, {"agenda": SAMPLE.agenda[::-1]}, {"agenda": SAMPLE.agenda[:1]},
    ],
)  # fmt: skip
def test_other_content_has_another_name(change: dict[str, Any]) -> None:
    assert dataclasses.replace(SAMPLE, **change).revision != SAMPLE.revision


@pytest.mark.parametrize(
    "change", [{"status": "ended"}, {"published_at": "2026-11-24T09:00:00+00:00"}, {"servers": {}}]
)
def test_how_it_came_here_does_not_change_its_name(change: dict[str, Any]) -> None:
    assert dataclasses.replace(SAMPLE, **change).revision == SAMPLE.revision


def test_the_objects_are_what_is_here_and_not_what_lacks() -> None:
    lacking = Material("", "预算.pdf")
    item = AgendaItem("", materials=(REPORT, lacking, REPORT))
    assert Manifest("M1", agenda=(item,)).objects == {"ab" * 32: 9}


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_word(content: bytes) -> None:
    with pytest.raises(ValueError):
        decode(content)


@given(JSON)
def test_any_document_is_refused_with_a_word(content: object) -> None:
    with pytest.raises(ValueError):
        decode(json.dumps(content).encode())


@given(st.sampled_from(sorted(document())), JSON)
def test_a_manifest_with_another_value_in_a_field_is_the_same_or_refused(
    name: str, value: object
) -> None:
    try:
        found = decode(json.dumps({**document(), name: value}).encode())
    except ValueError:
        return
    assert found.revision == SAMPLE.revision


@given(st.sampled_from(sorted(document()["agenda"][0]["materials"][0])), JSON)
def test_a_material_with_another_value_in_a_field_is_the_same_or_refused(
    name: str, value: object
) -> None:
    changed = document()
    changed["agenda"][0]["materials"][0][name] = value
    try:
        found = decode(json.dumps(changed).encode())
    except ValueError:
        return
    assert found.materials == SAMPLE.materials


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"null", b"[" * 100_000, b'{"format": 2}', b'{"format": 1}', b"\xff\xfe\x00",
        SAMPLE.encode()[:-20], SAMPLE.encode().replace(b'"bytes": 9', b'"bytes": 8'),
        SAMPLE.encode().replace(b'"bytes": 9', b'"bytes": -9'),
        SAMPLE.encode().replace(b": 9\n", b": 1e999\n"),
        SAMPLE.encode().replace(b"ab" * 32, b"../" + b"ab" * 31),
    ],
)  # fmt: skip
def test_a_damaged_manifest_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        decode(content)


@pytest.mark.parametrize("name", sorted(set(document()) - {"format", "revision"}))
def test_a_manifest_that_lacks_a_field_is_refused(name: str) -> None:
    lacking = document()
    del lacking[name]
    with pytest.raises(ValueError):
        decode(json.dumps(lacking).encode())
