"""The commands. Each loads the settings, does one thing, and leaves with its exit code."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kiosk import __version__, events, logs
from kiosk.errors import KioskError, LocalError, UsageError
from kiosk.setting import Setting
from kiosk.settings import SETTINGS, Settings

if TYPE_CHECKING:
    from kiosk.install import Outcome, Role

USAGE, LOCAL, DAMAGE, INTERRUPTED = 2, 4, 1, 130

# The options that make sense for a command that only touches the data directory.
STORE = ("data_dir",)
FETCH = (
    "data_dir", "server_ip", "server_port", "server_count", "servers", "master", "parallel",
    "in_order", "timeout_s", "retries", "deadline_s", "max_package_mb", "min_free_mb", "node_token",
)  # fmt: skip
SERVE = tuple(setting.name for setting in SETTINGS if setting.group != "node")
NODE = (
    "data_dir", "host", "port", "upstream", "interval_s", "parallel", "in_order", "timeout_s",
    "retries", "deadline_s", "max_package_mb", "min_free_mb", "streams", "store_mb", "keep_ended_h",
    "front", "announce", "node_password", "allowed_hosts", "title", "language", "theme", "accent",
    "text_size", "node_token", "send_on", "office", "discoverable", "discovery_on",
)  # fmt: skip
DOCTOR = (
    "data_dir", "server_ip", "server_port", "server_count", "servers", "master", "upstream",
    "host", "port", "front", "language", "max_package_mb", "min_free_mb", "discovery_on",
)  # fmt: skip
REPEATED = {"servers": "--server", "upstream": "--upstream"}

Command = Callable[..., None]


def _option(setting: Setting) -> Callable[[Command], Command]:
    """The command-line flag of a setting; its value is checked by the table, not here."""
    help_ = f"{setting.help} [{setting.variable}]"
    if setting.type == "list" and setting.name in REPEATED:
        flag = REPEATED[setting.name]
        return click.option(flag, setting.name, multiple=True, metavar="URL", help=help_)
    if setting.type == "yes-no":
        flag = f"{setting.flag}/--no-{setting.flag[2:]}"
        return click.option(flag, setting.name, default=None, help=help_)
    flags = [setting.flag]
    if setting.name == "deadline_s":
        flags.append("--deadline")  # its name in the contract, beside the one of the table
    metavar = "|".join(setting.choices) or setting.type.upper()
    return click.option(*flags, setting.name, metavar=metavar, help=help_)


def common(*names: str) -> Callable[[Command], Command]:
    """Adds the options of these settings, ``--config`` and ``-v``; the command gets `Settings`."""

    def decorate(command: Command) -> Command:
        def run(verbose: int, config: Path | None, **arguments: Any) -> None:
            flags = {name: arguments.pop(name) for name in names}
            flags = {name: given for name, given in flags.items() if given not in (None, ())}
            logs.set_up((logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)])
            with _told():
                command(settings=Settings.load(flags, config=config), **arguments)

        run.__name__, run.__doc__ = command.__name__, command.__doc__
        run.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
        for setting in reversed([setting for setting in SETTINGS if setting.name in names]):
            run = _option(setting)(run)
        run = click.option("--config", type=click.Path(path_type=Path), help="Settings file.")(run)
        return click.option("-v", "--verbose", count=True, help="Log more; twice: everything.")(run)

    return decorate


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="kiosk")
def kiosk() -> None:
    """The terminal of a paperless meeting.

    Downloads a meeting's materials from a pool of servers, survives any of them failing, and shows
    them on this machine.
    """


@kiosk.command()
@common(*SERVE)
def serve(settings: Settings) -> None:
    """Run the terminal: open the printed address in the kiosk's browser."""
    from kiosk.terminal import Terminal
    from kiosk.web.serving import serve as run

    terminal = Terminal(settings)
    run(terminal, settings.host, settings.port, settings.async_mode)


@kiosk.command()
@click.argument("meeting_id", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one event a line.")
@click.option(
    "--replay",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Print the record of a download (flights/… in the data directory) and do nothing else.",
)
@common(*FETCH)
def fetch(settings: Settings, meeting_id: str | None, as_json: bool, replay: Path | None) -> None:
    """Download one meeting, verify it, and publish it in the data directory."""
    if replay is not None and meeting_id is None:
        _print_record(replay)
    elif meeting_id is not None and replay is None:
        _fetch(settings, meeting_id, as_json=as_json)
    else:
        raise click.UsageError("give a meeting, or --replay FILE")


def _print_record(path: Path) -> None:
    from kiosk import flight

    for line in flight.replay(path):
        click.echo(line)


def _fetch(settings: Settings, meeting_id: str, *, as_json: bool) -> None:
    from kiosk import pool, worker
    from kiosk.bar import Bar
    from kiosk.job import Job
    from kiosk.library import Library

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    servers = [server.url() for server in pool.from_settings(settings)]
    job = Job.of(meeting_id, settings, servers, master=settings.master or None)
    emit = _print_event if as_json else Bar(sys.stderr)
    library = Library(settings.directory)
    with library.lock():
        library.collect()
        code = worker.run(job, emit, stop)
    sys.exit(code)


@kiosk.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON report.")
@common(*STORE)
def verify(settings: Settings, as_json: bool) -> None:
    """Check everything in the data directory: read each manifest, hash each file."""
    from kiosk.library import Library

    report = Library(settings.directory).verify()
    damage = [dataclasses.asdict(one) for one in report]
    if as_json:
        click.echo(json.dumps({"whole": not damage, "damage": damage}, ensure_ascii=False))
    else:
        for one in report:
            click.echo(str(one))
        click.echo("whole" if not damage else f"{len(damage)} damaged")
    sys.exit(DAMAGE if damage else 0)


@kiosk.command()
@click.argument("meeting_id")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--marks", is_flag=True, help="Also as PDF with what was written on them.")
@common(*STORE, "language")
def export(settings: Settings, meeting_id: str, directory: Path, marks: bool) -> None:
    """Write the materials of a meeting as ordinary files into DIRECTORY."""
    from kiosk.library import Library

    library = Library(settings.directory)
    for path in library.export(meeting_id, directory):
        click.echo(path)
    if marks:
        for path in library.export_marked(meeting_id, directory, settings.language):
            click.echo(path)


@kiosk.command()
@click.argument("meeting_id", required=False)
@click.option("--all", "everything", is_flag=True, help="Remove every meeting.")
@common(*STORE)
def purge(settings: Settings, meeting_id: str | None, everything: bool) -> None:
    """Remove a meeting and every file only it used; print a receipt."""
    from kiosk.library import Library

    if everything == (meeting_id is not None):
        raise click.UsageError("give a meeting, or --all")
    library = Library(settings.directory)
    with library.lock():
        receipt = library.purge_all() if meeting_id is None else library.purge(meeting_id)
    click.echo(json.dumps(dataclasses.asdict(receipt), ensure_ascii=False, indent=2))


@kiosk.command()
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Serve the meetings in this folder, a sub-folder each, instead of a master's.",
)
@common(*NODE)
def node(settings: Settings, folder: Path | None) -> None:
    """Run a file-service node: keep the packages of the meetings in progress, and serve them."""
    from kiosk.node import roles, serving

    serving.serve(settings, roles.chosen(settings, folder))


@kiosk.command()
@click.option("--node", "as_node", is_flag=True, help="Look at what a node needs.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON report.")
@common(*DOCTOR)
def doctor(settings: Settings, as_node: bool, as_json: bool) -> None:
    """Look whether all is here: servers, disk, fonts, programs; say what to do where not.

    With --node, or where an upstream is set: what a node needs.
    """
    from kiosk.doctor import examine, table

    findings = list(examine(settings, node=as_node or bool(settings.upstream)))
    language = table.language_of(settings, os.environ)
    if as_json:
        click.echo(json.dumps(table.document(findings, language), ensure_ascii=False))
    else:
        for line in table.lines(findings, language):
            click.echo(line)
    sys.exit(0 if table.is_fine(findings) else DAMAGE)


@kiosk.command()
@click.argument("role", type=click.Choice(["terminal", "node"]))
@click.option("--folder", type=click.Path(path_type=Path), help="The meetings of an origin.")
@click.option("--browser", "with_browser", is_flag=True, help="Open the terminal with the desktop.")
@click.option("--root", type=click.Path(path_type=Path), default="/", help="Write below it.")
@click.option("--print", "only_print", is_flag=True, help="Print the files, write nothing.")
@click.option("--remove", "removing", is_flag=True, help="Take the files away; the data stays.")
@common("upstream", "host", "port")
def install(settings: Settings, role: Role, root: Path, removing: bool, **wish: Any) -> None:
    """Write the systemd unit of a terminal or a node, and say what to run next.

    A node is given its --upstream or its --folder, as for `kiosk node`.
    """
    from kiosk.install import next_steps, remove

    if removing:
        _told_of(remove(role, root), next_steps(role, removed=True))
    else:
        _install(settings, role, root, **wish)


def _told_of(outcomes: Iterable[Outcome], steps: Iterable[str]) -> None:
    for one in outcomes:
        click.echo(f"{one.what:8}{one.path}")
    for step in steps:
        click.echo(f"next    {step}")


def _install(settings: Settings, role: Role, root: Path, **wish: Any) -> None:
    from kiosk.install import apply, files_of, next_steps, service_of

    if role == "terminal" and (wish["folder"] or settings.source("upstream") == "flag"):
        raise click.UsageError("--folder and --upstream are a node's")
    if role == "node" and wish["with_browser"]:
        raise click.UsageError("--browser is a terminal's")
    service = service_of(role, settings, wish["folder"])
    files = files_of(service, browser_port=settings.port if wish["with_browser"] else None)
    if wish["only_print"]:
        for path, text in files.items():
            click.echo(f"# {root / path}\n{text}")
    else:
        _told_of(apply(files, root), next_steps(role, folder=service.writes))


@kiosk.command()
@common("data_dir", "port", "language", "async_mode")
def demo(settings: Settings) -> None:
    """Run everything on this machine, with sample meetings and one dead server."""
    from kiosk.demo import run

    sys.exit(run(settings))


class _told:  # noqa: N801 - reads as a word: with _told()
    """Faults leave as one line on standard error, and as the exit code of the contract."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> None:
        if not isinstance(fault, KioskError):
            return
        click.echo(f"kiosk: {fault.message}\n       {fault.hint}", err=True)
        if isinstance(fault, UsageError):
            sys.exit(3 if fault.code == "no-servers" else USAGE)
        sys.exit(LOCAL if isinstance(fault, LocalError) else DAMAGE)


def _print_event(event: events.Event) -> None:
    click.echo(events.encode(event))
