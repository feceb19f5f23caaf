"""Builds the web client into the Python package, where the server finds it; nothing where it is up to date.

Called by `make` and by the package's own build (`setup.py`), so `pip install .` yields a server that serves the client.
Without Node.js the package is built all the same, and the server says what is missing.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
WEB = ROOT / "web"
BUILT = ROOT / "src" / "myelin" / "web_client"
SOURCES = ("index.html", "package-lock.json", "package.json", "tsconfig.json", "vite.config.ts")
FOLDERS = ("src", "locales", "public")
NEEDED = (20, 19)
INSTALLED = WEB / "node_modules" / ".package-lock.json"


def build_web() -> None:
    """Build the client unless what was built is newer than its sources."""
    if is_current():
        return
    npm = shutil.which("npm")
    if npm is None or node_version() < NEEDED or not WEB.exists():
        print("The web client is not built: it needs Node.js 20.19 or newer with npm.", flush=True)
        return
    if not INSTALLED.exists() or INSTALLED.stat().st_mtime < (WEB / "package-lock.json").stat().st_mtime:
        run("Fetching what the web client is built from", npm, "ci", "--no-audit", "--no-fund")
    run("Building the web client", npm, "run", "build", "--", "--outDir", str(BUILT), "--emptyOutDir")


def node_version() -> tuple[int, ...]:
    """Return the version of Node.js, (0,) where there is none."""
    node = shutil.which("node")
    if node is None:
        return (0,)
    said = subprocess.run([node, "--version"], capture_output=True, check=True, text=True).stdout
    return tuple(int(part) for part in said.strip().lstrip("v").split(".")[:2])


def is_current() -> bool:
    """Whether no source is newer than what was built."""
    index = BUILT / "index.html"
    if not WEB.exists():
        return True
    return index.exists() and all(source.stat().st_mtime <= index.stat().st_mtime for source in sources())


def sources() -> Iterator[Path]:
    yield from (WEB / name for name in SOURCES)
    for folder in FOLDERS:
        yield from (file for file in (WEB / folder).rglob("*") if file.is_file())


def run(what: str, *command: str) -> None:
    print(f"{what} ...", flush=True)
    subprocess.run(command, cwd=WEB, check=True)


if __name__ == "__main__":
    build_web()
