"""Office files made into PDF once: a node of ours that has the PDF already gives it.

Before an Office file is converted here, the node is asked whether it has a PDF of it, or will have
one. What it gives is held to the size and SHA-256 that it told, and then looked at by the same
contained process as what was made here. Where it has none, gives nothing good, or takes longer than
`PATIENCE_S`, the file is converted here; where nobody can do that, what the node has later is taken
later. Whoever waits for a file is not kept waiting: that one is converted at once.
"""

from __future__ import annotations

import hashlib
import logging
import random
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kiosk import fetch, render
from kiosk.answers import RangeRefused, Wanted
from kiosk.errors import ServerError
from kiosk.pool import Server
from kiosk.settings import Settings
from kiosk.terminal.part import spawn
from kiosk.terminal.renditions import Renditions

log = logging.getLogger("kiosk.papers")

PATIENCE_S = 20.0
LONGEST_S = 900.0
LOOK_S = (1.0, 2.0)
FETCH_S = 120.0
TRIES = 5
MOST_BYTES = 512 << 20
MOST_ROWS = 5000
# With these a PDF made elsewhere is better than what is here.
LACKING = ("no-converter", "switched-off", "no-space")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Listed:
    """What a node says of a material: the SHA-256 and the size of its PDF; None: it is coming."""

    pdf: str | None
    bytes: int


@dataclass
class _Wish:
    """A file (`render.named`) of a meeting, since a monotonic time."""

    token: str
    meeting: str
    since: float
    passed: bool = False
    tries: int = 0

    @property
    def sha256(self) -> str:
        return self.token[:64]


class Papers:
    """Renditions, with those of Office files from ``node()`` where it is one that has them.

    Safe from any thread; ``drawn()`` is called when some are ready.
    """

    def __init__(
        self,
        settings: Callable[[], Settings],
        node: Callable[[], Server | None],
        drawn: Callable[[], None],
    ) -> None:
        self._data_dir = settings().directory
        self._node = node
        self._renditions = Renditions(self._data_dir, drawn, lambda: settings().office)
        self._changed = threading.Condition()
        self._wishes: dict[str, _Wish] = {}
        self._stopping = False

    def want(self, meeting_id: str, objects: Iterable[str]) -> None:
        """Draw those of these objects of the meeting of which not all is known."""
        tokens = list(objects)
        now = time.monotonic()
        with self._changed:
            for token in filter(self._is_lacking, tokens):
                self._wishes.setdefault(token, _Wish(token, meeting_id, now))
            self._changed.notify_all()
        self._renditions.want(token for token in tokens if token not in self._wishes)

    def front(self, token: str) -> bool:
        """Somebody waits for this one: it comes next. False where there is nothing left to do."""
        return self._renditions.front(token)

    def is_coming(self, sha256: str) -> bool:
        """Whether a PDF of it may still come."""
        known = render.info(self._data_dir, sha256)
        return known is None or any(one.sha256 == sha256 for one in list(self._wishes.values()))

    def run(self) -> None:
        """The life of its threads, until `stop`."""
        drawing = spawn(self._renditions.run)
        while wishes := self._waiting():
            try:
                self._look(wishes)
            except Exception:
                # Whatever it was: what waits is made here then.
                log.exception("look-broke")
                for wish in wishes:
                    self._pass_on(wish, last=True)
            self._pause({wish.token for wish in wishes})
        drawing.join()

    def stop(self) -> None:
        """End the threads after what they have in hand."""
        self._renditions.stop()
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def _waiting(self) -> list[_Wish]:
        with self._changed:
            self._changed.wait_for(lambda: self._wishes or self._stopping)
            return [] if self._stopping else list(self._wishes.values())

    def _pause(self, seen: set[str]) -> None:
        """Until the next look: a moment, unless there is something new."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._stopping or not self._wishes.keys() <= seen, random.uniform(*LOOK_S)
            )

    def _is_lacking(self, token: str) -> bool:
        """Whether it is an Office file of which a PDF would be of use."""
        known = render.info(self._data_dir, token[:64])
        return "." in token and (known is None or known.get("trouble") in LACKING)

    def _look(self, wishes: list[_Wish]) -> None:
        server = self._node()
        told = {
            meeting: self._told(server, meeting)
            for meeting in dict.fromkeys(wish.meeting for wish in wishes)
        }
        for wish in wishes:
            if self._stopping:
                return
            self._consider(wish, server, told[wish.meeting].get(wish.sha256))

    def _consider(self, wish: _Wish, server: Server | None, listed: Listed | None) -> None:
        age = time.monotonic() - wish.since
        if server is None or listed is None or not self._is_lacking(wish.token):
            self._pass_on(wish, last=True)
        elif listed.pdf is None:
            if age > PATIENCE_S:
                self._pass_on(wish, last=age > LONGEST_S)
        elif self._brought(wish, server, listed):
            self._pass_on(wish, last=True)
        else:
            wish.tries += 1
            self._pass_on(wish, last=wish.tries >= TRIES)

    def _pass_on(self, wish: _Wish, *, last: bool) -> None:
        """Have it made here, or what was brought looked at."""
        if last:
            with self._changed:
                self._wishes.pop(wish.token, None)
        if last or not wish.passed:
            wish.passed = True
            self._renditions.want([wish.token])

    def _told(self, server: Server | None, meeting_id: str) -> Mapping[str, Listed]:
        """What the server has of a meeting, by SHA-256 of the material."""
        if server is None:
            return {}
        url = server.url(f"/meetings/{quote(meeting_id, safe='')}/renditions")
        try:
            return listed_in(fetch.get_json(url, server.name))
        except ServerError as fault:
            log.info("no-renditions meeting=%r why=%r", meeting_id, fault.message)
            return {}

    def _brought(self, wish: _Wish, server: Server, listed: Listed) -> bool:
        """Fetch the PDF to where it is looked at; whether it is what was told."""
        path = f"/meetings/{quote(wish.meeting, safe='')}/renditions/{wish.sha256}.pdf"
        place = render.brought_path(self._data_dir, wish.sha256)
        aside = place.with_suffix(".part")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            _fetch(server, path, listed, aside)
            aside.rename(place)
        except (ServerError, RangeRefused, OSError, ValueError) as fault:
            log.warning("not-brought sha256=%s why=%r", wish.sha256, str(fault))
            shutil.rmtree(place.parent, ignore_errors=True)
            return False
        if not self._is_lacking(wish.token):  # it was made here meanwhile
            shutil.rmtree(place.parent, ignore_errors=True)
        log.info("brought sha256=%s bytes=%d", wish.sha256, listed.bytes)
        return True


def listed_in(answer: Any) -> dict[str, Listed]:
    """What a list of renditions (contract §3b) says; what makes no sense in it is passed over."""
    found: dict[str, Listed] = {}
    for row in answer[:MOST_ROWS] if isinstance(answer, list) else []:
        if not isinstance(row, dict) or not _is_hash(row.get("sha256")):
            continue
        pdf, size = row.get("pdf"), row.get("bytes")
        if pdf is None:
            found[row["sha256"]] = Listed(None, 0)
        elif _is_hash(pdf) and type(size) is int and 0 < size <= MOST_BYTES:
            found[row["sha256"]] = Listed(pdf, size)
    return found


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None


def _fetch(server: Server, path: str, listed: Listed, aside: Path) -> None:
    """Write it; ValueError where it is not what was told, ServerError where it does not come."""
    url, digest, size = server.url(path), hashlib.sha256(), 0
    with fetch.Call(server.name) as call, call.line.within(FETCH_S), open(aside, "wb") as file:
        stream = call.stream(Wanted(url, server.name))
        for data in stream.chunks():
            size += len(data)
            if size > listed.bytes:
                break
            digest.update(data)
            file.write(data)
        stream.end()
    if (size, digest.hexdigest()) != (listed.bytes, listed.pdf):
        raise ValueError("it is not what the node said")
