"""Makes the files of the water company's meeting."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from samples import charts, media, office, pictures, zh_papers, zh_study
from samples.meetings import ZH, begin
from samples.pdf import Printer
from samples.pictures import as_png

PLAN_ZH = {"intake": "青屿湖取水泵站", "tunnel": "栗岭隧洞", "booster": "望江加压站",
           "plant": "东津净水厂（扩建）", "storage": "鹿鸣调蓄池", "branch": "北渡分水口"}  # fmt: skip
SALES = [("1 月", 20.1), ("2 月", 18.9), ("3 月", 21.4), ("4 月", 22.0), ("5 月", 23.3),
         ("6 月", 24.6), ("7 月", 26.8), ("8 月", 27.4), ("9 月", 24.1)]  # fmt: skip


FILM_TITLE, FILM_BELOW = "清澜水务集团逐月售水量", "2026 年前三季度　单位：百万 m³"


def plan() -> str:
    """The site plan."""
    return pictures.site_plan("青屿湖第二水源工程总平面布置图", PLAN_ZH)


def make(target: Path, printer: Printer, bold: Path) -> None:
    """The materials of the water company's meeting."""
    begin(target, ZH)
    about: dict[str, Any] = {"language": "zh"}
    printer.pdf_of(
        5, zh_papers.opinions, target / "opinions.pdf", head="清澜水务〔2026〕48 号", **about
    )
    printer.pdf_of(12, zh_papers.report, target / "report.pdf", head="经营工作报告", **about)
    printer.pdf_of(
        40, zh_papers.budget, target / "budget.pdf", head="2027 年预算草案", wide="yes", **about
    )
    printer.pdf_of(
        200,
        zh_study.study,
        target / "study.pdf",
        head="青屿湖第二水源与东部输水干线工程可行性研究报告",
        **about,
    )
    sold = [value for _, value in SALES]
    chart = charts.bars(
        [m for m, _ in SALES],
        [("2025 年", [v * 0.963 for v in sold]), ("2026 年", sold)],
        "百万 m³",
        (960, 540),
    )
    as_png(printer, chart, target / "trend.png", (960, 540))
    as_png(printer, plan(), target / "plan.png", (1400, 800))
    (target / "plan.svg").write_text(pictures.outlined(plan(), bold), "utf-8")
    pictures.lake(target / "lake.jpg")
    media.film(target / "sales.mp4", FILM_TITLE, FILM_BELOW, SALES, bold)
    media.chime(target / "chime.mp3", (523.3, 659.3, 784.0, 1046.5))
    (target / "points.md").write_text(zh_papers.POINTS, "utf-8")
    (target / "feedback.txt").write_text(zh_papers.FEEDBACK, "utf-8")
    (target / "legacy.txt").write_bytes(zh_papers.LEGACY.encode("gbk"))
    (target / "comparison.html").write_text(zh_papers.COMPARISON, "utf-8")
    clauses = zh_papers.CLAUSES.items()
    office.word(target / "rules.docx", "供水安全管理办法（修订草案）", list(clauses))
    office.slides(
        target / "report.pptx",
        "2026 年前三季度经营情况",
        [(t, [c[:42] for c in cs]) for t, cs in clauses],
    )
    rnd = random.Random(1)
    rows = [[unit, *(rnd.randint(120, 9000) for _ in range(4))] for unit in zh_papers.UNITS]
    office.sheet(
        target / "budget.xlsx",
        "预算汇总（万元）",
        ["单位", "一季度", "二季度", "三季度", "四季度"],
        rows,
    )
