"""Slips with activation codes: what is printed on them, and who may read the file."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest
from msgspec import structs

from myelin.cli.activation import CodesNotWritten, Slip, check_new, slip_html, write_slips
from myelin.directory.people_file import ListedPerson

URL = "https://im.hospital.example"
PERSON = ListedPerson(
    line=2,
    employee_number="0101",
    user_id="@0101:hospital.example",
    name="张三",
    department="内科",
    title="医师",
    profession="医",
    phone="",
    further=(),
)
SLIP = Slip(PERSON, "0123-4567-89AB")


def test_a_slip_has_all_that_one_types(tmp_path: Path) -> None:
    file = tmp_path / "codes.html"
    write_slips(file, [SLIP], URL, 14)
    page = file.read_text(encoding="utf-8")
    assert all(part in page for part in ("张三", "0101", "0123-4567-89AB", URL, "14", "<svg"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_a_name_holds_is_text(tmp_path: Path) -> None:
    hostile = structs.replace(PERSON, name="<script>alert(1)</script>", employee_number='"><img src=x>')
    html = slip_html(Slip(hostile, SLIP.code), URL, 14)
    assert "<script" not in html and "<img" not in html


def test_the_page_loads_nothing_and_runs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "codes.html"
    write_slips(file, [SLIP], URL, 14)
    assert not re.search(r"<script|<link|<img|src=|url\(", file.read_text(encoding="utf-8"))


def test_no_file_is_written_over_and_no_link_followed(tmp_path: Path) -> None:
    other, link = tmp_path / "other", tmp_path / "codes.html"
    link.symlink_to(other)
    with pytest.raises(CodesNotWritten):
        check_new(link)
    with pytest.raises(CodesNotWritten):
        write_slips(link, [SLIP], URL, 14)
    assert not other.exists()
