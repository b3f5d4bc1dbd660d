"""What the machine of `test_soak_units` does by itself: run in it by its systemd, as root.

It installs the bundle as the README says, follows what `kiosk install` says is next, has the
terminal read a meeting of the node, kills both, and ends them. It knows nothing but the standard
library and what was installed. ``/out`` is the folder that is shared with the test.
"""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

OUT = Path("/out")
TERMINAL, NODE = "http://127.0.0.1:8080", "http://127.0.0.1:8001"
UNITS = ("kiosk", "kiosk-node")
PATIENCE_S = 90.0
API = "/api/v1/meetings/M1"


def main() -> None:
    """Everything; the first thing that is not as it has to be ends it."""
    install()
    say("installed", {})
    wait(lambda: ask(f"{NODE}/healthz")["served"] == 1)
    wait(lambda: ask(f"{TERMINAL}/api/meetings")["meetings"])
    say("read on the terminal", read())
    say("made by the node", made_by_the_node())
    say("killed", killed())
    say("exposure", {unit: exposure(unit) for unit in UNITS})
    say("ended", ended())


def install() -> None:
    """By the installer, and what it says is next."""
    folder = next(Path("/opt/bundle").iterdir())
    said = run(str(folder / "install.sh"), "terminal")
    put("/etc/kiosk/kiosk.env", f"KIOSK_SERVERS={NODE}\n")
    # The first paper is made into a PDF by the terminal itself.
    put("/etc/kiosk/kiosk-node.env", "KIOSK_OFFICE=no\n")
    said += run("/opt/kiosk/bin/kiosk", "install", "node", "--folder", "/srv/meetings")
    for line in said.splitlines():
        word, _, command = line.partition(" ")
        if word == "next" and "doctor" not in command:
            run("sh", "-c", command)


def read() -> object:
    """The meeting is fetched, and its Office file opens as a PDF that was made here."""
    ask(f"{TERMINAL}/api/downloads", {"meetingId": "M1", "now": True})
    wait(lambda: ask(f"{TERMINAL}/api/downloads/M1")["state"] == "complete")

    def opened() -> object:
        agenda = ask(f"{TERMINAL}/api/meetings/M1")["agenda"]
        (url,) = (material["url"] for item in agenda for material in item["materials"])
        return url if "/documents/" in url else None

    url = wait(opened)
    document = ask(f"{TERMINAL}{url}")
    assert document.startswith(b"%PDF-"), document[:100]
    return {"url": url, "bytes": len(document)}


def made_by_the_node() -> object:
    """With its own LibreOffice, which is held as the terminal's is."""
    put("/etc/kiosk/kiosk-node.env", "KIOSK_OFFICE=yes\n")
    run("systemctl", "restart", "kiosk-node")
    rows = wait(lambda: [row for row in ask(f"{NODE}{API}/renditions") if row["pdf"]])
    return {"documents": len(rows)}


def killed() -> object:
    """Whoever is killed is there again, started by systemd."""
    for unit, health in zip(UNITS, (TERMINAL, NODE), strict=True):
        run("systemctl", "kill", "--signal=KILL", "--kill-who=main", unit)
        wait(lambda unit=unit: shown(unit, "NRestarts") == "1")
        wait(lambda health=health: ask(f"{health}/healthz")["status"] == "ok")
    return {unit: shown(unit, "NRestarts") for unit in UNITS}


def exposure(unit: str) -> float:
    """What systemd thinks of the unit: from 0, nothing is open, to 10."""
    said = run("systemd-analyze", "security", "--no-pager", f"{unit}.service")
    (line,) = (line for line in said.splitlines() if "Overall exposure level" in line)
    return float(line.partition(": ")[2].split()[0])


def ended() -> object:
    """In order, and as quickly as a person expects."""
    run("systemctl", "stop", *UNITS)
    return {unit: [shown(unit, "ActiveState"), shown(unit, "Result")] for unit in UNITS}


def shown(unit: str, what: str) -> str:
    """What systemd knows of the unit."""
    return run("systemctl", "show", "--value", f"--property={what}", unit).strip()


def run(*command: str) -> str:
    """Its output; the end where it fails."""
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode:
        raise SystemExit(f"{' '.join(command)}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}")
    return ran.stdout


def ask(url: str, body: object = None) -> Any:
    """JSON, or the bytes; None where there is no answer yet."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Origin": TERMINAL}
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
        kind = answer.headers["Content-Type"]
        return json.load(answer) if kind == "application/json" else answer.read()


def wait(happened: Any) -> Any:
    """Until it is true; what cannot be asked yet is not."""
    give_up, last = time.monotonic() + PATIENCE_S, None
    while time.monotonic() < give_up:
        try:
            if last := happened():
                return last
        except (urllib.error.URLError, OSError, KeyError) as fault:
            last = fault
        time.sleep(0.2)
    raise SystemExit(f"waited in vain: {last!r}")


def put(path: str, text: str) -> None:
    """Write it, with the folder that it is in."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def say(what: str, found: object) -> None:
    """A line for the test."""
    with open(OUT / "found.jsonl", "a") as file:
        print(json.dumps({what: found}), file=file)


if __name__ == "__main__":
    try:
        main()
    finally:
        journal = subprocess.run(["journalctl", "--no-pager", "-o", "cat"], capture_output=True)
        (OUT / "journal.log").write_bytes(journal.stdout)
        sys.stdout.flush()
