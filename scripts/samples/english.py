"""Makes the files of the hospital's board meeting."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from samples import charts, en_case, en_papers, media, office, pictures
from samples.meetings import EN, begin
from samples.pdf import Printer
from samples.pictures import as_png

ROOMS = [
    "Birth 1",
    "Birth 2",
    "Birth 3",
    "Pool",
    "Family",
    "Theatre",
    "Recovery",
    "Midwives",
    "Store",
]
BIRTHS = [("2016", 31.2), ("2019", 31.8), ("2022", 32.4), ("2025", 33.9), ("2028", 35.2),
          ("2031", 36.6), ("2034", 37.9), ("2036", 38.4)]  # fmt: skip


def make(target: Path, printer: Printer, bold: Path) -> None:
    """The materials of the hospital's board meeting."""
    begin(target, EN)
    about: dict[str, Any] = {"language": "en"}
    printer.pdf_of(
        5, en_papers.minutes, target / "minutes.pdf", head="Board of Directors: minutes", **about
    )
    printer.pdf_of(
        12, en_papers.report, target / "report.pdf", head="Chief Executive's report", **about
    )
    printer.pdf_of(
        40, en_papers.budget, target / "budget.pdf", head="Budget 2027", wide="yes", **about
    )
    printer.pdf_of(
        200, en_case.case, target / "case.pdf", head="The Linden Wing: full business case", **about
    )
    waits = (
        [38, 39, 40, 42, 41, 40, 43, 44, 42, 41, 41],
        [40, 41, 41, 40, 39, 38, 38, 37, 35, 34, 33],
    )
    chart = charts.lines(
        en_papers.MONTHS, [("2025", waits[0]), ("2026", waits[1])], "minutes", (960, 540)
    )
    as_png(printer, chart, target / "waiting.png", (960, 540))
    floor = pictures.floor_plan("Linden Wing, level 1: birth rooms around two courtyards", ROOMS)
    (target / "floor.svg").write_text(pictures.outlined(floor, bold), "utf-8")
    pictures.wing(target / "wing.jpg")
    media.film(
        target / "births.webm",
        "Births in the region",
        "hundreds a year; from 2026 a forecast",
        BIRTHS,
        bold,
    )
    media.chime(target / "chime.ogg", (784.0, 659.3, 523.3, 392.0))
    (target / "agenda.md").write_text(en_papers.AGENDA, "utf-8")
    (target / "staff.txt").write_text(en_papers.SPEAK_UP, "utf-8")
    (target / "glance.html").write_text(en_papers.GLANCE, "utf-8")
    minutes = list(en_papers.MINUTES.items())
    office.word(target / "policy.docx", "Policy on speaking up", [(t, p) for t, p in minutes[3:5]])
    office.slides(
        target / "brief.pptx",
        "The quarter in brief",
        [(t, [p[:90] for p in ps]) for t, ps in minutes[2:6]],
    )
    rnd = random.Random(2)
    rows = [[name, *(rnd.randint(200, 12_000) for _ in range(4))] for name in en_papers.DIVISIONS]
    office.sheet(
        target / "budget.xlsx", "Budget (£ thousand)", ["Division", "Q1", "Q2", "Q3", "Q4"], rows
    )
