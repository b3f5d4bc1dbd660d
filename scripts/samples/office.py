"""Word, Excel and PowerPoint files with real content."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import docx
import openpyxl
import pptx
from openpyxl.styles import Font, PatternFill
from pptx.util import Pt


def word(target: Path, title: str, sections: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Headings with paragraphs."""
    document = docx.Document()
    document.add_heading(title, 0)
    for heading, paragraphs in sections:
        document.add_heading(heading, 1)
        for words in paragraphs:
            document.add_paragraph(words)
    document.save(str(target))


def sheet(target: Path, title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """One table with a sum of its numeric columns."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = title
    page.append(list(head))
    for cell in page[1]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E9EEF3")
    for row in rows:
        page.append(list(row))
    letters = [chr(66 + index) for index in range(len(head) - 1)]
    page.append(["Σ", *(f"=SUM({letter}2:{letter}{len(rows) + 1})" for letter in letters)])
    page.freeze_panes = "B2"
    book.save(target)


def slides(target: Path, title: str, pages: Sequence[tuple[str, Sequence[str]]]) -> None:
    """A title slide, then bullet slides."""
    show = pptx.Presentation()
    first = show.slides.add_slide(show.slide_layouts[0])
    first.shapes.title.text = title
    for heading, points in pages:
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = heading
        frame = slide.placeholders[1].text_frame
        frame.text = points[0]
        for words in points[1:]:
            frame.add_paragraph().text = words
        for paragraph in frame.paragraphs:
            paragraph.font.size = Pt(24)
    show.save(str(target))
