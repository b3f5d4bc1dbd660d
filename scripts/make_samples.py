"""Makes the demo's sample materials under kiosk/demo/samples; the results are committed.

For the project's developers, when a sample is to change: the demo itself needs none of this. It
wants Chromium, ffmpeg and fonts-noto-cjk on the machine, and in Python, besides the project,
fonttools, python-docx, openpyxl and python-pptx. Everything in the samples is made up.

    python scripts/make_samples.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from samples import chinese, en_case, en_papers, english, zh_papers, zh_study
from samples.meetings import EN, ZH
from samples.pdf import Printer, letters_of, make_fonts

TARGET = Path(__file__).parent.parent / "kiosk" / "demo" / "samples"


def main() -> None:
    """Makes everything anew."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        printer = Printer(folder, make_fonts(folder, all_letters()))
        bold = folder / "NotoSansCJK-Bold.ttf"
        chinese.make(TARGET / ZH["id"], printer, bold)
        english.make(TARGET / EN["id"], printer, bold)
    for made in sorted(TARGET.rglob("*")):
        if made.is_file():
            print(f"{made.relative_to(TARGET)!s:40} {made.stat().st_size}")


def all_letters() -> set[str]:
    """Every character that stands in one of the documents, drawings and films."""
    bodies = [zh_study.study(1), zh_papers.opinions(1), zh_papers.report(12), zh_papers.budget(36)]
    bodies += [en_case.case(40), en_papers.minutes(1), en_papers.report(9), en_papers.budget(39)]
    bodies += [chinese.plan(), chinese.FILM_TITLE, chinese.FILM_BELOW]
    ascii_letters = {chr(code) for code in range(32, 127)}
    return ascii_letters.union(*(letters_of(body) for body in bodies))


if __name__ == "__main__":
    main()
