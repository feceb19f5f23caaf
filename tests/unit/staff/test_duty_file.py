"""Times and cells of duty files, as secretaries and spreadsheets write them."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from myelin.directory.duty_file import fallback_of, instant_of, read_duties
from myelin.directory.faults import FaultyFile

EIGHT = int(datetime(2026, 12, 1, 0, 0, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-12-01 08:00", "2026-12-01 08:00:00", "2026-12-01T08:00", "2026/12/1 8:00", "2026.12.01 8:00"),
        *("2026年12月1日 8:00", "2026年12月1日8:00", "2026-12-01T00:00:00Z", "2026-12-01 09:00+09:00"),
        *("2026-11-30T16:00:00-0800", "2026-12-01 08:00 +0800"),
    ],
)
def test_times_are_those_of_shanghai_unless_they_say_otherwise(text: str) -> None:
    assert instant_of(text) == EIGHT


def test_a_day_ends_at_twenty_four_and_begins_without_a_time() -> None:
    assert instant_of("2026-11-30 24:00") == instant_of("2026-12-01") == EIGHT - 8 * 3_600_000
    assert instant_of("2026-12-01 08:00:01") == EIGHT + 1000


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "08:00", "2026-13-01", "2026-02-30 08:00", "2026-12-01 24:01", "2026-12-01 25:00", "1999-12-31"),
        *("2026-12-01 08:00+25:00", "2026-12-01 08:00 CST", "９9999-12-31 24:00", "9999-12-31 24:00", "45000.5"),
        "2026-12-01 08:00\n2026-12-02",
    ],
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert instant_of(text) is None


def test_fallbacks_are_lists() -> None:
    assert (
        fallback_of("心内科-二线;总值班") == fallback_of("心内科-二线 > 总值班") == fallback_of("心内科-二线、总值班")
    )
    assert fallback_of("") is None
    assert fallback_of("无") == fallback_of("-") == ()
    assert fallback_of(";") is None


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, content = openpyxl.Workbook(), BytesIO()
    for row in (("角色", "工号", "开始", "结束", "后备"), *rows):
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def test_a_spreadsheet_gives_its_times(tmp_path: Path) -> None:
    file = tmp_path / "duty.xlsx"
    file.write_bytes(
        workbook(
            ("心内科-一线", 101, datetime(2026, 12, 1, 8), datetime(2026, 12, 2), None),  # noqa: DTZ001 - a cell has no zone
            ("总值班", "0105", None, None, "无"),
        )
    )
    shift, standing = read_duties(file, "hospital.test")
    assert (shift.user_id, shift.begins, shift.ends) == ("@101:hospital.test", EIGHT, EIGHT + 16 * 3_600_000)
    assert (standing.user_id, standing.begins, standing.fallback) == ("@0105:hospital.test", None, ())


def test_a_formula_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "duty.xlsx"
    file.write_bytes(workbook(("心内科-一线", '=HYPERLINK("http://evil.test")', None, None, None)))
    with pytest.raises(FaultyFile, match="line 2: a cell holds a formula"):
        read_duties(file, "hospital.test")
