"""Collects a document's parts as HTML: cover, contents, chapters, tables, figures, cards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


class Book:
    """A document under way; ``chapters`` are numbered by ``number`` ("第{}章 " or "{}. ")."""

    def __init__(self, number: str = "{}　", contents: str = "目　录") -> None:
        self._number, self._contents = number, contents
        self._parts: list[str] = []
        self._toc: list[tuple[str, str]] = []
        self._chapter = self._section = self._table = self._figure = 0

    def h1(self, title: str, numbered: bool = True) -> None:
        """A chapter on a new page."""
        self._chapter += numbered
        self._section = 0
        words = (self._number.format(self._chapter) if numbered else "") + title
        self._parts.append(f"<h1 id=c{len(self._toc)}>{escape(words)}</h1>")
        self._toc.append(("top", words))

    def h2(self, title: str) -> None:
        """A section."""
        self._section += 1
        words = f"{self._chapter}.{self._section}　{title}"
        self._parts.append(f"<h2 id=c{len(self._toc)}>{escape(words)}</h2>")
        self._toc.append(("sub", words))

    def h3(self, title: str) -> None:
        """A heading that is not in the contents."""
        self._parts.append(f"<h3>{escape(title)}</h3>")

    def p(self, *paragraphs: str) -> None:
        """Paragraphs."""
        self._parts += [f"<p>{escape(words)}</p>" for words in paragraphs]

    def points(self, items: Iterable[str]) -> None:
        """A list."""
        self._parts.append("<ul>" + "".join(f"<li>{escape(i)}</li>" for i in items) + "</ul>")

    def table(
        self,
        caption: str,
        head: Sequence[str],
        rows: Iterable[Sequence[object]],
        total: bool = False,
    ) -> None:
        """A table; numbers stand right, ``total`` makes the last row a sum."""
        listed = [list(row) for row in rows]
        right = [all(_numeric(row[i]) for row in listed) for i in range(len(head))]
        mark = [" class=n" if it else "" for it in right]
        top = "".join(f"<th{m}>{escape(h)}</th>" for m, h in zip(mark, head, strict=True))
        body = []
        for index, row in enumerate(listed):
            cells = "".join(
                f"<td{m}>{escape(_shown(c))}</td>" for m, c in zip(mark, row, strict=True)
            )
            last = total and index == len(listed) - 1
            body.append(f"<tr class=sum>{cells}</tr>" if last else f"<tr>{cells}</tr>")
        title = f"<caption>{escape(caption)}</caption>" if caption else ""
        self._parts.append(f"<table>{title}<thead><tr>{top}</tr></thead>{''.join(body)}</table>")

    def figure(self, svg: str, caption: str) -> None:
        """A drawing with its caption."""
        self._parts.append(f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>")

    def facts(self, *facts: tuple[str, str]) -> None:
        """A row of large figures with what they are."""
        cells = "".join(f"<div><b>{escape(big)}</b>{escape(small)}</div>" for big, small in facts)
        self._parts.append(f"<div class=facts>{cells}</div>")

    def card(self, title: str, parts: Book) -> None:
        """A page of its own for one thing; its content is collected in ``parts``."""
        inner = "".join(parts._parts)
        self._parts.append(f"<div class=card><h2>{escape(title)}</h2>{inner}</div>")

    def html(self, title: str, below: str, foot: str, wide: bool = False) -> str:
        """The whole document with cover and contents."""
        toc = "".join(
            f'<a class="{kind}" href="#c{index}">{escape(words)}</a>'
            for index, (kind, words) in enumerate(self._toc)
        )
        cover = "cover wide" if wide else "cover"
        return (
            f'<div class="{cover}"><b>{escape(title)}</b><i>{escape(below)}</i>'
            f"<u>{escape(foot)}</u></div>"
            f"<div class=toc><h1>{escape(self._contents)}</h1>{toc}</div>{''.join(self._parts)}"
        )

    def plain(self, title: str, below: str) -> str:
        """The document without cover and contents, its title on top of the first page."""
        style = "<style>@page :first{margin:24mm 22mm 22mm}h1{break-before:auto}</style>"
        lead = (
            f'<p style="text-align:center;text-indent:0;font:700 18pt Sample Sans">{escape(title)}'
        )
        under = f'<p style="text-align:center;text-indent:0;color:#55606a">{escape(below)}'
        return f"{style}{lead}</p>{under}</p>{''.join(self._parts)}"


def _numeric(cell: object) -> bool:
    return not isinstance(cell, str) or not cell.strip("0123456789.,-–% ")


def _shown(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:,.1f}"
    return f"{cell:,}" if isinstance(cell, int) and abs(cell) >= 10_000 else str(cell)
