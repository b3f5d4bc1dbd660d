"""The two sample meetings: who speaks about what, and which files belong to it.

``file`` is a file that `make_samples.py` makes; ``made`` is one that the demo makes when it first
starts, because it is large: a "scan" of some pages ``of`` a PDF, or a "photo" ``of`` a picture.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def _file(name: str, file: str) -> dict[str, Any]:
    return {"name": name, "file": file}


ZH: dict[str, Any] = {
    "id": "ql-2026-q4",
    "title": "清澜水务集团 2026 年第四季度经营工作会",
    "intro": "听取前三季度经营情况汇报，审议 2027 年预算草案、第二水源工程投资方案和供水安全管理办法修订草案。",
    "time": "2026 年 12 月 18 日 09:00　集团三楼第一会议室",
    "agenda": [
        {"title": "传达全省城镇供水安全工作会议精神", "reporter": "党委办公室主任　顾明川", "minutes": 10, "files": [
            _file("关于进一步加强城镇供水安全保障工作的实施意见.pdf", "opinions.pdf"),
            _file("会议精神要点.md", "points.md"),
            _file("会前提示音.mp3", "chime.mp3"),
        ]},
        {"title": "2026 年前三季度经营情况及第四季度工作安排", "reporter": "总经理　沈知远", "minutes": 25, "files": [
            _file("经营工作报告.pdf", "report.pdf"),
            _file("售水量与产销差率走势.png", "trend.png"),
            _file("逐月售水量（动画）.mp4", "sales.mp4"),
            _file("经营工作汇报.pptx", "report.pptx"),
        ]},
        {"title": "2026 年预算执行情况与 2027 年预算草案", "reporter": "财务总监　陆宛宁", "minutes": 20, "files": [
            _file("预算执行情况与2027年预算草案.pdf", "budget.pdf"),
            _file("预算汇总表.xlsx", "budget.xlsx"),
        ]},
        {"title": "青屿湖第二水源与东部输水干线工程投资方案", "reporter": "工程建设部部长　祁砚", "minutes": 30, "files": [
            _file("可行性研究报告（报批稿）.pdf", "study.pdf"),
            _file("总平面布置图.svg", "plan.svg"),
            _file("总平面布置图（高清）.png", "plan.png"),
            {"name": "青屿湖取水口现场照片.jpg", "made": "photo", "of": "lake.jpg"},
            {"name": "地质勘察成果（盖章扫描件）.pdf", "made": "scan", "of": "study.pdf", "pages": [1, *range(62, 71)], "mark": "seal"},
        ]},
        {"title": "《供水安全管理办法（修订草案）》审议", "reporter": "法务合规部部长　谭青禾", "minutes": 15, "files": [
            _file("供水安全管理办法（修订草案）.docx", "rules.docx"),
            _file("修订对照表.html", "comparison.html"),
            _file("公开征求意见情况.txt", "feedback.txt"),
            _file("旧版营业系统导出说明.txt", "legacy.txt"),
        ]},
        {"title": "其他事项与会议小结", "reporter": "董事长　闻景行", "minutes": 10, "files": []},
    ],
}  # fmt: skip

EN: dict[str, Any] = {
    "id": "board-2026-12",
    "title": "St. Aldwyn University Hospital: Board of Directors",
    "intro": "For decision: the budget for 2027, the full business case of the Linden Wing, and the policy on speaking up.",
    "time": "17 December 2026, 14:00 · Founders' Room",
    "agenda": [
        {"title": "Opening and minutes", "reporter": "Dame Honora Whitcombe, Chair", "minutes": 10, "files": [
            _file("Agenda.md", "agenda.md"),
            _file("Minutes of 26 November.pdf", "minutes.pdf"),
        ]},
        {"title": "Chief Executive's report", "reporter": "Professor Adaeze Lindqvist", "minutes": 25, "files": [
            _file("Chief Executive's report.pdf", "report.pdf"),
            _file("Waiting times.png", "waiting.png"),
            _file("Quarter in brief.pptx", "brief.pptx"),
        ]},
        {"title": "Budget 2027", "reporter": "Ruben Castellane, Director of Finance", "minutes": 25, "files": [
            _file("Budget 2027.pdf", "budget.pdf"),
            _file("Budget tables.xlsx", "budget.xlsx"),
        ]},
        {"title": "The Linden Wing: full business case", "reporter": "Tomasz Weller, Director of Estates", "minutes": 40, "files": [
            _file("The Linden Wing, full business case.pdf", "case.pdf"),
            _file("Level 1, birth rooms.svg", "floor.svg"),
            _file("Births and capacity.webm", "births.webm"),
            {"name": "View from the square.jpg", "made": "photo", "of": "wing.jpg"},
            {"name": "Signed room data sheets (scan).pdf", "made": "scan", "of": "case.pdf", "pages": [1, *range(71, 79)], "mark": "signature"},
        ]},
        {"title": "Policy on speaking up", "reporter": "Dr Samuel Brandt, Medical Director", "minutes": 15, "files": [
            _file("Policy on speaking up.docx", "policy.docx"),
            _file("Policy at a glance.html", "glance.html"),
            _file("What staff told us.txt", "staff.txt"),
        ]},
        {"title": "Any other business", "reporter": "Chair", "minutes": 5, "files": [
            _file("Closing chime.ogg", "chime.ogg"),
        ]},
    ],
}  # fmt: skip


def begin(target: Path, meeting: dict[str, Any]) -> None:
    """Makes the folder and writes down what the meeting is."""
    target.mkdir(parents=True, exist_ok=True)
    text = json.dumps(meeting, ensure_ascii=False, indent=1)
    (target / "meeting.json").write_text(text + "\n", "utf-8")
