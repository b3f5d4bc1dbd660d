"""Prepares a checkout: ``python3 scripts/setup.py {venv,assets,tools,bench} …``; run by make.

Standard library only, because it runs before anything is installed. Each step looks first whether
its work is done already, by content and not by date, so that a second run takes a blink.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PEERS = {
    "aria2": "aria2c",
    "curl": "curl",
    "openssl": "openssl",
    "unzip": "unzip",
    "wget2": "wget2",
}
OFFICES = ("soffice", "libreoffice")
# The three without a desktop read all that is promised, WPS files included.
LIBREOFFICE = [f"libreoffice-{part}-nogui" for part in ("writer", "calc", "impress")]
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


class Unprepared(Exception):
    """This machine lacks something that only a person can give; says what."""


def main(steps: list[str]) -> int:
    """Runs the steps in order; 1 and one line on standard error where one cannot be done."""
    try:
        for step in steps:
            STEPS[step]()
    except Unprepared as lack:
        print(f"\nkiosk: {lack}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as failure:
        print(f"\nkiosk: this command failed: {' '.join(map(str, failure.cmd))}", file=sys.stderr)
        return 1
    return 0


def make_venv() -> None:
    """.venv with everything of requirements.lock, hashes checked, and the project itself."""
    stamp = VENV / ".made-from"
    recipe = _venv_recipe()
    if _runs(PYTHON) and stamp.is_file() and stamp.read_text("ascii") == recipe:
        return
    if not _runs(PYTHON):
        _ensure_venv_module()
        _say("making .venv")
        _run(sys.executable, "-m", "venv", "--clear", VENV)
    _say("installing what requirements.lock lists (a minute or two, once)")
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    _run(*pip, "--require-hashes", "-r", ROOT / "requirements.lock")
    _run(*pip, "--no-deps", "--no-build-isolation", "--editable", ROOT)
    stamp.write_text(recipe, "ascii")


def make_assets() -> None:
    """static/vendor/ from npm, by the lock file."""
    _run(PYTHON, ROOT / "scripts" / "vendor.py")


def find_tools() -> None:
    """What the tests need: Chromium, a Chinese font, LibreOffice, curl, nginx, systemd-analyze."""
    missing = [] if shutil.which("curl") else ["curl"]
    if not (os.environ.get("KIOSK_TEST_BROWSER") or any(map(shutil.which, BROWSERS))):
        missing.append("chromium")
    if not _has_chinese_font():
        missing += ["fonts-noto-cjk", "fontconfig"]
    if not any(map(shutil.which, OFFICES)):
        missing += LIBREOFFICE
    if not shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
        missing.append("nginx-light")
    if not shutil.which("systemd-analyze"):
        missing.append("systemd")
    if missing:
        _apt_install(missing, "the tests")


def find_peers() -> None:
    """The downloaders and checkers that the benchmark compares with."""
    missing = [package for package, program in PEERS.items() if not shutil.which(program)]
    if missing:
        _apt_install(missing, "the benchmark")


STEPS = {"venv": make_venv, "assets": make_assets, "tools": find_tools, "bench": find_peers}


def _venv_recipe() -> str:
    digest = hashlib.sha256(f"{sys.version} {ROOT}".encode())
    for name in ("requirements.lock", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _runs(python: Path) -> bool:
    """Whether that Python starts and has a pip: a half-made or moved venv does not."""
    if not python.exists():
        return False
    return subprocess.run([python, "-c", "import pip"], capture_output=True).returncode == 0


def _ensure_venv_module() -> None:
    """Debian and Ubuntu split it off."""
    probe = [sys.executable, "-c", "import ensurepip, venv"]
    if subprocess.run(probe, capture_output=True).returncode != 0:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        _apt_install([f"python{version}-venv"], "Python's virtual environments")


def _has_chinese_font() -> bool:
    if not shutil.which("fc-list"):
        return False
    command = ["fc-list", ":lang=zh-cn", "family"]
    return bool(subprocess.run(command, capture_output=True).stdout.strip())


def _apt_install(packages: list[str], purpose: str) -> None:
    """Installs Debian packages where that is ours to do, else says which are needed."""
    names = " ".join(packages)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Unprepared(
            f"{purpose}: please install {names} (Debian, Ubuntu: sudo apt-get install {names}) "
            "and start this again"
        )
    _say(f"installing {names} for {purpose}")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    _run("apt-get", "update", "-qq", stdout=subprocess.DEVNULL)
    _run(
        "apt-get",
        "install",
        "-qq",
        "-y",
        "--no-install-recommends",
        *packages,
        stdout=subprocess.DEVNULL,
    )


def _run(*command: str | Path, stdout: int | None = None) -> None:
    subprocess.run(command, cwd=ROOT, check=True, stdout=stdout)


def _say(what: str) -> None:
    print(f"kiosk: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
