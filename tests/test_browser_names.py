"""Hostile names and titles, in every place where a name is shown: as text and nothing else (S8).

Each view is read in the browser: every text and every attribute that holds one of the names is
collected. A name may stand in texts and in the few attributes that are only ever words; whatever
else holds one, an element that came out of a name, or a handler on any element, fails.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import hostile
import pytest
from kiosk_process import KioskProcess, eventually, meeting_of
from playwright.sync_api import Page, expect
from reading import rows_of, t, terminal_with

from kiosk.demo.origin import OriginMeeting

pytestmark = [pytest.mark.browser, pytest.mark.fault("S8")]

LEAST = 40
LOOKED_AT = 8
PARSED = """(html) => {
  const page = new DOMParser().parseFromString(html, 'text/html');
  return [page.body.dataset.organisation, page.querySelectorAll('*').length];
}"""
WORDS_ONLY = {"title", "aria-label", "aria-valuetext", "alt", "value", "data-organisation"}
GO_ON = "document.querySelector('.reader-neighbours button:last-of-type').click()"
COLLECT = """
(names) => {
  const found = { texts: [], attributes: [], wrong: [] };
  const known = new Set(names);
  const long = names.filter((name) => name.length > 6);
  const placeOf = (node) => [node.localName, ...node.classList].slice(0, 2).join('.');
  for (const node of document.querySelectorAll('*')) {
    if (known.has(node.textContent)) found.texts.push([node.textContent, placeOf(node)]);
    for (const { name, value } of node.attributes) {
      const where = `${placeOf(node)}[${name}]`;
      const leads = /^(href|src|action|formaction|data|xlink:href)$/.test(name);
      const isOwn = /^(\\/(?!\\/)|#|blob:|data:image\\/)/.test(value);
      if (/^(on.*|srcdoc|style)$/.test(name) && long.some((one) => value.includes(one))) found.wrong.push(where);
      if (/^(on.*|srcdoc)$/.test(name) || (leads && !isOwn)) found.wrong.push(where);
      if (known.has(value) || long.some((one) => value.includes(one))) found.attributes.push([name, where]);
    }
  }
  const strange = 'canary-x, body script, #app :is(style, base, math, template, iframe, object, embed)';
  for (const node of document.querySelectorAll(strange)) found.wrong.push(node.outerHTML.slice(0, 90));
  if (window.hacked !== undefined) found.wrong.push('a script ran');
  return found;
}
"""  # noqa: E501 - a script


def assert_only_words(page: Page, names: list[str], *places: str) -> None:
    """Each of the names is the whole text of an element, in each of the places if some are named.

    A place is an element with its first class, such as ``span.name``.
    """
    found: dict[str, Any] = page.evaluate(COLLECT, names)
    assert found["wrong"] == []
    assert [where for name, where in found["attributes"] if name not in WORDS_ONLY] == []
    for place in places or ("",):
        lacking = [
            name for name in names
            if not any(text == name and where.startswith(place) for text, where in found["texts"])
        ]  # fmt: skip
        assert lacking == [], f"not in {place or 'the page'}"


def materials(suffix: str, content: bytes = b"x", *, lacking: bool = False) -> OriginMeeting:
    """A meeting with an item and a material of each hostile name; ``lacking``: only one is here."""
    files = {f"{n}{suffix}": content + b" %d" % n for n in range(len(hostile.NAMES))}
    meeting = meeting_of(files, title=hostile.NAMES[0])
    listed = meeting.data["agenda_items"][0]["files"]
    meeting.data |= {"time": hostile.NAMES[1], "intro": hostile.NAMES[2]}
    meeting.data["agenda_items"] = [
        {"position": n + 1, "title": name, "reporter": hostile.NAMES[n - 1],
         "files": [{**listed[n], "display_name": name}]}
        for n, name in enumerate(hostile.NAMES)
    ]  # fmt: skip
    if lacking:
        meeting.package = meeting_of({f"0{suffix}": content + b" 0"}).package
    return meeting


def refused(entry: str, content: str = "x") -> OriginMeeting:
    """A package that nobody accepts, for a reason that has ``entry`` or ``content`` in it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(entry, content)
    return OriginMeeting(packed.getvalue(), {"meeting_id": "x", "title": "会"})


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KioskProcess]:
    meetings = {
        "M1": materials(".txt"),
        "broken": materials(".pdf", b"%PDF-1.7\nnonsense"),
        "none": materials(".bin", b"\0\1\2"),
        "lacking": materials(".txt", lacking=True),
        "remote": materials(".txt"),
        "unsafe": refused(f"../{hostile.NAMES[1]}"),
        "error": refused("ERROR.txt", hostile.NAMES[0]),
    }
    for n, name in enumerate(hostile.NAMES):
        meetings[f"T{n}"] = meeting_of({"a.txt": b"x"}, title=name)
    place = tmp_path_factory.mktemp("names") / "data"
    here = ("M1", "broken", "none", "lacking")
    with terminal_with(place, meetings, here=here) as kiosk:
        yield kiosk


def test_there_are_enough_of_them() -> None:
    assert len(set(hostile.NAMES)) >= LEAST


def titles(kiosk: KioskProcess) -> list[str]:
    return [item["title"] for item in kiosk.meeting("M1")["agenda"]]


def test_titles_of_meetings_on_the_welcome_page(page: Page, kiosk: KioskProcess) -> None:
    page.goto(kiosk.url)
    expect(page.locator(".meeting-card").first).to_be_visible()
    shown = [row["title"] for row in kiosk.json("/api/meetings")["meetings"]]
    assert len(set(shown)) >= LEAST
    assert_only_words(page, shown, "span.name")


def test_titles_reporters_and_the_header_of_a_meeting(page: Page, kiosk: KioskProcess) -> None:
    page.goto(f"{kiosk.url}/meetings/M1")
    expect(page.locator(".agenda button.item").first).to_be_visible()
    items = kiosk.meeting("M1")["agenda"]
    reporters = [item["reporter"] for item in items if item["reporter"]]
    named = [item["title"] for item in items if item["title"]]
    assert min(len(set(named)), len(set(reporters))) >= LEAST
    assert_only_words(page, named, "span.name")
    assert_only_words(page, reporters, "span.fact")
    meeting = kiosk.meeting("M1")
    assert_only_words(page, [meeting["title"]], "h1.name")
    assert_only_words(page, [meeting["time"]], "p.when")


def test_names_of_materials_on_their_cards_and_titles_above_them(
    page: Page, kiosk: KioskProcess
) -> None:
    page.goto(f"{kiosk.url}/meetings/M1")
    rows = rows_of(kiosk)
    assert len({row["name"] for row in rows}) >= LEAST
    for index, (title, row) in enumerate(zip(titles(kiosk), rows, strict=True)):
        page.locator(".agenda button.item").nth(index).tap()
        expect(page.locator(".cards .name")).to_have_attribute("title", row["name"])
        assert page.locator(".cards .name").evaluate("(node) => node.textContent") in (
            row["name"], row["name"].removesuffix(".txt"),
        )  # fmt: skip
        assert_only_words(page, [title] if title else [], "h2.item-title")


@pytest.mark.parametrize(
    ("meeting", "place"),
    [("M1", "h1.reader-title"), ("broken", "strong"), ("none", "strong"), ("lacking", "strong"),
     ("remote", "strong")],
)  # fmt: skip
def test_names_in_the_reader_and_on_its_cards(
    page: Page, kiosk: KioskProcess, meeting: str, place: str
) -> None:
    """Shown, damaged, of no known kind, missing, and not here yet."""
    rows = rows_of(kiosk, meeting)
    if meeting == "lacking":
        rows = rows[1:4]  # nobody can leaf to what is missing
    for row in rows:
        if row is rows[0] or meeting == "lacking":
            page.goto(f"{kiosk.url}/meetings/{meeting}/materials/{row['n']}")
        else:
            page.evaluate(GO_ON)
        expect_name(page, row["name"])
        card = page.locator(".flow .text-piece" if meeting == "M1" else ".reader-card-file strong")
        expect(card).to_be_attached(timeout=10_000)
        assert_only_words(page, [row["name"]], place)


def expect_name(page: Page, name: str) -> None:
    """The reader says so, and so does the window."""
    head = page.locator(".reader-title")
    eventually(lambda: head.evaluate("(node) => node.textContent") == name)
    assert " ".join(page.title().split()).startswith(" ".join(name.split())[:200])


def test_names_in_the_list_of_materials_and_among_what_was_found(
    page: Page, kiosk: KioskProcess
) -> None:
    names = [row["name"] for row in rows_of(kiosk)]
    page.goto(f"{kiosk.url}/meetings/M1/materials/1")
    page.get_by_role("button", name=t("reader.contents"), exact=True).tap()
    # Those that another test has opened stand above the agenda once more.
    recent = page.get_by_role("heading", name=t("reader.recent"), exact=True)
    agenda = page.locator(".contents-list section").filter(has_not=recent)
    expect(agenda.locator(".contents-line")).to_have_count(len(names))
    assert_only_words(page, names, "span.contents-name")
    page.goto(f"{kiosk.url}/meetings/M1/search?q=txt")
    expect(page.locator(".found-name")).to_have_count(len(names))
    assert_only_words(page, names, "h2.found-name")


def test_names_of_missing_materials_in_the_notice(page: Page, kiosk: KioskProcess) -> None:
    page.goto(f"{kiosk.url}/meetings/lacking")
    notice = page.locator(".notice.warn")
    expect(notice).to_be_visible()
    missing = kiosk.meeting("lacking")["local"]["missing"]
    assert len(missing) >= LEAST
    assert missing[0] in notice.evaluate("(node) => node.textContent")
    assert_only_words(page, [])


@pytest.mark.parametrize(
    ("meeting", "said"), [("unsafe", hostile.NAMES[1]), ("error", hostile.NAMES[0])]
)
def test_what_a_package_says_of_itself_when_it_is_refused(
    page: Page, kiosk: KioskProcess, meeting: str, said: str
) -> None:
    page.goto(f"{kiosk.url}/meetings/{meeting}")
    page.get_by_role("button", name=t("meeting.download")).tap()
    panel = page.locator(".panel.failed")
    expect(panel).to_be_visible(timeout=15_000)
    assert said in str(kiosk.json(f"/api/downloads/{meeting}")), "the page has been told"
    found = page.evaluate(COLLECT, [said])
    assert found["wrong"] == []


def test_the_name_of_the_organisation_everywhere(page: Page, kiosk: KioskProcess) -> None:
    """The page takes it from its own attribute: read for each of them, and shown for some."""
    names = [name for name in hostile.NAMES if name.isprintable() and len(name) < 90]
    kiosk.send("PUT", "/api/settings", {"title": "会"})
    _, elements = page.evaluate(PARSED, kiosk.get("/").text)
    taken: list[str] = []
    for name in names:
        if kiosk.send("PUT", "/api/settings", {"title": name}).status_code != 200:
            continue
        taken.append(name)
        rows = kiosk.json("/api/settings")["settings"]
        shown = next(row["value"] for row in rows if row["name"] == "title")
        if len(taken) > LOOKED_AT:
            assert page.evaluate(PARSED, kiosk.get("/").text) == [shown, elements]
            continue
        page.goto(kiosk.url)
        organisation = page.locator("p.organisation")
        expect(organisation).to_be_visible()
        assert organisation.evaluate("(node) => node.textContent") == (shown or t("app.name"))
        assert_only_words(page, [shown] if shown else [], "p.organisation")
    assert len(taken) >= 20
    page.goto(kiosk.url + "/options")
    page.get_by_role("button", name=t("options.group.look"), exact=True).tap()
    assert_only_words(page, [])


def test_servers_of_hostile_names_on_the_options_page(page: Page, kiosk: KioskProcess) -> None:
    page.goto(kiosk.url + "/options")
    field = page.get_by_label(t("settings.server_ip.label"), exact=True)
    for name in hostile.NAMES:
        if name.isprintable() and len(name) < 90:
            field.fill(name)
    field.blur()
    expect(page.locator(".options-result")).to_be_visible()
    assert_only_words(page, [])
