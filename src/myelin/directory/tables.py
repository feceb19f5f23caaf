"""Tables from files as hospitals have them: CSV in GB18030 or UTF-8, or a spreadsheet; bounded, and without formulas.

Nothing here knows what the columns are for.
"""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path

import msgspec
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from myelin.directory.faults import Fault, FaultyFile

FILE_LIMIT_BYTES = 50 * 1024 * 1024
# A spreadsheet is a zip archive: what it unpacks to is what memory must hold.
UNPACKED_LIMIT_BYTES = 200 * 1024 * 1024
CELL_LIMIT = 500
ROWS_LIMIT = 200_000
COLUMNS_LIMIT = 100
ZIP_MAGIC = b"PK\x03\x04"

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
    try:
        size = path.stat().st_size
        if size > FILE_LIMIT_BYTES:
            raise FaultyFile([Fault(0, f"the file is larger than {FILE_LIMIT_BYTES // 1024**2} MB")])
        content = path.read_bytes()
    except OSError as fault:
        raise FaultyFile([Fault(0, f"{path.name} cannot be read: {fault.strerror}")]) from None
    lines = spreadsheet_lines(content) if content.startswith(ZIP_MAGIC) else csv_lines(content)
    return list(rows_of(lines, headings, required))


def rows_of(lines: Iterable[tuple[int, list[str]]], headings: Headings, required: Iterable[str]) -> Iterator[Row]:
    """Yield the rows under the heading, which is the first line that holds anything."""
    columns: list[str | None] | None = None
    for line, cells in lines:
        if line > ROWS_LIMIT:
            raise FaultyFile([Fault(line, f"there are more than {ROWS_LIMIT} lines")])
        if not any(cells):
            continue
        if columns is None:
            columns = columns_of(line, cells, headings, required)
            continue
        check_lengths(line, cells)
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


def check_lengths(line: int, cells: list[str]) -> None:
    if len(cells) > COLUMNS_LIMIT:
        raise FaultyFile([Fault(line, f"there are more than {COLUMNS_LIMIT} columns")])
    if any(len(cell) > CELL_LIMIT for cell in cells):
        raise FaultyFile([Fault(line, f"a cell holds more than {CELL_LIMIT} characters")])


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
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as fault:
            line = content[: fault.start].count(b"\n") + 1
    raise FaultyFile([Fault(line, "the text is neither UTF-8 nor GB18030; save the file in one of the two")])


# --- spreadsheets ---


def spreadsheet_lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of a workbook's first sheet; a formula is refused, for its result may be stale."""
    check_unpacked(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        for line, cells in enumerate(book.worksheets[0].iter_rows(max_col=COLUMNS_LIMIT, values_only=True), start=1):
            yield line, [cell_text(line, value) for value in cells]
    except FaultyFile:
        raise
    except Exception as fault:  # what a hostile workbook makes of the library is not listed anywhere
        raise FaultyFile([Fault(0, f"this is not a readable XLSX file ({type(fault).__name__})")]) from None


def check_unpacked(content: bytes) -> None:
    """Raise `FaultyFile` where the archive is broken or unpacks to more than memory should hold."""
    try:
        size = sum(item.file_size for item in zipfile.ZipFile(io.BytesIO(content)).infolist())
    except (zipfile.BadZipFile, InvalidFileException):
        raise FaultyFile([Fault(0, "this is not a readable XLSX file")]) from None
    if size > UNPACKED_LIMIT_BYTES:
        raise FaultyFile([Fault(0, f"unpacked, the file is larger than {UNPACKED_LIMIT_BYTES // 1024**2} MB")])


def cell_text(line: int, value: object) -> str:
    """Return what a cell shows; numbers as people typed them, which the spreadsheet may have made fractions."""
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith("="):
        raise FaultyFile([Fault(line, "a cell holds a formula; paste values only")])
    for kind, text in CELL_TEXTS:
        if isinstance(value, kind):
            return text(value)
    return tidy(str(value))


CELL_TEXTS: tuple[tuple[type, Callable[..., str]], ...] = (
    (bool, str),
    (float, lambda value: str(int(value)) if value.is_integer() else repr(value)),
    (datetime, lambda value: value.isoformat(sep=" ")),
    (date, lambda value: value.isoformat()),
)


def tidy(text: str) -> str:
    """Return a cell without what cannot be seen: full-width forms as their plain ones, no control characters."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(char for char in folded if unicodedata.category(char) not in ("Cc", "Cf")).strip()
