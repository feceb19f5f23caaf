"""A partner's CSV files: what they map, and every line that cannot work is complained of by its number."""

from __future__ import annotations

from decimal import Decimal

import pytest

from myelin_gateway.mapping import (
    TABLES,
    Addressees,
    Fault,
    Known,
    Maps,
    Read,
    Unmapped,
    check_maps,
    news_of,
    read_maps,
    unmapped_codes,
    who_is_meant,
)
from myelin_gateway.model import News
from tests.gateway.hl7_texts import PATIENT, RECEIVED_AT, VISIT, message, obr, obx, report_message

GOOD = {
    "wards.csv": "ward,department,nurse_role,station,ladder\nXN,心内科,心内科-护士,station-xn,inpatient\n",
    "staff.csv": "code,employee\n1001,E1001\n1007,E1007\n1009,E1009\n",
    "analytes.csv": "code,loinc,unit,low,high,name\nK,2823-3,mmol/L,2.8,6.2,钾\nBC,,,,,血培养\n",
    "flags.csv": "local,flag\n危,AA\n↑↑,HH\n",
}


def read(**changed: str) -> Read:
    files = {**GOOD, **{f"{name}.csv": text for name, text in changed.items()}}
    return read_maps({name: text.encode() for name, text in files.items()})


def complaints(**changed: str) -> list[str]:
    return [str(each) for each in read(**changed).complaints]


def test_good_files_are_maps_without_a_complaint() -> None:
    found = read()
    assert check_maps(found, Known(), "心内科-值班") == ()
    maps = found.maps
    assert maps.wards["XN"].nurse_role == "心内科-护士" and maps.staff["1001"] == "E1001"
    assert maps.analytes.by_code["K"].high == Decimal("6.2") == maps.analytes.by_loinc["2823-3"].high
    assert maps.flag_of("危") == "AA" and maps.flag_of("HH") == "HH" and maps.flag_of("?") is None
    assert maps.critical_flags == {"HH", "LL", "AA", "危", "↑↑"}


def test_columns_in_any_order_a_mark_blank_lines_and_comments_are_read() -> None:
    text = "\ufeff# 检验科 2026\r\n\r\nEmployee, Code\r\nE1, 7\r\n"
    assert read(staff=text).maps.staff == {"7": "E1"}


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("staff", "code,employee\n1,E1\n\n,E2\n", "staff.csv, line 4: code must be filled."),
        ("staff", "code,employee\n1,\n", "staff.csv, line 2: employee must be filled."),
        ("staff", "code,employee\n1,E1\n1,E2\n", "staff.csv, line 3: '1' stands in line 2 already; that one counts."),
        ("staff", "code,employee\n1,E1,x\n", "staff.csv, line 2: 3 cells under 2 columns."),
        ("staff", 'code,employee\n"1,E1\n', "staff.csv, line 2: This is no CSV: unexpected end of data."),
        ("staff", "", "staff.csv: The first line must name the columns: code,employee."),
        (
            "staff",
            "code;employee\n",
            "staff.csv, line 1: The first line must name the columns code,employee, each once; ",
        ),
        ("staff", "1001,E1001\n", "staff.csv, line 1: The first line must name the columns code,employee, each once; "),
        ("analytes", "code,low,high\nK,6.2,2.8\n", "analytes.csv, line 2: low 6.2 must be less than high 2.8."),
        ("analytes", "code,low\nK,<2.8\n", "analytes.csv, line 2: low must be a number, as 2.8; it says '<2.8'."),
        ("analytes", "code,high\nK,NaN\n", "analytes.csv, line 2: high must be a number, as 2.8; it says 'NaN'."),
        ("analytes", "code,loinc\nK,2823-4\n", "analytes.csv, line 2: '2823-4' is no LOINC code"),
        (
            "flags",
            "local,flag\n高,HIGH\n",
            "flags.csv, line 2: flag must be one of LL L N H HH A AA > <; it says 'HIGH'.",
        ),
        ("flags", "local,flag\nHH,H\n", "flags.csv, line 2: HH is critical by the standard; H would silence it."),
        ("wards", "ward,department,nurse_role\nXN,心内科,\n", "wards.csv, line 2: nurse_role must be filled."),
        ("ward", "x\n", "ward.csv: Nobody reads this file; there are wards.csv, staff.csv, analytes.csv, flags.csv."),
    ],
)
def test_each_mistake_is_complained_of_with_its_line(file: str, text: str, complaint: str) -> None:
    (only,) = complaints(**{file: text})
    assert only.startswith(complaint)


def test_a_flag_that_is_not_critical_may_be_mapped_too() -> None:
    maps = read(flags="local,flag\n高,H\nHH,AA\n").maps
    assert (maps.flag_of("高"), maps.flag_of("HH")) == ("H", "AA")


def test_a_row_cannot_silence_a_critical_flag() -> None:
    assert read(flags="local,flag\nHH,H\n").maps.flag_of("HH") == "HH"


def test_a_bad_row_spoils_no_other() -> None:
    assert read(staff="code,employee\n1,E1\n2,\n3,E3\n").maps.staff == {"1": "E1", "3": "E3"}


def test_a_file_in_gbk_says_how_to_save_it() -> None:
    files = {name: text.encode() for name, text in GOOD.items()} | {"wards.csv": GOOD["wards.csv"].encode("gbk")}
    (complaint,) = read_maps(files).complaints
    assert "UTF-8" in complaint.text and not complaint.is_warning


def test_missing_files_are_warnings() -> None:
    found = read_maps({})
    assert [each.file for each in found.complaints] == [table.file for table in TABLES]
    assert all(each.is_warning for each in found.complaints)


def test_what_the_hospital_does_not_know_is_complained_of() -> None:
    known = Known(frozenset({"E1001"}), frozenset({"外科"}), frozenset({"护士"}), frozenset({"outpatient"}))
    texts = [str(each) for each in check_maps(read(), known, "值班")]
    assert texts == [
        "wards.csv, line 2: department: nobody knows '心内科'.",
        "wards.csv, line 2: nurse_role: nobody knows '心内科-护士'.",
        "wards.csv, line 2: ladder: nobody knows 'inpatient'.",
        "staff.csv, line 3: The directory has no employee 'E1007'.",
        "staff.csv, line 4: The directory has no employee 'E1009'.",
        "fallback_role: Nobody knows the role '值班'.",
    ]


@pytest.mark.parametrize(
    ("changed", "says", "is_warning"),
    [
        ({"analytes": "code,low\nK,2.8\n"}, "without a unit", True),
        ({"analytes": "code,loinc,unit,low\nG,15074-8,g/L,2.8\n"}, "mmol/L and mg/dL are converted", True),
        ({"analytes": "code,loinc,unit,low\nA,2823-3,mmol/L,2\nB,2823-3,mmol/L,3\n"}, "with other limits", True),
    ],
)
def test_what_works_otherwise_than_meant_is_said(changed: dict[str, str], says: str, is_warning: bool) -> None:
    (complaint,) = check_maps(read(**changed), Known(), "值班")
    assert says in complaint.text and complaint.is_warning is is_warning


def test_without_a_fallback_role_the_phone_desk_is_named() -> None:
    (complaint,) = check_maps(read(), Known())
    assert complaint.is_warning and "phone desk" in complaint.text


# ---------------------------------------------------------------- who is meant


MAPS = read().maps


def the_news(kind: str, *segments: str) -> News:
    news = news_of(message(kind, *segments), MAPS, RECEIVED_AT)
    assert not isinstance(news, Fault)
    return news[0]


def meant(kind: str, *segments: str) -> Addressees:
    return who_is_meant(the_news(kind, *segments), MAPS, "值班")


def test_a_report_is_for_its_doctor_and_the_ward() -> None:
    found = meant("ORU^R01", PATIENT, VISIT, obr(), obx())
    assert found == Addressees(("E1001",), "心内科", "心内科-护士", "station-xn", "inpatient")


def test_an_unknown_doctor_means_the_fallback_role_and_is_said() -> None:
    found = meant("ORU^R01", PATIENT, VISIT, obr(doctor="4711^周^九"), obx())
    assert (found.employees, found.fallback_role, found.nurse_role) == ((), "值班", "心内科-护士")
    assert found.unmapped == (Unmapped("staff", "4711", "周九"),)


def test_an_unknown_ward_means_the_fallback_role_beside_the_doctor() -> None:
    found = meant("ORU^R01", PATIENT, VISIT.replace("XN", "YY"), obr(), obx())
    assert (found.employees, found.fallback_role) == (("E1001",), "值班")
    assert found.unmapped == (Unmapped("ward", "YY"),)


def test_a_doctor_without_a_code_is_nobody_that_is_known() -> None:
    found = meant("ORU^R01", PATIENT, obr(doctor="^李^四"), obx())
    assert (found.employees, found.fallback_role, found.unmapped) == ((), "值班", (Unmapped("staff", "", "李四"),))


def test_nobody_named_means_the_fallback_role() -> None:
    assert meant("ORU^R01", PATIENT, obr(doctor=""), obx()) == Addressees(fallback_role="值班")
    assert meant("ADT^A40", PATIENT, "MRG|T9^^^HOSP^MR").fallback_role == "值班"


def test_an_operation_is_for_its_old_and_new_team() -> None:
    team = ["AIP|1|U|1001^李^四", "AIP|2|D|1007^赵", "AIP|3|A|1009^孙"]
    found = meant("SIU^S13", "SCH|OR1", PATIENT, VISIT, *team)
    assert found.employees == ("E1001", "E1009", "E1007") and not found.fallback_role


def test_a_visit_is_for_its_doctors_and_the_ward() -> None:
    found = meant("ADT^A01", PATIENT, VISIT)
    assert (found.employees, found.department) == (("E1001",), "心内科")


def test_without_maps_everything_goes_to_the_fallback_role() -> None:
    news = news_of(report_message(obx()), Maps(), RECEIVED_AT)
    assert not isinstance(news, Fault)
    found = who_is_meant(news[0], Maps(), "值班")
    assert found.fallback_role == "值班" and {each.kind for each in found.unmapped} == {"staff", "ward"}


def test_everything_that_could_be_mapped_is_listed_once() -> None:
    results = [obx("9", "**", code="Z1^未知"), obx("9", "**", code="Z1^未知"), obx("9", "", unit="mg/dL")]
    news = the_news("ORU^R01", PATIENT, VISIT, obr(doctor="4711"), *results)
    assert unmapped_codes(news, MAPS) == (
        Unmapped("staff", "4711"),
        Unmapped("analyte", "Z1", "未知"),
        Unmapped("flag", "**"),
        Unmapped("unit", "mg/dL", "K"),
    )
