"""How a file is offered to a browser: shown only where that is harmless, and under the name it was given."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myelin.api.media.serving import disposition


def parsed_name(header: str) -> str:
    """The name as RFC 6266 reads it: the extended one, where there is one."""
    _, extended, name = header.partition("filename*=utf-8''")
    if extended:
        return unquote(name, errors="strict")
    return re.sub(r"\\(.)", r"\1", header.partition('filename="')[2][:-1])


@pytest.mark.parametrize("content_type", ["image/png", "IMAGE/PNG", "text/plain; charset=utf-8", "audio/x-pn-wav"])
def test_harmless_types_are_shown(content_type: str) -> None:
    assert disposition(content_type, None) == "inline"


@pytest.mark.parametrize(
    "content_type", ["text/html", "image/svg+xml", "application/pdf", "text", "", "image/png2", "text/html; image/png"]
)
def test_all_others_are_saved(content_type: str) -> None:
    assert disposition(content_type, None) == "attachment"


def test_plain_names_are_written_plainly() -> None:
    assert disposition("image/png", "chest x-ray.png") == 'inline; filename="chest x-ray.png"'


def test_other_names_are_written_twice() -> None:
    header = disposition("image/png", "胸片.png")
    assert header == "inline; filename=\"__.png\"; filename*=utf-8''%E8%83%B8%E7%89%87.png"


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_any_name_fits_one_header(name: str) -> None:
    header = disposition("image/png", name)
    assert header.isascii()
    assert header.isprintable()


@pytest.mark.parametrize("content_type", ["image/png; a, text/html", "text/plain,text/html", "image/png;,text/html"])
def test_a_type_that_reads_as_two_is_saved(content_type: str) -> None:
    assert disposition(content_type, None) == "attachment"


def test_no_name_turns_or_hides_its_end() -> None:
    for letter in "\u202e\u2066\u200f\r\n\x00\x7f\u2028":
        assert parsed_name(disposition("image/png", f"x{letter}gpj.exe")) == "x_gpj.exe"


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), min_size=1, max_size=40)
)
def test_names_come_back(name: str) -> None:
    assert parsed_name(disposition("image/png", name)) == name
