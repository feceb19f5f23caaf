"""A partner's CSV files as maps, and a complaint with its line for each row that cannot be used.

A row that cannot be used is left out and not repaired: what it would have mapped goes to the fallback role.
"""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

import msgspec

from myelin_gateway.mapping.maps import STANDARD_FLAGS, Limits, Maps, PatientNumbers, Ward, analytes_of
from myelin_gateway.model import CRITICAL_FLAGS, Flag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Row = dict[str, str]
Made = TypeVar("Made")
LIMIT = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?", re.ASCII)
LOINC = re.compile(r"(\d{1,7})-(\d)", re.ASCII)
ROWS_LIMIT = 100_000


class Complaint(msgspec.Struct, frozen=True):
    """What is wrong in a file, and in which line (0: the whole of it). A warning works, but perhaps not as meant."""

    file: str
    line: int
    text: str
    is_warning: bool = False

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{where}: {self.text}"


class Unusable(Exception):
    """A row cannot be used; the sentence says why."""


class Table(msgspec.Struct, frozen=True):
    """What a file looks like: its columns, those that must be filled, and the one that no two rows share."""

    file: str
    columns: tuple[str, ...]
    required: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.columns[0]


WARDS = Table(
    "wards.csv", ("ward", "department", "nurse_role", "station", "ladder"), ("ward", "department", "nurse_role")
)
STAFF = Table("staff.csv", ("code", "employee"), ("code", "employee"))
ANALYTES = Table("analytes.csv", ("code", "loinc", "unit", "low", "high", "name"), ("code",))
FLAGS = Table("flags.csv", ("local", "flag"), ("local", "flag"))
TABLES = (WARDS, STAFF, ANALYTES, FLAGS)


class Read(msgspec.Struct, frozen=True):
    """A partner's maps, where each row of them stands, and what is wrong with the files."""

    maps: Maps
    lines: Mapping[str, Mapping[str, int]]
    complaints: tuple[Complaint, ...]


def read_maps(files: Mapping[str, bytes], numbers: PatientNumbers | None = None) -> Read:
    """Return the maps of a folder's files, by name; a missing file maps nothing, which is a warning."""
    complaints: list[Complaint] = []
    lines: dict[str, Mapping[str, int]] = {}

    def rows(table: Table, made: Callable[[Row], Made]) -> dict[str, Made]:
        found = {key: (line, each) for line, key, each in usable_rows(table, files, made, complaints)}
        lines[table.file] = {key: line for key, (line, _each) in found.items()}
        return {key: each for key, (_line, each) in found.items()}

    wards, staff = rows(WARDS, ward_of), rows(STAFF, lambda row: row["employee"])
    analytes, flags = rows(ANALYTES, limits_of), rows(FLAGS, flag_of)
    complaints += unknown_files(files)
    maps = Maps(wards, staff, analytes_of(analytes), flags, numbers or PatientNumbers())
    return Read(maps, lines, tuple(complaints))


def usable_rows(
    table: Table, files: Mapping[str, bytes], made: Callable[[Row], Made], complaints: list[Complaint]
) -> Iterator[tuple[int, str, Made]]:
    """Yield line, key and value of each usable row; complains of every other one."""
    if table.file not in files:
        complaints.append(Complaint(table.file, 0, "There is no such file: nothing of it is mapped.", is_warning=True))
        return
    seen: dict[str, int] = {}
    for line, row in rows_of(table, files[table.file], complaints):
        key = row[table.key]
        try:
            check_filled(table, row)
            if key in seen:
                raise Unusable(f"{key!r} stands in line {seen[key]} already; that one counts.")
            value = made(row)
        except Unusable as unusable:
            complaints.append(Complaint(table.file, line, str(unusable)))
            continue
        seen[key] = line
        yield line, key, value


def rows_of(table: Table, raw: bytes, complaints: list[Complaint]) -> Iterator[tuple[int, Row]]:
    """Yield the rows under the header with their lines; empty ones and those that begin with # are no rows."""
    try:
        reader = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
    except UnicodeDecodeError:
        complaints.append(Complaint(table.file, 0, "The file is not in UTF-8. In Excel: save as “CSV UTF-8”."))
        return
    header: list[str] | None = None
    try:
        for cells in reader:
            row = [cell.strip() for cell in cells]
            if not any(row) or row[0].startswith("#"):
                continue
            if reader.line_num > ROWS_LIMIT:
                complaints.append(
                    Complaint(table.file, reader.line_num, f"More than {ROWS_LIMIT} lines: none follows.")
                )
                return
            if header is None:
                header = [cell.casefold() for cell in row]
                if sentence := wrong_header(table, header):
                    complaints.append(Complaint(table.file, reader.line_num, sentence))
                    return
            elif len(row) > len(header):
                complaints.append(
                    Complaint(table.file, reader.line_num, f"{len(row)} cells under {len(header)} columns.")
                )
            else:
                cells_by_column = dict(zip(header, row, strict=False))
                yield reader.line_num, {column: cells_by_column.get(column, "") for column in table.columns}
    except csv.Error as error:
        complaints.append(Complaint(table.file, reader.line_num, f"This is no CSV: {error}."))
    if header is None:
        complaints.append(Complaint(table.file, 0, f"The first line must name the columns: {','.join(table.columns)}."))


def wrong_header(table: Table, header: list[str]) -> str:
    """Return what is wrong with the first line; nothing if it names the columns, in whatever order."""
    missing = [column for column in table.required if column not in header]
    strange = [column for column in header if column not in table.columns]
    if missing or strange or len(set(header)) < len(header):
        found = ",".join(header)
        return f"The first line must name the columns {','.join(table.columns)}, each once; it says {found!r}."
    return ""


def check_filled(table: Table, row: Row) -> None:
    empty = [column for column in table.required if not row[column]]
    if empty:
        raise Unusable(f"{' and '.join(empty)} must be filled.")


def ward_of(row: Row) -> Ward:
    return Ward(row["department"], row["nurse_role"], row["station"], row["ladder"])


def limits_of(row: Row) -> Limits:
    low, high = limit_of(row, "low"), limit_of(row, "high")
    if low is not None and high is not None and low >= high:
        raise Unusable(f"low {low} must be less than high {high}.")
    if row["loinc"] and not is_loinc(row["loinc"]):
        raise Unusable(f"{row['loinc']!r} is no LOINC code: its last digit does not fit, or it has another form.")
    return Limits(row["loinc"], row["unit"], low, high, row["name"])


def limit_of(row: Row, column: str) -> Decimal | None:
    if row[column] and not LIMIT.fullmatch(row[column]):
        raise Unusable(f"{column} must be a number, as 2.8; it says {row[column]!r}.")
    return Decimal(row[column]) if row[column] else None


def is_loinc(text: str) -> bool:
    """Whether a LOINC code is one, by its check digit (modulus 10)."""
    found = LOINC.fullmatch(text)
    if not found:
        return False
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(found[1]))]
    return (10 - sum(each // 10 + each % 10 for each in doubled) % 10) % 10 == int(found[2])


def flag_of(row: Row) -> Flag:
    if row["flag"] not in STANDARD_FLAGS:
        raise Unusable(f"flag must be one of {' '.join(STANDARD_FLAGS)}; it says {row['flag']!r}.")
    flag, standard = STANDARD_FLAGS[row["flag"]], STANDARD_FLAGS.get(row["local"])
    if standard in CRITICAL_FLAGS and flag not in CRITICAL_FLAGS:
        raise Unusable(f"{standard} is critical by the standard; {flag} would silence it.")
    return flag


def unknown_files(files: Mapping[str, bytes]) -> list[Complaint]:
    """Return a complaint for each CSV file that nobody reads: most often a misspelt name."""
    known = ", ".join(table.file for table in TABLES)
    strange = [file for file in files if file.endswith(".csv") and file not in {table.file for table in TABLES}]
    return [Complaint(file, 0, f"Nobody reads this file; there are {known}.") for file in strange]
