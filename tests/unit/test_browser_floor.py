"""The built client uses nothing that the oldest promised browsers lack: Chromium 109 and Safari 16.4."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ASSETS = Path(__file__).resolve().parents[2] / "src/myelin/web_client/assets"

# Later than the floor, these would stop a script or lose a style: the bundler lowers syntax, but adds no function.
# What a library asks for before it uses it (`Uint8Array.fromBase64`) is not listed.
NEWER_SCRIPT = {
    r"Array\.fromAsync": "Chromium 121",
    r"(Object|Map)\.groupBy\(": "Chromium 117",
    r"URL\.canParse": "Chromium 120",
    r"\.(toSorted|toReversed|toSpliced)\(": "Chromium 110",
    r"AbortSignal\.any\(": "Chromium 116",
    r"Promise\.try\(": "Chromium 128",
    r"\.(isSubsetOf|isSupersetOf|isDisjointFrom|symmetricDifference)\(": "Chromium 122",
    r"\.isWellFormed\(": "Chromium 111",
    r"Iterator\.from\(": "Chromium 122",
    r"\.(showPopover|hidePopover|togglePopover)\(": "Chromium 114",
    r"document\.startViewTransition\(": "Chromium 111",
}
NEWER_STYLE = {
    r"color-mix\(": "Chromium 111",
    r"\b(oklch|oklab|lab|lch)\(": "Chromium 111",
    r"light-dark\(": "Chromium 123",
    r"@scope\b": "Chromium 118",
    r"[{;]\s*&": "nesting, Chromium 112",
    r"\b(sin|cos|round)\(": "Chromium 111",
}


def built(kind: str) -> list[Path]:
    files = sorted(ASSETS.glob(f"*.{kind}"))
    if not files:
        pytest.skip("the web client is not built here")
    return files


@pytest.mark.parametrize("pattern", NEWER_SCRIPT)
def test_no_script_calls_what_an_old_browser_lacks(pattern: str) -> None:
    newer = re.compile(pattern)
    found = [f"{file.name}: {around(text, match)}" for file, text in texts("js") for match in newer.finditer(text)]
    assert found == [], f"needs {NEWER_SCRIPT[pattern]}"


@pytest.mark.parametrize("pattern", NEWER_STYLE)
def test_no_style_is_lost_in_an_old_browser(pattern: str) -> None:
    newer = re.compile(pattern)
    found = [f"{file.name}: {around(text, match)}" for file, text in texts("css") for match in newer.finditer(text)]
    assert found == [], f"needs {NEWER_STYLE[pattern]}"


def test_what_the_sdk_needs_of_newer_browsers_comes_along() -> None:
    scripts = [text for _, text in texts("js")]
    assert any("withResolvers" in text for text in scripts)
    assert any(re.search(r"[`'\"]withResolvers[`'\"]\s?in Promise", text) for text in scripts)


def texts(kind: str) -> list[tuple[Path, str]]:
    return [(file, file.read_text(encoding="utf-8")) for file in built(kind)]


def around(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 60) : match.end() + 40]
