"""The bundle as `make bundle` makes it: installed without a network, and what it says of itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import bundle
import pytest

from kiosk import __version__

OFFLINE = ("unshare", "--map-root-user", "--net")


@pytest.mark.timeout(900)
def test_it_installs_without_a_network_and_runs(tmp_path: Path) -> None:
    packed = bundle.main(tmp_path / "dist")
    assert packed.name == f"kiosk-{__version__}-offline.tar.gz"
    subprocess.run(["tar", "xzf", packed, "-C", tmp_path], check=True)
    folder = tmp_path / packed.name.removesuffix(".tar.gz")
    prefix, root = tmp_path / "kiosk", tmp_path / "root"
    python = Path(sys.executable).resolve().parent
    surroundings = {"PATH": f"{python}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    # As root there is a network namespace to be had; elsewhere --no-index of the installer counts.
    apart = OFFLINE if subprocess.run([*OFFLINE, "true"]).returncode == 0 else ()
    subprocess.run(
        [*apart, folder / "install.sh", "--prefix", prefix, "terminal", "--root", root],
        env=surroundings, check=True,
    )  # fmt: skip
    assert f"ExecStart={prefix}/bin/python" in (
        root / "etc/systemd/system/kiosk.service"
    ).read_text("utf-8")
    told = subprocess.run([prefix / "bin/kiosk", "--version"], capture_output=True, text=True)
    assert __version__ in told.stdout
    doctor = subprocess.run(
        [prefix / "bin/kiosk", "doctor", "--json", "--data-dir", tmp_path / "data"],
        env=surroundings, capture_output=True, text=True,
    )  # fmt: skip
    assert {row["code"] for row in json.loads(doctor.stdout)["findings"]} >= {"servers.none"}
