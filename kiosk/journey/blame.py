"""Whose fault it is that something is wrong with a package: a server's, or everybody's."""

from __future__ import annotations

from kiosk.delta import Key
from kiosk.errors import PackageError
from kiosk.part import Damaged

# What every package's fault is, if another server's copy may be sound.
COPY_FAULTS = ("damaged", "ambiguous")
PATIENCE = 3


class Blame:
    """Remembers what was wrong, and with whom."""

    def __init__(self) -> None:
        self._refused: dict[str, PackageError] = {}
        self._damages: dict[Key, list[set[str]]] = {}
        self._doubted: set[Key] = set()

    def every_copy(self, server: str, fault: PackageError, *, others: bool) -> bool:
        """Whether the package is at fault, and not this server's copy of it.

        A flipped bit in a directory can look like anything; two servers do not err alike. Where
        there are no ``others`` to be heard, the fault is taken for what it seems.
        """
        if fault.code in COPY_FAULTS:
            return False
        alike = any(one.code == fault.code for one in self._refused.values())
        self._refused[server] = fault
        return alike or not others

    def guilty(self, damaged: Damaged, promiser: str, senders: set[str]) -> set[str]:
        """Who has to go because of that: of ``senders``, or of ``promiser``."""
        if damaged.as_listed:
            return self._of_promise(damaged.entry.key, promiser, senders)
        return self._of_damage(damaged.entry.key, senders)

    def _of_promise(self, key: Key, promiser: str, senders: set[str]) -> set[str]:
        """Who has to go because a file is as the directory says, and not as the manifest does.

        Who promised, if nobody else sent it, or if it came the same way twice: bytes that were
        damaged on their way have another CRC-32.
        """
        if senders <= {promiser} or key in self._doubted:
            return {promiser}
        self._doubted.add(key)
        return set()

    def _of_damage(self, key: Key, senders: set[str]) -> set[str]:
        """Who has to go because a file is damaged.

        Of several who sent parts of it nobody knows whose was wrong. It is fetched again, from one
        if possible, and who had a part in it each time is to blame; after `PATIENCE` times all are.
        """
        before = self._damages.setdefault(key, [])
        before.append(senders)
        always = set.intersection(*before) or senders
        return always if len(always) == 1 or len(before) >= PATIENCE else set()
