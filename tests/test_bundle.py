"""The offline bundle: what goes into it by the lock, and an installer that trusts nothing."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import bundle
import pip
import pytest

ROOT = Path(__file__).resolve().parent.parent
VERSION = "0.0.1"
PROGRAM = f'def main():\n    print("kiosk, version {VERSION}")\n'
TAGS = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
METADATA = "Metadata-Version: 2.1\nName: kiosk\nVersion: 0.0.1\n"


def wheel(path: Path, files: dict[str, str]) -> None:
    """A wheel of these files; its RECORD names them without hashes, which is allowed."""
    record = "".join(f"{name},,\n" for name in [*files, "kiosk-0.0.1.dist-info/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, "kiosk-0.0.1.dist-info/RECORD": record}.items():
            archive.writestr(name, text)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of a small kiosk that needs nothing, as it lies there once it is unpacked."""
    made = tmp_path_factory.mktemp("made")
    folder = made / "kiosk-0.0.1-offline"
    (folder / "wheelhouse").mkdir(parents=True)
    wheel(folder / "wheelhouse" / "kiosk-0.0.1-py3-none-any.whl", {
        "kiosk/__init__.py": PROGRAM,
        "kiosk-0.0.1.dist-info/METADATA": METADATA,
        "kiosk-0.0.1.dist-info/WHEEL": TAGS,
        "kiosk-0.0.1.dist-info/entry_points.txt": "[console_scripts]\nkiosk = kiosk:main\n",
    })  # fmt: skip
    bundle.finish(folder, "")
    packed = bundle.pack(folder, made / "dist")
    there = tmp_path_factory.mktemp("there")
    subprocess.run(["tar", "xzf", packed, "-C", there], check=True)
    # Out of a wheel pip takes ten seconds to start; make soak has that one.
    pip_wheel = there / folder.name / "wheelhouse" / "pip-1-py3-none-any.whl"
    pip_wheel.mkdir()
    (pip_wheel / "pip").symlink_to(Path(pip.__file__).parent)
    return there / folder.name


def install(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """Runs the installer as it stands there, with this Python the first in PATH."""
    python = Path(sys.executable).resolve().parent
    return subprocess.run(
        [folder / "install.sh", *map(str, words)],
        env={"PATH": f"{python}:{os.environ['PATH']}"}, capture_output=True, text=True,
    )  # fmt: skip


def test_it_installs_in_the_place_of_an_earlier_one(unpacked: Path, tmp_path: Path) -> None:
    (tmp_path / "kiosk").mkdir()
    for name in ("pyvenv.cfg", "stale"):
        (tmp_path / "kiosk" / name).touch()
    done = install(unpacked, "--prefix", tmp_path / "kiosk")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "kiosk" / "stale").exists()
    ran = subprocess.run([tmp_path / "kiosk/bin/kiosk"], capture_output=True, text=True)
    assert ran.stdout == f"kiosk, version {VERSION}\n"
    assert "next    " in done.stdout


def test_a_wheel_that_was_changed_is_not_installed(unpacked: Path, tmp_path: Path) -> None:
    (path,) = (unpacked / "wheelhouse").glob("kiosk-*.whl")
    whole = path.read_bytes()
    try:
        path.write_bytes(whole.replace(b"version", b"Version"))
        done = install(unpacked, "--prefix", tmp_path / "kiosk")
    finally:
        path.write_bytes(whole)
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert not (tmp_path / "kiosk/bin/kiosk").exists()


def test_a_folder_that_holds_something_else_is_left_alone(unpacked: Path, tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine", "utf-8")
    done = install(unpacked, "--prefix", tmp_path)
    assert done.returncode == 1
    assert "holds something else" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


@pytest.mark.parametrize("name", ["PYTHON", "PLATFORM"])
def test_another_python_or_machine_is_told_and_nothing_is_done(
    unpacked: Path, tmp_path: Path, name: str
) -> None:
    said = (unpacked / name).read_text("ascii")
    try:
        (unpacked / name).write_text("9.9\n", "ascii")
        done = install(unpacked, "--prefix", tmp_path / "kiosk")
    finally:
        (unpacked / name).write_text(said, "ascii")
    assert done.returncode == 1
    assert "this bundle is for Python" in done.stderr
    assert not (tmp_path / "kiosk").exists()


def test_all_that_kiosk_needs_is_taken_from_the_lock_with_hashes_and_nothing_else() -> None:
    names = bundle.needed("kiosk")
    assert {"flask", "eventlet", "gunicorn", "werkzeug", "urllib3"} <= names
    assert not names & {"kiosk", "pytest", "playwright", "ruff", "mypy", "pillow-heif"}
    text = bundle.locked((ROOT / "requirements.lock").read_text("utf-8"), names)
    entries = [line for line in text.splitlines() if line[0].isalnum()]
    assert len(entries) == len(names)
    assert text.count("--hash=sha256:") >= len(names)
    with pytest.raises(KeyError):
        bundle.locked(text, {"ruff"})


def test_the_same_files_give_the_same_bytes(unpacked: Path, tmp_path: Path) -> None:
    digests = set()
    for name in ("one", "two"):
        folder = tmp_path / name / "folder"
        folder.mkdir(parents=True)
        (folder / "README.md").write_bytes((unpacked / "README.md").read_bytes())
        packed = bundle.pack(folder, tmp_path / name / "dist")
        digests.add(hashlib.sha256(packed.read_bytes()).hexdigest())
    assert len(digests) == 1
