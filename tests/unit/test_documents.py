"""The documents speak the truth, and the code keeps the sizes that it promises."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from myelin.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
# Written in parts, so that this file does not name what no file may name.
MACHINE_PATHS = re.compile("|".join(["/" + name for name in ("root/", "work/", "opt/venv", "home/[a-z]+/myelin")]))
ADDRESS = re.compile(r"https?://|git\+|file:/|--(?:extra-)?index-url|--find-links|--trusted-host")
LOCKS = sorted(
    [
        *(ROOT / "requirements").glob("*.txt"),
        *(ROOT / "tests").glob("*/*/package-lock.json"),
        ROOT / "web/package-lock.json",
    ]
)


@cache
def tracked() -> list[Path]:
    """Every file that is or will be committed."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [file for name in names.split("\0") if name and (file := ROOT / name).is_file()]


def text_files() -> Iterator[tuple[str, str]]:
    for file in tracked():
        try:
            yield str(file.relative_to(ROOT)), file.read_text()
        except UnicodeDecodeError:
            continue


def python_files() -> Iterator[tuple[str, str]]:
    return ((name, text) for name, text in text_files() if name.endswith(".py"))


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text()


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_the_documents_name_only_targets_that_exist(readme: str) -> None:
    for document in (readme, (ROOT / "CONTRIBUTING.md").read_text()):
        named = set(re.findall(r"(?:`|^    )make ([a-z-]+)", document, re.MULTILINE))
        assert named
        assert named - make_targets() == set()


def test_the_readme_explains_every_setting_and_no_other(readme: str) -> None:
    table = readme.partition("| Setting |")[2].partition("\n\n")[0]
    explained = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| (`.*?) \|", table, re.MULTILINE))))
    assert explained == {setting.name for setting in fields(Settings)}


def test_the_readme_names_health_and_metrics(readme: str) -> None:
    assert {"/_myelin/health", "/_myelin/metrics"} <= set(re.findall(r"`(/_myelin/[a-z]+)`", readme))


def test_links_in_documents_lead_somewhere() -> None:
    broken = [
        f"{file.relative_to(ROOT)}: {target}"
        for file in tracked()
        if file.suffix == ".md"
        for target in re.findall(r"\]\(([^)#]+)", file.read_text())
        if not re.match(r"[a-z]+:", target) and not (file.parent / target).exists()
    ]
    assert broken == []


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = {page.name for page in folder.glob("[0-9]*.md")}
    assert pages == set(re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (folder / "README.md").read_text()))
    assert len({page[:4] for page in pages}) == len(pages), "two decisions have the same number"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_lock_names_an_address(lock: Path) -> None:
    # Whom to thank for a package is no address that it comes from.
    funding = re.compile(r'"(url|funding)": "|^ *"https://[^"]*(sponsors|opencollective|tidelift|paypal)[^"]*",?$')
    addresses = [line for line in lock.read_text().splitlines() if ADDRESS.search(line) and not funding.search(line)]
    assert addresses == []


@pytest.mark.parametrize("lock", ["run", "demo", "gateway", "test"])
def test_the_locks_hold_what_the_project_asks_for(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wishes = project["dependencies"] + project["optional-dependencies"].get(lock, [])
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    pinned = set(re.findall(r"^([a-z0-9-]+==[^ ]+)", text, re.MULTILINE))
    asked = {re.sub(r"\[.*?\]", "", wish).lower().replace("_", "-") for wish in wishes}
    assert asked - pinned == set()
    assert len(re.findall("--hash=sha256:", text)) >= len(pinned)


def test_no_file_names_a_machine() -> None:
    assert [name for name, text in text_files() if MACHINE_PATHS.search(text)] == []


def test_files_stay_short() -> None:
    long = [name for name, text in python_files() if text.count("\n") > MAX_FILE_LINES]
    assert long == []


def test_functions_stay_short() -> None:
    long = [
        f"{name}:{node.lineno} {node.name}"
        for name, text in python_files()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.end_lineno and node.end_lineno - node.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert long == []


def test_every_module_says_what_it_is() -> None:
    silent = [
        name
        for name, text in python_files()
        if name.startswith("src/") and text.strip() and not ast.get_docstring(ast.parse(text))
    ]
    assert silent == []


def test_every_query_is_described() -> None:
    for name, text in text_files():
        if not name.endswith("queries.sql"):
            continue
        for title, body in re.findall(r"^-- (\w+) --\n(.*?)(?=^-- \w+ --|\Z)", text, re.MULTILINE | re.DOTALL):
            assert body.startswith("-- "), f"{name}: {title} lacks its sentence"
