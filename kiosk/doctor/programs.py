"""What kiosk uses and does not bring along: fonts, LibreOffice, a browser, nginx."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from kiosk.doctor.finding import Finding, State
from kiosk.render.convert import converter
from kiosk.settings import Settings

ASK_S = 20.0
MAX_SAID = 80
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
LOOPBACK = ("127.", "::1", "localhost")
FONTS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
)
# As makers name their files: Noto, Source Han, WenQuanYi, AR PL, and those of Windows.
CHINESE = re.compile("cjk|sourcehan|wqy|uming|ukai|simsun|simhei|simfang|msyh", re.I)


def fonts(settings: Settings) -> Finding:
    """A font with Chinese characters; in Chinese there is nothing to read without one."""
    names = _chinese_fonts()
    if not names:
        state: State = "fail" if settings.language.startswith("zh") else "warn"
        return Finding("fonts", state, "fonts.none")
    return Finding("fonts", "ok", "fonts.ok", details={"count": len(names), "name": names[0][:60]})


def _chinese_fonts() -> list[str]:
    if shutil.which("fc-list"):
        said = _said(["fc-list", ":lang=zh-cn", "family"])
        return sorted({line.partition(",")[0].strip() for line in said.splitlines() if line})
    found = (path.stem for place in FONTS for path in place.rglob("*.[ot]t[cf]"))
    return sorted({name for name in found if CHINESE.search(name)})


def office() -> Finding:
    """LibreOffice, without which Office files are read by simpler means, old ones not at all."""
    program = converter()
    if program is None:
        return Finding("office", "warn", "office.none")
    with tempfile.TemporaryDirectory() as own:
        profile = f"-env:UserInstallation={Path(own).as_uri()}"
        said = _first(_said([str(program), profile, "--headless", "--version"]))
    if not said:
        return Finding("office", "warn", "office.silent", details={"path": str(program)})
    return Finding("office", "ok", "office.ok", details={"version": said, "path": str(program)})


def browser(settings: Settings) -> Finding:
    """Chromium: where nobody else may open the page, this machine has to."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        alone = settings.host.startswith(LOOPBACK)
        return Finding("browser", "fail" if alone else "warn", "browser.none")
    said = _first(_said([found, "--version"]))
    if not said:
        return Finding("browser", "warn", "browser.silent", details={"path": found})
    return Finding("browser", "ok", "browser.ok", details={"version": said, "path": found})


def nginx_of(settings: Settings) -> Finding:
    """nginx, which a node uses where it is there, unless the setting says otherwise."""
    from kiosk.node import nginx

    program = nginx.program()
    if settings.front == "threads":
        return Finding("nginx", "ok", "nginx.unused")
    if program is None:
        return Finding("nginx", "fail" if settings.front == "nginx" else "warn", "nginx.none")
    said = _first(_said([program, "-v"], errors=True)).partition(": ")[2]
    return Finding("nginx", "ok", "nginx.ok", details={"version": said or "nginx", "path": program})


def _said(command: Sequence[str], *, errors: bool = False) -> str:
    """What a program prints, on standard error with ``errors``; nothing where it fails."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=ASK_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return (done.stderr if errors else done.stdout).decode("utf-8", "replace")


def _first(said: str) -> str:
    line = said.strip().partition("\n")[0]
    return "".join(one for one in line[:MAX_SAID] if one.isprintable()).strip()
