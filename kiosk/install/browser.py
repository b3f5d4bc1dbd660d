"""The browser of a terminal, started with the desktop: full screen, on the page that waits."""

from __future__ import annotations

import shutil

from kiosk import assets
from kiosk.doctor.programs import BROWSERS

FLAGS = (
    "--kiosk", "--no-first-run", "--noerrdialogs", "--disable-session-crashed-bubble",
    "--disable-pinch", "--overscroll-history-navigation=0", "--disable-component-update",
    "--disable-background-networking", "--disable-sync", "--disable-features=Translate",
    "--password-store=basic", "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
ENTRY = """\
[Desktop Entry]
Type=Application
Name=kiosk
Comment=Opens the terminal of paperless meetings, again and again
Exec=sh -c "while :; do {command}; sleep 2; done"
X-GNOME-Autostart-enabled=true
"""


def entry(port: int) -> str:
    """An entry of /etc/xdg/autostart; the browser is the first that is here, or chromium."""
    program = next(filter(None, map(shutil.which, BROWSERS)), "chromium")
    page = (assets.STATIC / "starting.html").as_uri()
    # No character of an address needs quoting but this one (Desktop Entry Specification, Exec).
    address = f"{page}#http://127.0.0.1:{port}/".replace("%", "%%")
    return ENTRY.format(command=" ".join((program, *FLAGS, f"'{address}'")))
