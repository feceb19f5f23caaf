"""Tables from files as hospitals have them: CSV in GB18030 or UTF-8, or a spreadsheet; bounded, and without formulas.

Nothing here knows what the columns are for.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import msgspec
import openpyxl
from openpyxl.cell.read_only import EMPTY_CELL, ReadOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from myelin.directory.faults import Fault, FaultyFile

FILE_LIMIT_BYTES = 50 * 1024 * 1024
# A spreadsheet is a zip archive: what it unpacks to is what memory must hold, many times over.
UNPACKED_LIMIT_BYTES = 64 * 1024 * 1024
# Of which so much may be anything but lines: each style or shared text costs far more than it says.
SURROUNDINGS_LIMIT_BYTES = 8 * 1024 * 1024
LINES = "xl/worksheets/"
CELL_LIMIT = 500
LINES_LIMIT = 200_000
COLUMNS_LIMIT = 100
ZIP_MAGIC = b"PK\x03\x04"
OLD_SPREADSHEET_MAGIC = b"\xd0\xcf\x11\xe0"
FORMULA = "="
# The first of the characters that Chinese is written with; what is wrong with an encoding shows in them.
FIRST_CHINESE = "\u2e80"
LEADING_ZEROS = re.compile(r"0{2,}")

# Both spellings of each column, by its name here.
Headings = Mapping[str, tuple[str, ...]]


class Row(msgspec.Struct, frozen=True):
    """One row: its line in the file and its cells by column, trimmed; a column that is not there is empty."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def read_table(path: Path, headings: Headings, required: Iterable[str]) -> list[Row]:
    """Return the rows of a file; `FaultyFile` with the lines where it cannot be read as a table with these columns."""
    content = read_bounded(path)
    if content.startswith(OLD_SPREADSHEET_MAGIC):
        raise FaultyFile([Fault(0, "this is a spreadsheet of the old kind (XLS); save it as XLSX or CSV")])
    lines = spreadsheet_lines(content) if content.startswith(ZIP_MAGIC) else csv_lines(content)
    return list(rows_of(lines, headings, required))


def read_bounded(path: Path) -> bytes:
    """Return what is in a file, of whatever kind it is; never more than memory should hold."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_LIMIT_BYTES + 1)
    except OSError as fault:
        raise FaultyFile([Fault(0, f"{path.name} cannot be read: {fault.strerror}")]) from None
    if len(content) > FILE_LIMIT_BYTES:
        raise FaultyFile([Fault(0, f"the file is larger than {FILE_LIMIT_BYTES // 1024**2} MB")])
    return content


def rows_of(lines: Iterable[tuple[int, list[str]]], headings: Headings, required: Iterable[str]) -> Iterator[Row]:
    """Yield the rows under the heading, which is the first line that holds anything."""
    columns: list[str | None] | None = None
    for line, cells in lines:
        if line > LINES_LIMIT:
            raise FaultyFile([Fault(line, f"there are more than {LINES_LIMIT} lines")])
        if not any(cells):
            continue
        check_cells(line, cells)
        if columns is None:
            columns = columns_of(line, cells, headings, required)
            continue
        yield Row(line, {name: cell for name, cell in zip(columns, cells, strict=False) if name is not None})
    if columns is None:
        raise FaultyFile([Fault(0, "the file is empty")])


def columns_of(line: int, cells: list[str], headings: Headings, required: Iterable[str]) -> list[str | None]:
    """Return what each column is for, None for those that nobody asked for."""
    known = {spelling: name for name, spellings in headings.items() for spelling in (name, *spellings)}
    columns = [known.get(cell.lower()) for cell in cells]
    found = [column for column in columns if column is not None]
    faults = [
        Fault(line, f"the column {'/'.join(headings[name])} is missing") for name in required if name not in found
    ]
    faults += [Fault(line, f"the column {name} is there twice") for name in set(found) if found.count(name) > 1]
    if faults:
        raise FaultyFile(faults)
    return columns


def check_cells(line: int, cells: list[str]) -> None:
    """Raise `FaultyFile` where a line holds what no line should; a formula's result may be stale, or different here."""
    if len(cells) > COLUMNS_LIMIT:
        raise FaultyFile([Fault(line, f"there are more than {COLUMNS_LIMIT} columns")])
    if any(len(cell) > CELL_LIMIT for cell in cells):
        raise FaultyFile([Fault(line, f"a cell holds more than {CELL_LIMIT} characters")])
    if any(cell.startswith(FORMULA) for cell in cells):
        raise FaultyFile([Fault(line, "a cell holds a formula; paste values only")])


# --- CSV ---


def csv_lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of comma-separated values, each with the number of the line on which it begins."""
    text = decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, [tidy(cell) for cell in cells]
            line = reader.line_num + 1
    except csv.Error as fault:
        raise FaultyFile([Fault(reader.line_num, f"this is not CSV: {fault}")]) from None


def decoded(content: bytes) -> str:
    """Return a file's text: UTF-8 where it is that, else GB18030; one file is in one of the two."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        check_one_encoding(content)
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
    raise FaultyFile([Fault(line, "the text is neither UTF-8 nor GB18030; save the file in one of the two")])


def check_one_encoding(content: bytes) -> None:
    """Raise `FaultyFile` where some lines are UTF-8 and others are not: as GB18030 nearly everything has a meaning."""
    first: bool | None = None
    for line, text in enumerate(content.split(b"\n"), start=1):
        is_utf_8 = is_chinese_utf_8(text)
        if is_utf_8 is None or is_utf_8 is first:
            continue
        if first is not None:
            reason = "this line is in another encoding than those before it, or damaged; save the whole file as UTF-8"
            raise FaultyFile([Fault(line, reason)])
        first = is_utf_8


def is_chinese_utf_8(line: bytes) -> bool | None:
    """Return whether a line is UTF-8, None where it could be either; Chinese in GB18030 hardly ever looks so."""
    try:
        return True if any(char >= FIRST_CHINESE for char in line.decode()) else None
    except UnicodeDecodeError:
        return False


# --- spreadsheets ---


def spreadsheet_lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of a workbook's first sheet."""
    check_unpacked(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        for line, cells in enumerate(book.worksheets[0].iter_rows(max_col=COLUMNS_LIMIT), start=1):
            # A spreadsheet may say that its next line is the millionth: what lies between must cost little.
            is_empty = all(cell is EMPTY_CELL for cell in cells)
            yield line, [] if is_empty else [cell_text(line, cell) if cell.value is not None else "" for cell in cells]
    except FaultyFile:
        raise
    except Exception as fault:  # what a hostile workbook makes of the library is not listed anywhere
        raise FaultyFile([Fault(0, f"this is not a readable XLSX file ({type(fault).__name__})")]) from None


def check_unpacked(content: bytes) -> None:
    """Raise `FaultyFile` where the archive is broken or unpacks to more than memory should hold."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, InvalidFileException):
        raise FaultyFile([Fault(0, "this is not a readable XLSX file")]) from None
    size = sum(part.file_size for part in parts)
    surroundings = sum(part.file_size for part in parts if not part.filename.startswith(LINES))
    if size > UNPACKED_LIMIT_BYTES or surroundings > SURROUNDINGS_LIMIT_BYTES:
        raise FaultyFile([Fault(0, f"unpacked, the file is larger than {UNPACKED_LIMIT_BYTES // 1024**2} MB; use CSV")])


def cell_text(line: int, cell: ReadOnlyCell) -> str:
    """Return what a cell shows; numbers as people typed them, which the spreadsheet may have made fractions."""
    value, kind = cell.value, cell.data_type
    if kind == "f":
        return FORMULA
    if kind == "e":
        raise FaultyFile([Fault(line, f"a cell holds the error {tidy(str(value))}")])
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    # A number that is shown as 0012 was meant as that.
    digits = len(cell.number_format) if LEADING_ZEROS.fullmatch(cell.number_format) else 0
    return str(value).zfill(digits) if isinstance(value, int) else tidy(str(value))


def tidy(text: str) -> str:
    """Return a cell without what cannot be seen: full-width forms as their plain ones, no control characters."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(char for char in folded if unicodedata.category(char) not in ("Cc", "Cf")).strip()
