"""The agenda: what the master says, whatever it says, matched with what the package holds."""

from __future__ import annotations

import io
import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zips import File, archive

from kiosk import agenda
from kiosk.errors import PackageError
from kiosk.package import Package, inspect

DATA: dict[str, Any] = {
    "id": "t-1",
    "meeting_id": "M1",
    "title": "经营工作会",
    "intro": None,
    "time": "2026-03-01 09:00",
    "status": "进行中",
    "agenda_items": [
        {
            "position": 1,
            "title": "工作报告",
            "files": [
                {
                    "name": "a1.pdf",
                    "display_name": "工作报告.pdf",
                    "size": 5,
                    "temp_id": "a1",
                    "agenda_folder": "01_工作报告",
                    "total_pages": 12,
                },
                {"name": "附件", "size": "5", "temp_id": "a2", "agenda_folder": "01_工作报告"},
            ],
        },
        {"position": 2, "title": "讨论", "files": []},
        {"position": 3, "title": None, "files": [{"name": "b1.txt", "agenda_folder": "03"}]},
    ],
    "package_url": "/static/packages/第 1 次.zip",
}


def package(*names: str) -> Package:
    return inspect(io.BytesIO(archive(*map(File, names))))


def parsed(document: Any, extra: Any = None) -> agenda.MeetingData:
    data = agenda.parse(document, extra)
    assert data is not None
    return data


def rows(data: Any, *names: str) -> list[tuple[str, list[tuple[str, str | None]]]]:
    """Per item its title, and per file the shown name and the entry that it is."""
    return [
        (one.item.title, [(listed.name, entry and entry.path) for listed, entry in one.files])
        for one in agenda.arrange(agenda.parse(data), package(*names))
    ]


def listing(*files: Any, title: str = "t") -> dict[str, Any]:
    return {"agenda_items": [{"title": title, "files": list(files)}]}


def test_the_document_of_the_master_is_understood() -> None:
    data = parsed(DATA)
    assert (data.meeting_id, data.title, data.intro) == ("M1", "经营工作会", "")
    assert (data.time, data.status, data.token) == ("2026-03-01 09:00", "进行中", "t-1")
    assert data.package_url == "/static/packages/第 1 次.zip"
    assert [item.title for item in data.items] == ["工作报告", "讨论", ""]
    first = data.items[0].files[0]
    assert (first.name, first.size, first.pages) == ("工作报告.pdf", 5, 12)
    assert data.items[0].files[1].size == 5


def test_files_are_found_by_folder_and_id_in_the_order_of_the_document() -> None:
    names = ["README.txt", "03/b1.txt", "01_工作报告/a2.pdf", "01_工作报告/a1.pdf", "03/extra.txt"]
    assert rows(DATA, *names) == [
        ("工作报告", [("工作报告.pdf", "01_工作报告/a1.pdf"), ("附件.pdf", "01_工作报告/a2.pdf")]),
        ("讨论", []),
        ("", [("b1.txt", "03/b1.txt")]),
    ]


def test_what_the_package_lacks_is_missing_and_the_rest_is_shown() -> None:
    found = rows(DATA, "01_工作报告/a1.pdf")
    assert found[0][1] == [("工作报告.pdf", "01_工作报告/a1.pdf"), ("附件", None)]
    assert found[2][1] == [("b1.txt", None)]


@pytest.mark.parametrize(
    ("file", "names", "entry"),
    [
        ({"temp_id": "a", "name": "x", "agenda_folder": "f"}, ["f/a.pdf", "x"], "f/a.pdf"),
        ({"temp_id": 7, "name": "x", "agenda_folder": "f"}, ["f/7.pdf", "f/77.pdf"], "f/7.pdf"),
        ({"temp_id": "a.b", "name": "x", "agenda_folder": "f"}, ["f/a.b", "f/a.c"], "f/a.b"),
        ({"name": "x.pdf", "agenda_folder": "f"}, ["g/x.pdf", "f/x.pdf"], "f/x.pdf"),
        ({"name": "x.pdf", "agenda_folder": "f/"}, ["g/x.pdf", "f/x.pdf"], "f/x.pdf"),
        ({"name": "x.pdf", "agenda_folder": "moved"}, ["g/x.pdf", "g/y.pdf"], "g/x.pdf"),
        ({"name": "x.pdf", "agenda_folder": "moved"}, ["g/x.pdf", "h/x.pdf", "f/y.pdf"], None),
        ({"name": "../x.pdf", "agenda_folder": ".."}, ["x.pdf"], None),
        ("files/x.pdf", ["g/x.pdf"], "g/x.pdf"),
        ("files/x.pdf", ["files/x.pdf", "g/x.pdf"], "files/x.pdf"),
    ],
)
def test_a_file_is_found_by_id_then_by_name_then_by_a_name_that_is_alone(
    file: Any, names: list[str], entry: str | None
) -> None:
    other = {"name": "other.txt", "agenda_folder": ""}
    ((_, found),) = rows(listing(file, other), "other.txt", *names)
    assert found[0][1] == entry


@pytest.mark.parametrize(
    ("shown", "entry", "wanted"),
    [
        ("报告", "f/a.pdf", "报告.pdf"),
        ("报告.pdf", "f/a.pdf", "报告.pdf"),
        ("报告.PDF", "f/a.pdf", "报告.PDF"),
        ("报告 v1.2", "f/a.pdf", "报告 v1.2.pdf"),
        ("报告.docx", "f/a.pdf", "报告.docx.pdf"),
        ("photo.jpeg", "f/a.jpg", "photo.jpeg"),
        ("报告", "f/a", "报告"),
    ],
)
def test_a_shown_name_ends_in_what_the_file_is(shown: str, entry: str, wanted: str) -> None:
    file = {"display_name": shown, "temp_id": "a", "agenda_folder": "f"}
    assert rows(listing(file), entry) == [("t", [(wanted, entry)])]


def test_names_with_wide_spaces_or_decomposed_letters_are_found() -> None:
    file = {"display_name": "经营　情况", "temp_id": "é\u00a01", "agenda_folder": "第　一 项"}
    assert rows(listing(file, title="第　一 项"), "第　一 项/é\u00a01.pdf") == [
        ("第　一 项", [("经营　情况.pdf", "第　一 项/é\u00a01.pdf")])
    ]
    decomposed = {**file, "temp_id": unicodedata.normalize("NFD", "é")}
    assert rows(listing(decomposed), "第　一 项/é.pdf")[0][1][0][1] == "第　一 项/é.pdf"


def test_files_of_the_same_shown_name_stay_two() -> None:
    files = [{"display_name": "附件", "temp_id": one, "agenda_folder": "f"} for one in "ab"]
    assert rows(listing(*files), "f/a.pdf", "f/b.pdf") == [
        ("t", [("附件.pdf", "f/a.pdf"), ("附件.pdf", "f/b.pdf")])
    ]


def test_a_field_that_is_null_leaves_its_word_to_the_other_name_of_it() -> None:
    file = {"name": "a", "total_pages": None, "page": 3}
    item = {"files": [file, "", "/"], "duration_minutes": None, "minutes": 9}
    (found,) = parsed({"agenda_items": [item]}).items
    assert (found.minutes, [one.pages for one in found.files]) == (9, [3])


def test_a_large_agenda_is_there_to_the_last_file() -> None:
    files = [[{"name": "x", "temp_id": f"{n}", "agenda_folder": f"{i}"} for n in range(40)]
             for i in range(60)]  # fmt: skip
    document = {"agenda_items": [{"title": f"{i}", "files": one} for i, one in enumerate(files)]}
    names = [f"{i}/{n}.pdf" for i in range(60) for n in range(40)]
    found = rows(document, *names)
    assert [entry for _, one in found for _, entry in one] == names


def test_an_endless_agenda_is_cut_off() -> None:
    item = {"files": ["x"] * agenda.MAX_FILES}
    found = parsed({"agenda_items": [item] * 3 * agenda.MAX_ITEMS}).items
    assert len(found) == agenda.MAX_ITEMS
    assert sum(len(one.files) for one in found) == agenda.MAX_FILES
    assert parsed({"id": 10**5000, "title": "t"}).token == ""


def test_the_old_shape_is_understood() -> None:
    old = {
        "meeting_id": 7,
        "part": [
            {"title": "一", "file": "docs/一.pdf", "page": "3", "reporter": "王"},
            {"title": "二", "file": None},
            {"title": "三", "file": ["三a.pdf", "三b.pdf"]},
        ],
    }
    data = parsed(old)
    assert data.meeting_id == "7"
    assert data.items[0].reporter == "王"
    assert data.items[0].files[0].pages == 3
    assert rows(old, "一.pdf", "三b.pdf", "x/三a.pdf") == [
        ("一", [("一.pdf", "一.pdf")]),
        ("二", []),
        ("三", [("三a.pdf", "x/三a.pdf"), ("三b.pdf", "三b.pdf")]),
    ]


def test_reporters_and_minutes_come_from_the_other_document() -> None:
    extra = {
        "agenda_items": [
            {"title": "工作报告", "reporter": "李", "duration_minutes": "20"},
            {"title": "别的", "reporter": "nobody"},
        ]
    }
    first, second, third = parsed(DATA, extra).items
    assert (first.reporter, first.minutes) == ("李", 20)
    assert (second.reporter, third.reporter) == ("", "")
    assert len(first.files) == 2


# The set of files


def test_the_fingerprint_is_of_the_set_of_files_alone() -> None:
    other = json.loads(json.dumps(DATA))
    other["id"], other["title"] = "t-2", "renamed"
    other["agenda_items"].reverse()
    other["agenda_items"][2]["files"].reverse()
    assert parsed(other).fingerprint == parsed(DATA).fingerprint


@pytest.mark.parametrize(("key", "value"), [("size", 6), ("temp_id", "z"), ("agenda_folder", "f")])
def test_another_size_id_or_folder_is_another_set(key: str, value: Any) -> None:
    other = json.loads(json.dumps(DATA))
    other["agenda_items"][0]["files"][0][key] = value
    assert parsed(other).fingerprint != parsed(DATA).fingerprint


def test_a_document_without_files_says_nothing_about_the_package() -> None:
    assert parsed({"title": "t", "agenda_items": []}).fingerprint == ""


# Without a document


def test_without_a_document_the_folders_are_the_agenda_in_natural_order() -> None:
    names = [
        "README.txt",
        "10 其他/x.pdf",
        "2 预算/b10.pdf",
        "2 预算/b9.pdf",
        "a.txt",
        "2 预算/s/c.pdf",
    ]
    assert rows(None, *names) == [
        ("", [("a.txt", "a.txt")]),
        (
            "2 预算",
            [
                ("b9.pdf", "2 预算/b9.pdf"),
                ("b10.pdf", "2 预算/b10.pdf"),
                ("s/c.pdf", "2 预算/s/c.pdf"),
            ],
        ),
        ("10 其他", [("x.pdf", "10 其他/x.pdf")]),
    ]


def test_folders_and_files_with_chinese_numbers_stand_as_people_count() -> None:
    names = ["第十项 其他/附件十.pdf", "第二项 预算/二、说明.pdf", "第二项 预算/十、附表.pdf"]
    assert [title for title, _ in rows(None, *names)] == ["第二项 预算", "第十项 其他"]
    assert [shown for shown, _ in rows(None, *names)[0][1]] == ["二、说明.pdf", "十、附表.pdf"]


def test_the_order_of_the_archive_changes_nothing() -> None:
    names = ["1/a.pdf", "01/a.pdf", "1/A.pdf", "B/x", "b/x"]
    assert rows(None, *names) == rows(None, *reversed(names))


def test_what_file_managers_leave_behind_is_no_material() -> None:
    litter = ["__MACOSX/1/._a.pdf", ".DS_Store", "1/.DS_Store", "1/Thumbs.db", "1/desktop.ini"]
    assert rows(None, "1/a.pdf", *litter) == [("1", [("a.pdf", "1/a.pdf")])]
    with pytest.raises(PackageError) as caught:
        rows(None, *litter)
    assert caught.value.code == "empty-package"


def test_an_agenda_without_files_gives_its_titles_to_the_folders() -> None:
    bare = {"agenda_items": [{"title": "工作报告", "files": []}, {"title": "预算"}]}
    assert [title for title, _ in rows(bare, "1/a.pdf", "2/b.pdf")] == ["工作报告", "预算"]
    assert [title for title, _ in rows(bare, "1/a.pdf")] == ["1"]


# Packages that are no good


def test_a_package_with_nothing_but_notes_is_empty_and_says_why() -> None:
    raw = io.BytesIO(
        archive(
            File("README.txt", b"hello"),
            File("ERROR.txt", "打包失败：\n磁盘已满".encode("gb18030")),
        )
    )
    found = inspect(raw)
    with pytest.raises(PackageError) as caught:
        agenda.arrange(None, found, agenda.notice_in(raw, found))
    assert caught.value.code == "empty-package"
    assert caught.value.details["why"] == "打包失败： 磁盘已满"


def test_a_long_notice_is_shortened() -> None:
    raw = io.BytesIO(archive(File("ERROR.txt", b"no " * 10_000)))
    assert len(agenda.notice_in(raw, inspect(raw))) <= 200


def test_a_package_without_any_file_is_empty() -> None:
    with pytest.raises(PackageError) as caught:
        agenda.arrange(None, package())
    assert caught.value.code == "empty-package"


def test_the_package_of_another_meeting_is_refused() -> None:
    with pytest.raises(PackageError) as caught:
        agenda.arrange(agenda.parse(DATA), package("99/z9.pdf"))
    assert caught.value.code == "damaged"


# Hostile documents


@pytest.mark.parametrize("document", [None, [], {}, "text", 5, True, [DATA]])
def test_what_is_no_document_is_none(document: Any) -> None:
    assert agenda.parse(document) is None


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["a1", "f", "\ud800", "../x", "9" * 40, "x" * 5000]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
FILE_KEYS = ("name", "display_name", "size", "temp_id", "agenda_folder", "total_pages")
FILE = st.fixed_dictionaries({}, optional=dict.fromkeys(FILE_KEYS, VALUES)) | VALUES
ITEM = st.fixed_dictionaries(
    {},
    optional={
        "title": VALUES,
        "reporter": VALUES,
        "duration_minutes": VALUES,
        "files": st.lists(FILE, max_size=3) | VALUES,
        "file": VALUES,
    },
)
HEAD_KEYS = ("id", "meeting_id", "title", "intro", "time", "status", "package_url")
HEAD = dict.fromkeys(HEAD_KEYS, VALUES)
ITEMS = {key: st.lists(ITEM | VALUES, max_size=3) | VALUES for key in ("agenda_items", "part")}


@given(st.fixed_dictionaries({}, optional=HEAD | ITEMS), VALUES)
def test_any_document_is_taken_for_what_makes_sense_in_it(document: Any, extra: Any) -> None:
    data = agenda.parse(document, extra)
    if data is None:
        assert not document
        return
    texts = [data.title, data.meeting_id, data.time, *(item.title for item in data.items)]
    texts += [listed.name for item in data.items for listed in item.files]
    assert all(len(text) <= agenda.MAX_TEXT for text in texts)
    json.dumps([text.encode("utf-8").decode() for text in texts])
    numbers = [listed.pages for item in data.items for listed in item.files]
    assert all(number is None or number >= 0 for number in numbers)
    try:
        placed = agenda.arrange(data, package("f/a1.pdf", "b.txt"))
    except PackageError:
        return
    assert all(isinstance(listed.name, str) for one in placed for listed, _ in one.files)
