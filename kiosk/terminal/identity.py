"""By what a node knows this terminal again: an id of its own, kept in the data directory.

Terminals are often set up from one image. So the file also holds the addresses of the machine's
network cards, and on a machine with other ones the id is made anew; otherwise a whole room would be
one seat.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from pathlib import Path

from kiosk import store
from kiosk.errors import LocalError

log = logging.getLogger("kiosk.identity")

MAX_BYTES = 64 << 10
CARDS = Path("/sys/class/net")
_ID = re.compile(r"[0-9a-f]{32}")


def identity(path: Path, cards: Path = CARDS) -> str:
    """The id in the file at ``path``, which is made where there is none for this machine."""
    here = _addresses(cards)
    kept = _read(path)
    if kept and (not here or not kept[1] or set(here) & set(kept[1])):
        return kept[0]
    made = secrets.token_hex(16)
    try:
        store.write_whole(path, json.dumps({"id": made, "cards": here}).encode() + b"\n")
    except LocalError as fault:
        # Until the disk takes it, each start is another seat: better than none.
        log.warning("identity-not-saved path=%s why=%r", path, fault.message)
    return made


def _read(path: Path) -> tuple[str, list[str]] | None:
    try:
        with open(path, "rb") as file:
            found = json.loads(file.read(MAX_BYTES))
        if _ID.fullmatch(found["id"]) and isinstance(found["cards"], list):
            return found["id"], [one for one in found["cards"] if isinstance(one, str)]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as fault:
        log.warning("identity-unreadable path=%s why=%r", path, str(fault))
        return None
    log.warning("identity-unreadable path=%s why='another form'", path)
    return None


def _addresses(cards: Path) -> list[str]:
    """Of the cards that are hardware; those of bridges, tunnels and containers come and go."""
    try:
        found = [card / "address" for card in cards.iterdir() if (card / "device").exists()]
        return sorted(path.read_text("ascii").strip() for path in found)
    except (OSError, ValueError) as fault:
        log.info("no-cards why=%r", str(fault))
        return []
