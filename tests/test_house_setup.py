"""The set-up of a checkout: what it takes for done, and what it says when it cannot go on."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import setup
import vendor

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree whose static/vendor/ is fresh."""
    for name in ("package.json", "package-lock.json", "scripts/vendor.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    made = tmp_path / "static" / "vendor"
    made.mkdir(parents=True)
    (made / vendor.STAMP).write_text(vendor.fingerprint(tmp_path), "ascii")
    return tmp_path


def test_fresh_libraries_are_not_made_again(tree: Path) -> None:
    (tree / "static" / "vendor" / "mine").touch()
    vendor.make(tree, tests=False)
    assert (tree / "static" / "vendor" / "mine").exists()


@pytest.mark.parametrize("name", ["package.json", "package-lock.json", "scripts/vendor.py"])
def test_a_changed_recipe_makes_the_libraries_stale(tree: Path, name: str) -> None:
    with (tree / name).open("a") as file:
        file.write("\n")
    assert not vendor.is_fresh(tree)


def test_libraries_whose_making_was_cut_short_are_stale(tree: Path) -> None:
    (tree / "static" / "vendor" / vendor.STAMP).unlink()
    assert not vendor.is_fresh(tree)


def test_every_library_that_is_to_be_copied_is_there() -> None:
    missing = [
        name for name in vendor.FILES.values() if not (ROOT / "static/vendor" / name).exists()
    ]
    assert missing == []


def test_the_pdf_reader_is_none_that_a_document_can_make_run_code() -> None:
    """Before 4.2.67 a font could (CVE-2024-4367)."""
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    version = lock["packages"]["node_modules/pdfjs-dist"]["version"]
    assert tuple(map(int, version.split("."))) >= (4, 2, 67)


def test_a_missing_package_that_we_may_not_install_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")  # a machine without apt-get
    with pytest.raises(setup.Unprepared, match="apt-get install chromium fonts-noto-cjk"):
        setup._apt_install(["chromium", "fonts-noto-cjk"], "the browser tests")


def test_what_is_missing_is_one_line_and_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("KIOSK_TEST_BROWSER", raising=False)
    assert setup.main(["tools"]) == 1
    said = capsys.readouterr().err
    assert "please install curl chromium fonts-noto-cjk" in said
    assert "libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui" in said


def test_a_peer_of_the_benchmark_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert setup.main(["bench"]) == 1
    assert "the benchmark: please install aria2 curl openssl unzip wget2" in capsys.readouterr().err


def test_a_python_that_does_not_start_is_made_again(tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.symlink_to(tmp_path / "gone")
    assert not setup._runs(broken)
    assert setup._runs(Path(sys.executable))


def test_every_target_of_the_makefile_is_explained() -> None:
    quietly = ["make", "--no-print-directory", "help"]  # another make may be running this one
    said = subprocess.run(quietly, cwd=ROOT, capture_output=True, text=True, check=True)
    targets = {line.split()[0] for line in said.stdout.splitlines()}
    phony = (ROOT / "Makefile").read_text("utf-8").split(".PHONY:")[1].splitlines()[0].split()
    assert targets == set(phony)
