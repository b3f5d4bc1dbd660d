"""Addresses that a server of ours listens on: whether one is free, how it is shown, its limits."""

from __future__ import annotations

import contextlib
import errno
import resource
import socket

from kiosk.errors import UsageError

ANYWHERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}
MOST_FILES = 65536


def free_port(host: str, port: int) -> int:
    """``port``, or a free one for 0; UsageError ``bad-setting`` where it cannot be had.

    Some servers would share a port that is taken, others would try for seconds: so it is tried
    first.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    except OSError as fault:
        name = "port" if fault.errno == errno.EADDRINUSE else "host"
        why = f"{host}:{port}: {fault.strerror}"
        raise UsageError("bad-setting", name=name, why=why) from fault


def shown(host: str) -> str:
    """The host as it stands in an address that can be opened on this machine."""
    host = ANYWHERE.get(host, host)
    return f"[{host}]" if ":" in host else host


def is_open(host: str, port: int, within_s: float = 1.0) -> bool:
    """Whether somebody takes connections there."""
    try:
        socket.create_connection((shown(host), port), within_s).close()
    except OSError:
        return False
    return True


def raise_file_limit() -> None:
    """A connection is a file: take as many as the machine allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, MOST_FILES) if hard != resource.RLIM_INFINITY else MOST_FILES
    if soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
