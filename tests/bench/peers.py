"""Who is measured: kiosk and its peers, each as the command line of one whole process.

An expert's loop is a shell script with curl and openssl in it; the time it takes is that of all of
it. Nobody is told more than anybody else: the addresses in order, and the package's SHA-256 for
those who can make use of it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PACKAGE, FOLDER = "package.zip", "files"

CHAIN = """set -e
curl -fsSL -o "$1" "$3"
[ "$(openssl dgst -sha256 -r "$1" | cut -c 1-64)" = "$2" ]
unzip -q "$1" -d "${1%/*}/files"
"""

CURL_LOOP = """out=$1 sum=$2; shift 2
for round in 1 2 3; do
  for url in "$@"; do
    curl -fsSL --connect-timeout 3 --speed-limit 10240 --speed-time 5 -C - -o "$out" "$url" ||
      continue
    [ "$(openssl dgst -sha256 -r "$out" | cut -c 1-64)" = "$sum" ] && exit 0
    rm -f "$out"
  done
  sleep $round
done
exit 1
"""

WGET_LOOP = """out=$1; shift 2
for round in 1 2 3; do
  for url in "$@"; do
    wget2 --no-config --no-hsts -q -c --connect-timeout=3 --timeout=5 --tries=1 -O "$out" "$url" &&
      [ -s "$out" ] && exit 0
  done
  sleep $round
done
exit 1
"""


@dataclass(frozen=True)
class Errand:
    """What a client is to do: ``urls`` are where each server's interface begins, ``folder`` is
    where everything goes."""

    meeting: str
    urls: tuple[str, ...]
    sha256: str
    folder: Path
    parallel: int = 1
    in_order: bool = True

    @property
    def packages(self) -> list[str]:
        """The package's address on each server."""
        return [f"{url}/meetings/{self.meeting}/download-package" for url in self.urls]


@dataclass(frozen=True)
class Client:
    """``leaves``: what a success is judged by: the package, the unpacked files, or a data
    directory."""

    name: str
    title: str
    command: Callable[[Errand], list[str]]
    leaves: Literal["package", "files", "library"] = "package"


def _kiosk(errand: Errand) -> list[str]:
    command = [sys.executable, "-m", "kiosk", "fetch", errand.meeting, "--json"]
    command += ["--data-dir", str(errand.folder), "--parallel", str(errand.parallel)]
    command += ["--in-order"] if errand.in_order else []
    return command + [word for url in errand.urls for word in ("--server", url)]


def _curl(errand: Errand) -> list[str]:
    return ["curl", "-fsSL", "-C", "-", "-o", str(errand.folder / PACKAGE), errand.packages[0]]


def _script(text: str) -> Callable[[Errand], list[str]]:
    def command(errand: Errand) -> list[str]:
        target = str(errand.folder / PACKAGE)
        return ["sh", "-c", text, "sh", target, errand.sha256, *errand.packages]

    return command


def _aria2(errand: Errand) -> list[str]:
    where = ["--dir", str(errand.folder), "--out", PACKAGE]
    return ["aria2c", "--no-conf", "--quiet", *where, *errand.packages]


def _aria2_tuned(errand: Errand) -> list[str]:
    count = len(errand.urls)
    split = errand.parallel if errand.parallel > 1 else max(4, count)
    each = max(1, 4 // count)
    return _tuned(errand, f"--split={split}", f"--max-connection-per-server={each}")


def _aria2_single(errand: Errand) -> list[str]:
    return _tuned(errand, "--split=1", "--max-connection-per-server=1", "--uri-selector=inorder")


def _tuned(errand: Errand, *tuning: str) -> list[str]:
    plain, urls = _aria2(errand), errand.packages
    general = [
        "--continue", "--auto-save-interval=1", "--file-allocation=none", "--min-split-size=1M",
        "--connect-timeout=3", "--timeout=5", "--max-tries=1",
        "--lowest-speed-limit=10K", f"--checksum=sha-256={errand.sha256}",
    ]  # fmt: skip
    return [*plain[: -len(urls)], *general, *tuning, *urls]


def _original(errand: Errand) -> list[str]:
    script = Path(__file__).with_name("original.py")
    return [sys.executable, str(script), str(errand.folder / PACKAGE), *errand.packages]


KIOSK, CURL = "kiosk", "curl"
CLIENTS = {
    client.name: client
    for client in (
        Client(KIOSK, "kiosk", _kiosk, "library"),
        Client(CURL, "curl", _curl),
        Client("chain", "curl && openssl && unzip", _script(CHAIN), "files"),
        Client("loop", "curl and openssl in a loop", _script(CURL_LOOP)),
        Client("aria2", "aria2c", _aria2),
        Client("aria2-tuned", "aria2c, tuned", _aria2_tuned),
        Client("aria2-single", "aria2c, tuned, one connection", _aria2_single),
        Client("wget2", "wget2 in a loop", _script(WGET_LOOP)),
        Client("original", "the original's way", _original),
    )
}
