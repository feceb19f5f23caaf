"""Files of people: what hospitals have is read as it is meant, and what is wrong is refused with its line."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from myelin.directory import tables
from myelin.directory.faults import FaultyFile
from myelin.directory.people_file import ListedPerson, read_people

HEAD = "工号,姓名,科室,职称,职业,电话,兼职\n"
SHORT_HEAD: list[object] = ["工号", "姓名", "科室", "职业"]
ZHANG = "1001,张三,内科系统/心内科,主任医师,医,6001,内科系统/呼吸科:顾问;护理部\n"


def read(folder: Path, content: str | bytes, name: str = "people.csv") -> list[ListedPerson]:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_people(file, "hospital.test")


def refusal(folder: Path, content: str | bytes) -> str:
    with pytest.raises(FaultyFile) as refused:
        read(folder, content)
    return str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_row_says_who_somebody_is(tmp_path: Path, encoding: str) -> None:
    (zhang,) = read(tmp_path, (HEAD + ZHANG).encode(encoding))
    assert (zhang.user_id, zhang.name, zhang.department) == ("@1001:hospital.test", "张三", "内科系统/心内科")
    assert (zhang.title, zhang.profession, zhang.phone) == ("主任医师", "医", "6001")
    # A post without a title has the person's own.
    assert zhang.further == (("内科系统/呼吸科", "顾问"), ("护理部", "主任医师"))


def test_english_headings_in_another_order_and_columns_of_others(tmp_path: Path) -> None:
    text = "Room,profession,department,name,employee_number\n12,护,急诊科,周九,１００７\n"
    (zhou,) = read(tmp_path, text)
    # Full-width digits are the digits that were meant.
    assert (zhou.employee_number, zhou.profession, zhou.title) == ("1007", "护", "")


def test_ids_come_from_numbers_and_never_from_names(tmp_path: Path) -> None:
    people = read(tmp_path, HEAD + "A-01,甲,内科,,管,,\n王五,乙,内科,,管,,\n")
    assert [person.user_id for person in people] == ["@a-01:hospital.test", "@=e7=8e=8b=e4=ba=94:hospital.test"]


def spreadsheet(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def with_part(content: bytes, name: str, part: str) -> bytes:
    """The same workbook with another file in its archive."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.namelist():
            new.writestr(item, old.read(item) if item != name else part)
    return changed.getvalue()


def test_a_spreadsheet_reads_like_the_text(tmp_path: Path) -> None:
    # Excel makes numbers of what people type.
    row = [1001.0, "张三", "内科系统 / 心内科", "主任医师", "医", 6001, None]
    content = spreadsheet(["工号", "姓名", "科室", "职称", "职业", "电话", "兼职"], [None], row)
    (zhang,) = read(tmp_path, content, "people.xlsx")
    assert (zhang.employee_number, zhang.phone, zhang.department) == ("1001", "6001", "内科系统/心内科")
    assert zhang.line == 3


def test_a_number_that_is_shown_with_zeros_has_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(SHORT_HEAD)
    book.active.append([12, "张三", "内科", "医"])
    book.active["A2"].number_format = "0000"
    (zhang,) = read(tmp_path, saved(book))
    assert zhang.employee_number == "0012"


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    said = refusal(
        tmp_path,
        HEAD + "1001,张三,内科,,医,,\n1001,李四,内科,,医,,\na7,甲,内科,,医,,\nA7,乙,内科,,医,,\n1002,,内科,,神,,\n",
    )
    assert "line 3: 工号 1001 is that of line 2" in said
    assert "line 5: 工号 A7 is equal, but for case, to that of line 4" in said
    assert "line 6: 姓名 (name) is empty" in said and "line 6: 职业 (profession) is '神'" in said


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1001,张三,,,医,,", "科室 (department) is empty"),
        ("1001,张三,/,,医,,", "names no department"),
        ("1001,张三,内科,,医,,:顾问", "without a department"),
        ('"=""1001""",张三,内科,,医,,', "a cell holds a formula"),
        ("_lab,张三,内科,,医,,", "cannot be a number"),
        ("@a:b,张三,内科,,医,,", "cannot be a number"),
        (f"{'9' * 300},张三,内科,,医,,", "cannot be a number"),
        (f"1001,{'张' * 501},内科,,医,,", "more than 500 characters"),
        (f"1001,张三,内科,{'师' * 85},医,,", "which everybody sees, is longer than 256 bytes"),
    ],
)
def test_what_a_row_may_not_hold(tmp_path: Path, row: str, reason: str) -> None:
    said = refusal(tmp_path, f"{HEAD}{row}\n")
    assert "line 2" in said and reason in said


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        ("工号,姓名,职业\n1,a,医\n".encode(), "the column 科室 is missing"),
        ("工号,工号,姓名,科室,职业\n".encode(), "employee_number is there twice"),
        ((HEAD + ZHANG).encode() + "1002,李四,内科,,医,,\n".encode("gb18030"), "line 3: this line is in another"),
        ((HEAD + ZHANG).encode("gb18030") + "1002,李四,内科,,医,,\n".encode(), "line 3: this line is in another"),
        ((HEAD + ZHANG).encode("gb18030") + b"1002,\xff,,,,,\n", "line 3: the text is neither UTF-8 nor GB18030"),
        ((HEAD + ZHANG).encode("utf-16"), "neither UTF-8 nor GB18030"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as XLSX or CSV"),
        (f'{HEAD}1001,"张三\n'.encode(), "this is not CSV"),
        (b"PK\x03\x04 and then nothing", "not a readable XLSX"),
        (HEAD.encode() + b"1001," + b"a" * 200_000 + b",b,,,,\n", "not CSV"),
    ],
)
def test_what_a_file_may_not_be(tmp_path: Path, content: bytes, reason: str) -> None:
    assert reason in refusal(tmp_path, content)


@pytest.mark.parametrize(
    "formula",
    ['=HYPERLINK("http://elsewhere")', ArrayFormula("A2", "=1+1"), DataTableFormula("A2", dt2D=True)],
    ids=["plain", "array", "table"],
)
def test_formulas_are_refused(tmp_path: Path, formula: object) -> None:
    content = spreadsheet(SHORT_HEAD, [formula, "张三", "内科", "医"])
    assert "line 2: a cell holds a formula" in refusal(tmp_path, content)


def test_an_error_is_no_name(tmp_path: Path) -> None:
    assert "line 2: a cell holds the error #REF!" in refusal(
        tmp_path, spreadsheet(SHORT_HEAD, ["1001", "#REF!", "内科", "医"])
    )


def test_entities_that_grow_without_end_are_refused(tmp_path: Path) -> None:
    growing = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 30))
    sheet = f'<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY e0 "a">{growing}]><worksheet>&e29;</worksheet>'
    content = with_part(spreadsheet(SHORT_HEAD), "xl/worksheets/sheet1.xml", sheet)
    assert "not a readable XLSX file" in refusal(tmp_path, content)


def test_lines_without_end_are_refused(tmp_path: Path) -> None:
    names = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{names}"><sheetData><row r="999999999999"/></sheetData></worksheet>'
    content = with_part(spreadsheet(SHORT_HEAD), "xl/worksheets/sheet1.xml", sheet)
    assert "more than 200000 lines" in refusal(tmp_path, content)
    assert "more than 200000 lines" in refusal(tmp_path, HEAD + ZHANG * (tables.LINES_LIMIT + 1))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_cell_of_ten_megabytes_is_refused(tmp_path: Path, kind: str) -> None:
    text = "a" * 10 * 1024**2
    names = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cell = f'<c r="A1" t="inlineStr"><is><t>{text}</t></is></c>'
    sheet = f'<worksheet xmlns="{names}"><sheetData><row r="1">{cell}</row></sheetData></worksheet>'
    workbook = with_part(spreadsheet(SHORT_HEAD), "xl/worksheets/sheet1.xml", sheet)
    said = refusal(tmp_path, workbook if kind == "xlsx" else f"{HEAD}1001,{text},内科,,医,,\n")
    assert "line 1: a cell holds more than 500 characters" in said or "line 2: this is not CSV: field larger" in said


def test_a_spreadsheet_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    whole = spreadsheet(SHORT_HEAD, ["1001", "张三", "内科", "医"])
    for size in range(0, len(whole) - 1, 97):
        refusal(tmp_path, whole[:size])


def test_a_file_larger_than_any_hospital_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "FILE_LIMIT_BYTES", 1024**2)
    assert "larger than 1 MB" in refusal(tmp_path, b"a" * (1024**2 + 1))


@settings(max_examples=200, deadline=None)
@given(
    content=st.binary(max_size=400) | st.text(max_size=200).map(lambda text: (HEAD + text).encode("utf-8", "replace"))
)
def test_whatever_a_file_holds_it_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "anything"
    file.write_bytes(content)
    with suppress(FaultyFile):
        read_people(file, "hospital.test")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (tables.UNPACKED_LIMIT_BYTES + 1))
    assert "unpacked, the file is larger" in refusal(tmp_path, content.getvalue())


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FaultyFile, match="cannot be read"):
        read_people(tmp_path / "nowhere.csv", "hospital.test")
