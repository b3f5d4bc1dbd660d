"""The throw-away profile of LibreOffice: nothing in a document acts, and nothing is fetched.

What is set is named and numbered as in LibreOffice's ``officecfg/registry/schema``. A version that
does not know one of them passes it over.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

NOWHERE_HOST, NOWHERE_PORT = "127.0.0.1", 9  # nobody listens on the port named discard
_OFFICE = "/org.openoffice.Office."
_NEVER_IN_WRITER, _NEVER_IN_CALC = 0, 1
_BY_HAND = 2
_VERY_HIGH = 3

Value = bool | int | str

# Active content is not switched off as a whole: that would refuse every embedded chart.
_SETTINGS: dict[str, dict[str, Value]] = {
    _OFFICE + "Common/Security/Scripting": {
        "DisableMacrosExecution": True,
        "MacroSecurityLevel": _VERY_HIGH,
        "DisablePythonRuntime": True,
        "DisableOLEAutomation": True,
        "CheckDocumentEvents": True,
        "BlockUntrustedRefererLinks": True,
    },
    _OFFICE + "Writer/Content/Update": {"Link": _NEVER_IN_WRITER},
    _OFFICE + "Calc/Content/Update": {"Link": _NEVER_IN_CALC},
    _OFFICE + "Java/VirtualMachine": {"Enable": False},
    _OFFICE + "Recovery/AutoSave": {"Enabled": False},
    _OFFICE + "Common/Save/Document": {"AutoSave": False, "CreateBackup": False},
    _OFFICE + "Common/Misc": {"CrashReport": False, "FirstRun": False},
    _OFFICE + "Linguistic/General": {"DefaultLocale_CJK": "zh-CN"},
    "/org.openoffice.Inet/Settings": {
        "ooInetProxyType": _BY_HAND,
        "ooInetNoProxy": "",
        **{f"ooInet{scheme}ProxyName": NOWHERE_HOST for scheme in ("HTTP", "HTTPS", "FTP")},
        **{f"ooInet{scheme}ProxyPort": NOWHERE_PORT for scheme in ("HTTP", "HTTPS", "FTP")},
    },
}


def make(folder: Path) -> None:
    """Write the profile into ``folder``, which is not there yet; OSError as it comes."""
    (folder / "user").mkdir(parents=True)
    (folder / "user" / "registrymodifications.xcu").write_text("\n".join(_lines()), "utf-8")


def _lines() -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield (
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    )
    for place, properties in _SETTINGS.items():
        yield f'<item oor:path="{escape(place)}">'
        for name, value in properties.items():
            said = str(value).lower() if isinstance(value, bool) else str(value)
            yield f'<prop oor:name="{name}" oor:op="fuse"><value>{said}</value></prop>'
        yield "</item>"
    yield "</oor:items>"
