"""The wheel, in an environment that holds only what the wheel asks for, shows its pages."""

from __future__ import annotations

import importlib.metadata
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Installed:
    """A place where only the wheel and its requirements are installed."""

    bin: Path
    elsewhere: Path

    def run(self, *command: str) -> str:
        """What a command of that environment prints, run from a folder with nothing of ours."""
        done = subprocess.run(
            [self.bin / command[0], *command[1:]],
            cwd=self.elsewhere,
            env=clean_environment(),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Builds the sdist, the wheel from the sdist, and installs that wheel."""
    base = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(base / "dist")]
    built = subprocess.run([*build, str(ROOT)], capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = (base / "dist").glob("kiosk-*.whl")
    venv.create(base / "venv", with_pip=False)
    bin_ = base / "venv" / "bin"
    pip = [sys.executable, "-m", "pip", "--python", str(bin_ / "python"), "--quiet"]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], check=True)
    (site,) = (base / "venv" / "lib").glob("python3*/site-packages")
    for name in required_by(site, "kiosk"):
        place(name, site)
    subprocess.run([*pip, "check"], check=True)
    (base / "elsewhere").mkdir()
    return Installed(bin_, base / "elsewhere")


def required_by(site: Path, name: str) -> set[str]:
    """Everything the distribution in ``site`` needs, its requirements' requirements included.

    They are looked up among what this test runs on, where the lock file put them.
    """
    (root,) = importlib.metadata.distributions(name=name, path=[str(site)])
    waiting, found = list(root.requires or ()), set[str]()
    while waiting:
        requirement = Requirement(waiting.pop())
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if wanted and canonicalize_name(requirement.name) not in found:
            found.add(canonicalize_name(requirement.name))
            waiting += importlib.metadata.requires(requirement.name) or ()
    return found


def place(name: str, site: Path) -> None:
    """Puts an installed distribution into another environment, file by file as it is recorded."""
    for file in importlib.metadata.files(name) or ():
        if ".." not in file.parts:
            target = site / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(Path(str(file.locate())).resolve())


def clean_environment() -> dict[str, str]:
    """The environment without what could lead back to the checkout."""
    ours = ("KIOSK_", "PYTHON", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@pytest.fixture(scope="module")
def address(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of ``kiosk serve``, started from the wheel."""
    port = free_port()
    log = tmp_path_factory.mktemp("log") / "serve.log"
    data = tmp_path_factory.mktemp("data")
    with log.open("wb") as output:
        serving = subprocess.Popen(
            [installed.bin / "kiosk", "serve", "--port", str(port), "--data-dir", data],
            cwd=installed.elsewhere,
            env=clean_environment(),
            stdout=output,
            stderr=output,
        )
    try:
        until_it_answers(serving, f"http://127.0.0.1:{port}/healthz", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        serving.terminate()
        serving.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_it_answers(serving: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Waits for the server; fails with its log where it ends or stays silent."""
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up and serving.poll() is None:
        try:
            if status(url) == 200:
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"no answer from {url}:\n{log.read_text()}")


def status(url: str) -> int:
    """The status of a GET that no proxy of the environment may answer."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def test_the_installed_package_comes_from_the_wheel_and_not_from_the_checkout(
    installed: Installed,
) -> None:
    where = installed.run("python", "-c", "import kiosk; print(kiosk.__file__)")
    assert str(ROOT) not in where


def test_every_module_of_the_wheel_can_be_imported(installed: Installed) -> None:
    program = (
        "import importlib, pkgutil, kiosk\n"
        "for module in pkgutil.walk_packages(kiosk.__path__, 'kiosk.'):\n"
        "    if not module.name.endswith('__main__'):\n"
        "        importlib.import_module(module.name)\n"
    )
    installed.run("python", "-W", "error", "-c", program)


def test_the_installed_command_tells_its_version(installed: Installed) -> None:
    assert importlib.metadata.version("kiosk") in installed.run("kiosk", "--version")


def test_the_installed_terminal_shows_its_start_page(address: str) -> None:
    assert status(f"{address}/") == 200


@pytest.mark.parametrize("folder", ["css", "i18n", "js"])
def test_the_installed_terminal_serves_every_file_of_its_pages(address: str, folder: str) -> None:
    files = [file for file in (ROOT / "static" / folder).rglob("*.*") if file.is_file()]
    assert files
    for file in files:
        assert status(f"{address}/static/{file.relative_to(ROOT / 'static')}") == 200


@pytest.mark.parametrize(
    "name",
    [
        "pdfjs/pdf.min.mjs",
        "pdfjs/pdf.worker.min.mjs",
        "pdfjs/cmaps/UniGB-UCS2-H.bcmap",
        "pdfjs/standard_fonts/LiberationSans-Regular.ttf",
        "pdfjs/wasm/openjpeg.wasm",
        "socket.io.esm.min.js",
        "marked.esm.js",
        "purify.es.mjs",
    ],
)
def test_the_installed_terminal_serves_the_browser_libraries(address: str, name: str) -> None:
    assert status(f"{address}/static/vendor/{name}") == 200
