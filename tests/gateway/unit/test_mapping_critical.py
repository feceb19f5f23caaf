"""What is a critical value: by flag whatever else, by the hospital's limits where a unit can be compared."""

from __future__ import annotations

from decimal import Decimal

import pytest

from myelin_gateway.mapping import Limits, Maps, analytes_of, has_strange_unit, is_critical, looks_like_a_result
from myelin_gateway.mapping.units import converted
from myelin_gateway.model import Criticality
from tests.gateway.hl7_texts import obx, report_message, report_of, result_of
from tests.gateway.samples import SAMPLES, Sample

ANALYTES = analytes_of(
    {
        "K": Limits("2823-3", "mmol/L", Decimal("2.8"), Decimal("6.2")),
        "GLU": Limits("15074-8", "mmol/L", Decimal("2.8"), Decimal("22.2")),
        "CA": Limits("2000-8", "mmol/L", Decimal("1.5"), Decimal("3.25")),
        "MG": Limits("2601-3", "mmol/L", Decimal("0.4"), Decimal("2.0")),
        "CREA": Limits("2160-0", "umol/L", None, Decimal(650)),
        "INR": Limits("6301-6", "", None, Decimal("5.0")),
        "PH": Limits("2744-1", ""),
    }
)
MAPS = Maps(analytes=ANALYTES)


def critical(given: str) -> Criticality | None:
    return is_critical(result_of(given, MAPS), ANALYTES)


def direction(given: str) -> str | None:
    found = critical(given)
    return found.direction if found else None


@pytest.mark.parametrize(
    ("flags", "means"),
    [("HH", "high"), ("LL", "low"), ("AA", "abnormal"), ("H~HH", "high"), ("A~AA", "abnormal"), ("AA~LL", "low")],
)
def test_a_critical_flag_counts_in_every_repetition(flags: str, means: str) -> None:
    assert direction(obx("4.0", flags)) == means


@pytest.mark.parametrize("flags", ["H", "L", "N", "A", "", ">", "**"])
def test_other_flags_are_not_critical(flags: str) -> None:
    assert critical(obx("4.0", flags)) is None


@pytest.mark.parametrize(
    ("status", "counts"), [("F", True), ("P", True), ("C", True), ("X", False), ("D", False), ("W", False)]
)
def test_only_results_that_stand_are_critical(status: str, counts: bool) -> None:
    assert (critical(obx("6.8", "HH", status)) is not None) is counts
    assert (critical(obx("6.8", "", status)) is not None) is counts


def test_an_unmapped_code_in_an_unknown_unit_with_a_flag_still_alarms() -> None:
    assert direction(obx("9", "HH", code="Z99^未知", unit="?")) == "high"


def test_a_text_with_a_flag_alarms() -> None:
    found = critical(obx("革兰阴性杆菌生长", "AA", kind="TX", code="BC^血培养", unit=""))
    assert found == Criticality("abnormal", "AA")


@pytest.mark.parametrize(
    ("value", "means"),
    [("2.79", "low"), ("2.8", None), ("6.2", None), ("6.21", "high"), ("6.20", None), ("０.5", "low"), ("溶血", None)],
)
def test_without_a_flag_the_limits_count(value: str, means: str | None) -> None:
    assert direction(obx(value, "")) == means


def test_the_limits_count_beside_a_flag_that_is_not_critical() -> None:
    assert direction(obx("7.5", "H")) == "high" == direction(obx("7.5", "N"))


@pytest.mark.parametrize(
    ("value", "flags", "then"), [("6.8", "", "HH"), ("2.2", "L", "LL~L"), ("6.8", "AA", "AA"), ("4", "N", "N")]
)
def test_what_the_limits_say_is_a_flag_for_everybody_later(value: str, flags: str, then: str) -> None:
    assert result_of(obx(value, flags), MAPS).flags == tuple(then.split("~"))


@pytest.mark.parametrize(
    ("value", "means"),
    [
        ("<^2.8", "low"),
        ("<^2", "low"),
        ("<=^2.8", None),
        ("<=^2.7", "low"),
        ("<^10", None),
        (">^6.2", "high"),
        (">=^6.2", None),
        (">=^6.3", "high"),
        (">^1", None),
        ("^7", "high"),
        ("^2^-^7", None),
    ],
)
def test_a_structured_number_is_compared_by_its_bound(value: str, means: str | None) -> None:
    assert direction(obx(value, "", kind="SN")) == means


@pytest.mark.parametrize(
    ("code", "value", "unit", "means"),
    [
        # The trap: 90 mg/dL is a good glucose, 90 mmol/L would be none.
        ("GLU", "90", "mg/dL", None),
        ("GLU", "399", "mg/dL", None),
        ("GLU", "400", "mg/dl", "high"),
        ("GLU", "50.4", "mg/dL", "low"),
        ("GLU", "50.5", "mg/dL", None),
        ("GLU", "22.3", "mmol/l", "high"),
        ("CA", "6.0", "mg/dL", "low"),
        ("CA", "13.1", "mg/dL", "high"),
        ("MG", "0.9", "mg/dL", "low"),
        ("MG", "4.9", "mg/dL", "high"),
        # Not in the table: by flag only.
        ("K", "27", "mg/dL", None),
        ("CREA", "700", "μmol/L", "high"),
        ("CREA", "9", "mg/dL", None),
        ("K", "7", "", None),
        ("INR", "5.1", "", "high"),
        ("PH", "1", "", None),
    ],
)
def test_units_are_converted_by_the_table_only(code: str, value: str, unit: str, means: str | None) -> None:
    assert direction(obx(value, "", code=code, unit=unit)) == means


def test_a_unit_that_cannot_be_compared_is_said() -> None:
    strange = [("K", "mg/dL"), ("K", ""), ("CREA", "mg/dL")]
    fine = [("GLU", "mg/dL"), ("K", "MMOL/L"), ("INR", ""), ("PH", "x"), ("NONE", "x")]
    for code, unit in strange + fine:
        result = result_of(obx("7", "", code=code, unit=unit), MAPS)
        assert has_strange_unit(result, ANALYTES) is ((code, unit) in strange)


def test_the_bound_is_said_in_the_unit_that_was_sent() -> None:
    found = critical(obx("400", "", code="GLU", unit="mg/dL"))
    assert found and found.bound == Decimal("22.2") * Decimal("18.016")


def test_a_unit_is_converted_by_the_loinc_code_of_the_message_too() -> None:
    limits = analytes_of({"G": Limits("", "mmol/L", None, Decimal("22.2"))})
    result = result_of(obx("400", "", code="G^糖^L^15074-8^^LN", unit="mg/dL"))
    assert is_critical(result, limits)


def test_conversions_go_both_ways() -> None:
    there = converted(Decimal("5.0"), "mmol/L", "mg/dL", "15074-8")
    assert there and converted(there, "mg/dL", "mmol/L", "15074-8") == Decimal("5.0")
    assert converted(Decimal(5), "mmol/L", "mg/dL", "2823-3") is None


def test_a_result_is_found_by_its_loinc_code_too() -> None:
    assert direction(obx("6.8", "", code="2823-3^钾^LN")) == "high"
    assert direction(obx("6.8", "", code="2823-3^钾^L")) is None


# ---------------------------------------------------------------- what could not be read


STANDARD = Maps().critical_flags


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00M\x00S\x00H\x00|\x00O\x00B\x00X\x00|",
        b"MSH^~|&ORU^R01",
        b"junk\rOBX|1|NM|K||6.8",
        b"<ORU_R01><OBX/>",
        b"PID|1\rZZZ|HH|",
        b'{"type": "result", "value": 1',
        b'{"flag":"LL"',
        "MSH|乱|危急|".encode("gb18030"),
        "MSH|乱|危急|".encode(),
        # A sender that is called ADT sends results all the same.
        b"MSH|^~\\&|ADT|X|||2026||ORU^R01|1\rOBX|1",
        b"MSH|^~\\&|ADT|X|||2026||ADT^A01|1\rOBX|1|NM|K||6|||LL",
    ],
)
def test_what_may_be_a_result_is_taken_for_one(raw: bytes) -> None:
    assert looks_like_a_result(raw, {*STANDARD, "危急"})


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"GET / HTTP/1.1",
        b"MSH|^~\\&|HIS|X|||2026||ADT^A01|1\rPID|1||AAA\rOBX|1|NM|WEIGHT||70",
        b"MSH|^~\\&|HIS|X|||2026||ACK^A01|1\rMSA|AA|1",
        b'{"type":"visit","note":"LLAMA HHH"}',
    ],
)
def test_what_is_something_else_is_not(raw: bytes) -> None:
    assert not looks_like_a_result(raw, {*STANDARD, "危急"})


def test_half_a_flag_is_not_looked_for() -> None:
    # The arrow is in no Big5: what is left of the flag there would be an H.
    assert not looks_like_a_result(b"PID|H|", {"H⇈"})


@pytest.mark.parametrize("given", SAMPLES, ids=lambda each: each.name)
def test_every_sample_is_taken_for_what_it_is(given: Sample) -> None:
    # A document (MDM) or a referral (REF) may hold results too.
    may_be = any(kind in given.raw for kind in (b"ORU^R01", b"MDM^T02", b"REF^I12"))
    assert looks_like_a_result(given.raw, STANDARD) is may_be


def test_several_results_of_one_report_are_each_their_own() -> None:
    report = report_of(report_message(obx("6.8", "HH"), obx("2.2", "LL"), obx("4.0", "N")), MAPS)
    assert [bool(is_critical(each, ANALYTES)) for each in report.results] == [True, True, False]
