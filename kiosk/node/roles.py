"""Which kind of node it is: where its meetings come from, and which pages it has besides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask import Blueprint

from kiosk.errors import UsageError
from kiosk.node import Node
from kiosk.node.folder import FolderSource, secretary
from kiosk.node.source import MakeSource
from kiosk.node.sync import UpstreamSource
from kiosk.settings import Settings


@dataclass(frozen=True)
class Role:
    """What others call it, how its source is made, and its pages once there is a node."""

    name: str
    make_source: MakeSource
    blueprints: Callable[[Node], Iterable[Blueprint]]


def chosen(settings: Settings, folder: Path | None = None) -> Role:
    """The role that is asked for; UsageError ``no-servers`` where none is, or both are."""
    if folder is not None:
        if settings.upstream:
            raise UsageError("bad-setting", name="upstream", why="a folder is served already")
        return Role("origin", partial(FolderSource, folder.absolute()), _secretary)
    if not settings.upstream:
        raise UsageError("no-servers")
    return Role("node", UpstreamSource, _no_pages)


def _secretary(node: Node) -> Iterable[Blueprint]:
    if isinstance(node.source, FolderSource):
        yield secretary.blueprint(node.source, node.password, node.settings)


def _no_pages(_node: Node) -> Iterable[Blueprint]:
    return ()
