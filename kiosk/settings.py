"""What can be set: one table, from which flags, the options page and the documentation are made.

Each field of `Settings` is one row: name, type, default, check, help. A value comes from the first
of: command-line flag, environment (``KIOSK_NAME``), settings.toml, default. A flag or a variable
that makes no sense ends the program; such a line of the file is logged and passed over.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from kiosk import checks, saved, secret
from kiosk.errors import UsageError
from kiosk.setting import Setting
from kiosk.setting import row as _row
from kiosk.sharing import Sharing

Source = Literal["flag", "environment", "file", "default"]


class SettingsErrors(UsageError):
    """Several settings were refused at once; ``fields`` has the fault of each."""

    def __init__(self, fields: Mapping[str, UsageError]) -> None:
        name, fault = next(iter(fields.items()))
        super().__init__("bad-setting", name=name, why=str(fault.details.get("why", "")))
        self.fields = dict(fields)


def _default_data_dir() -> str:
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return str(Path(base) / "kiosk")


@dataclass(frozen=True)
class Settings(Sharing):
    """Every value, typed; ``sources`` says where each came from."""

    server_ip: str = _row(
        "",
        "text",
        "servers",
        "Address of the first file server; the pool starts here.",
        check=checks.host,
    )
    server_port: int = _row(
        8001,
        "whole",
        "servers",
        "Port of every server of the pool.",
        check=checks.server_port,
        minimum=1,
        maximum=65535,
    )
    server_count: int = _row(
        1,
        "whole",
        "servers",
        "How many consecutive addresses the pool has.",
        minimum=1,
        maximum=254,
    )
    servers: list[str] = _row(
        [],
        "list",
        "servers",
        "Servers by address, instead of the generated pool.",
        check=checks.server_list,
    )
    master: str = _row(
        "",
        "text",
        "servers",
        "Address of the master that says which meetings are on; empty: the pool is asked.",
        check=checks.optional_server,
    )
    interval_s: float = _row(
        10.0,
        "number",
        "servers",
        "How often the master is asked.",
        unit="s",
        minimum=1,
        maximum=3600,
    )
    auto_download: bool = _row(
        False, "yes-no", "download", "Download new meetings and new versions without a tap."
    )
    start_delay_s: float = _row(
        30.0,
        "number",
        "download",
        "Longest random pause before an automatic download, so that 200 terminals do not start at "
        "once.",
        unit="s",
        minimum=0,
        maximum=3600,
    )
    timeout_s: float = _row(
        30.0,
        "number",
        "download",
        "Longest silence of a server when nobody else is there.",
        unit="s",
        minimum=1,
        maximum=600,
    )
    retries: int = _row(
        3,
        "whole",
        "download",
        "How many rounds over all servers that bring nothing before giving up.",
        minimum=1,
        maximum=20,
    )
    deadline_s: float = _row(
        0.0,
        "number",
        "download",
        "Longest time for one download; 0: no limit.",
        unit="s",
        minimum=0,
        maximum=86400,
    )
    parallel: int = _row(
        1,
        "whole",
        "download",
        "From how many servers one package is downloaded at the same time; more than 1 helps where "
        "the servers are slower than this machine's network.",
        minimum=1,
        maximum=8,
    )
    in_order: bool = _row(
        False, "yes-no", "download", "Ask the servers as listed instead of shuffled."
    )
    max_package_mb: int = _row(
        4096,
        "whole",
        "download",
        "Largest package that is accepted.",
        unit="MB",
        minimum=1,
        maximum=1_000_000,
    )
    min_free_mb: int = _row(
        200,
        "whole",
        "download",
        "Space that a download leaves free on the disk.",
        unit="MB",
        minimum=0,
        maximum=1_000_000,
    )
    seat: str = _row(
        "",
        "text",
        "look",
        "Name of this seat on the node's page of the room; empty: the machine's name.",
    )
    title: str = _row("", "text", "look", "Name of the organisation, shown on every page.")
    language: str = _row(
        "zh-CN", "choice", "look", "Language of the pages.", choices=("zh-CN", "en")
    )
    theme: str = _row(
        "auto",
        "choice",
        "look",
        "Colours of the pages.",
        choices=("auto", "light", "dark", "contrast"),
    )
    accent: str = _row("#9f1d20", "colour", "look", "The one accent colour.")
    text_size: str = _row(
        "normal",
        "choice",
        "look",
        "Size of the words on the pages.",
        choices=("normal", "large", "very-large"),
    )
    idle_minutes: float = _row(
        15.0,
        "number",
        "look",
        "After how long without a touch the welcome page returns; what was open is one tap away. "
        "0: never.",
        unit="min",
        minimum=0,
        maximum=1440,
    )
    dim_minutes: float = _row(
        10.0,
        "number",
        "look",
        "After how long without a touch the welcome page gives way to a dimmed clock. 0: never.",
        unit="min",
        minimum=0,
        maximum=1440,
    )
    pin: str = _row(
        "", "secret", "access", "PIN that opens the options; empty: no PIN.", check=checks.pin
    )
    allowed_hosts: list[str] = _row(
        [],
        "list",
        "access",
        "Further host names under which this kiosk may be opened.",
        check=checks.host_list,
        on_page=False,
    )
    host: str = _row(
        "127.0.0.1",
        "text",
        "machine",
        "Address the page is served on.",
        check=checks.host,
        on_page=False,
    )
    port: int = _row(
        8080,
        "whole",
        "machine",
        "Port the page is served on.",
        minimum=0,
        maximum=65535,
        on_page=False,
    )
    async_mode: str = _row(
        "eventlet",
        "choice",
        "machine",
        "How the web server runs.",
        choices=("eventlet", "threading"),
        on_page=False,
        in_file=False,
    )
    data_dir: str = _row(
        "",
        "text",
        "machine",
        "Where everything is kept; empty: kiosk/ in the user's data directory.",
        on_page=False,
        in_file=False,
    )
    upstream: list[str] = _row(
        [],
        "list",
        "node",
        "Addresses of the master, or of the nodes, that a node keeps the packages of.",
        check=checks.server_list,
        on_page=False,
    )
    streams: int = _row(
        200,
        "whole",
        "node",
        "How many packages a node sends at once; the others are asked to come again in a moment.",
        minimum=1,
        maximum=10_000,
        on_page=False,
    )
    store_mb: int = _row(
        0,
        "whole",
        "node",
        "Most that a node keeps; the oldest ended meeting goes first. 0: what the disk has, but "
        "for `min_free_mb`.",
        unit="MB",
        minimum=0,
        maximum=100_000_000,
        on_page=False,
    )
    keep_ended_h: float = _row(
        12.0,
        "number",
        "node",
        "How long a node keeps what it has of a meeting that has ended, to be quick if it is "
        "started again.",
        unit="h",
        minimum=0,
        maximum=10_000,
        on_page=False,
    )
    front: str = _row(
        "auto",
        "choice",
        "node",
        "What sends a node's bytes: nginx, threads of its own, or nginx where it is installed.",
        choices=("auto", "nginx", "threads"),
        on_page=False,
    )
    announce: str = _row(
        "",
        "text",
        "node",
        "Address (host:port) under which a node is told to its master; empty: the one that leads "
        "there.",
        on_page=False,
    )
    node_password: str = _row(
        "",
        "secret",
        "node",
        "Password of a node's pages; empty: anybody on the network may look, and only this machine "
        "itself may change something.",
        check=checks.password,
        on_page=False,
    )
    sources: Mapping[str, Source] = field(default_factory=dict)

    @property
    def directory(self) -> Path:
        """The data directory."""
        return Path(self.data_dir or _default_data_dir())

    @classmethod
    def load(
        cls,
        flags: Mapping[str, object] | None = None,
        environ: Mapping[str, str] | None = None,
        config: Path | None = None,
    ) -> Settings:
        """The settings in force. ``flags`` holds only what was given on the command line.

        UsageError where a flag, a variable or an explicitly named ``config`` makes no sense.
        """
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        sources: dict[str, Source] = {}
        for name, setting in TABLE.items():
            if flags and flags.get(name) is not None:
                values[name], sources[name] = setting.read(flags[name]), "flag"
            elif setting.variable in environ:
                values[name], sources[name] = setting.read(environ[setting.variable]), "environment"
        path = config or Path(values.get("data_dir") or _default_data_dir()) / "settings.toml"
        for name, value in saved.read(path, _check, named=config is not None).items():
            if name not in values:
                values[name], sources[name] = value, "file"
        return cls(**values, sources=sources)

    def source(self, name: str) -> Source:
        """Where the value of ``name`` came from."""
        return self.sources.get(name, "default")

    def locked(self, name: str) -> bool:
        """Whether a flag or a variable fixes it, so that the options page cannot change it."""
        return self.source(name) in ("flag", "environment")

    def with_saved(self, changes: Mapping[str, object], config: Path | None = None) -> Settings:
        """The settings after ``changes``, which are checked as a whole and then written.

        SettingsErrors where any is refused (nothing is written then), LocalError
        ``storage-failed`` where the file cannot be written.
        """
        checked = self._checked(changes)
        path = config or self.directory / "settings.toml"
        values = {**saved.read(path, _check), **checked}
        saved.write(path, values)
        sources: dict[str, Source] = {**self.sources, **dict.fromkeys(checked, "file")}
        return dataclasses.replace(self, **checked, sources=sources)

    def _checked(self, changes: Mapping[str, object]) -> dict[str, Any]:
        checked: dict[str, Any] = {}
        faults: dict[str, UsageError] = {}
        for name, value in changes.items():
            try:
                if name not in TABLE or not TABLE[name].on_page:
                    raise UsageError("bad-setting", name=str(name)[:80], why="no such setting")
                if self.locked(name):
                    raise UsageError("bad-setting", name=name, why="fixed when it was started")
                checked[name] = TABLE[name].read(value)
            except UsageError as fault:
                faults[str(name)[:80]] = fault
        if faults:
            raise SettingsErrors(faults)
        return checked

    def pin_matches(self, pin: str) -> bool:
        """Whether ``pin`` opens the options; any does where none is set."""
        return not self.pin or secret.matches(pin, self.pin)


TABLE: dict[str, Setting] = {
    row.name: Setting(name=row.name, **row.metadata)
    for row in dataclasses.fields(Settings)
    if row.metadata
}
SETTINGS: tuple[Setting, ...] = tuple(TABLE.values())


def _check(name: str, value: object) -> Any:
    if name not in TABLE:
        raise UsageError("bad-setting", name=name, why="no such setting")
    if not TABLE[name].in_file:
        raise UsageError("bad-setting", name=name, why="set by flag or environment only")
    return TABLE[name].read(value)
