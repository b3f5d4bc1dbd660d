"""The text of the systemd units: what a service of ours may do, and nothing else.

What is named and left open, each for a reason: namespaces (LibreOffice is cut off from the network
in some of its own, `kiosk.render.cage`), ``@resources`` (workers bound themselves), ``@chown``
(gunicorn gives its socket an owner, the one that it has), memory that is written and run
(LibreOffice builds calls at run time), ``AF_NETLINK`` (the addresses of this machine).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Role = Literal["terminal", "node"]
NAMES: Mapping[Role, str] = {"terminal": "kiosk", "node": "kiosk-node"}

UNIT = """\
# Written by `kiosk install {role}`. What is to be different goes into {name}.service.d/.
[Unit]
Description={description}
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess={notifies}
User={name}
Group={name}
StateDirectory={name}
StateDirectoryMode=0700
Environment=KIOSK_DATA_DIR=/var/lib/{name}
EnvironmentFile=-/etc/kiosk/{name}.env
ExecStart={command}
Restart=always
RestartSec=2
TimeoutStopSec=15
KillMode=mixed
{own}
MemoryMax=75%
OOMPolicy=continue
LimitNOFILE=65536

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
PrivateTmp=yes
PrivateDevices=yes
RemoveIPC=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=user net pid ipc
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallFilter=@chown
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""
# A hub that hangs sends no sign of life; of a node gunicorn ends the worker that does not.
TERMINAL = "WatchdogSec=60\nTasksMax=1024\nUMask=0077"
# Who shares the folder of an origin has to be able to read what came in by its page.
NODE = "TasksMax=16384\nUMask=0027"
SYSUSERS = 'u {name} - "{description}" /var/lib/{name}\n'


@dataclass(frozen=True)
class Service:
    """One service: its role, and the command that it is. ``writes`` is a folder outside its own."""

    role: Role
    command: tuple[str, ...]
    writes: Path | None = None

    @property
    def name(self) -> str:
        """Of its unit, its user and its data directory."""
        return NAMES[self.role]

    @property
    def description(self) -> str:
        """In words."""
        what = "Terminal" if self.role == "terminal" else "File-service node"
        return f"{what} of a paperless meeting"

    def unit(self) -> str:
        """The unit file."""
        own = TERMINAL if self.role == "terminal" else NODE
        if self.writes is not None:
            own += f"\nReadWritePaths={quoted([str(self.writes)])}"
        return UNIT.format(
            role=self.role,
            name=self.name,
            description=self.description,
            # A node is ready when gunicorn's worker is.
            notifies="main" if self.role == "terminal" else "all",
            command=quoted(self.command),
            own=own,
        )

    def user(self) -> str:
        """The line of sysusers.d that makes its user."""
        return SYSUSERS.format(name=self.name, description=self.description)


def quoted(words: Sequence[str]) -> str:
    """A command line as systemd reads it (systemd.service(5)); ``%`` and ``$`` mean themselves."""
    return " ".join(_quoted(word.replace("%", "%%").replace("$", "$$")) for word in words)


def _quoted(word: str) -> str:
    plain = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"' if plain != word or not word or " " in word or "'" in word else word
