"""Reports out of ORU^R01: values of every type, several groups, times, and what is not to be trusted."""

from __future__ import annotations

from decimal import Decimal

import pytest

from myelin_gateway.hl7v2 import Charset, parse
from myelin_gateway.mapping import (
    Analytes,
    FaultReason,
    Limits,
    Maps,
    PatientNumbers,
    analytes_of,
    is_critical,
    news_of,
)
from myelin_gateway.mapping.times import hl7_instant, web_instant
from myelin_gateway.model import ReportIssued, StaffReference
from tests.gateway.hl7_texts import (
    PATIENT,
    RECEIVED_AT,
    VISIT,
    fault_of,
    message,
    obr,
    obx,
    report_message,
    report_of,
    result_of,
)

EIGHT = 1_795_478_400_000  # 2026-11-24 08:00 in Shanghai


@pytest.mark.parametrize(
    ("kind", "field", "text", "number", "comparator"),
    [
        ("NM", "6.8", "6.8", "6.8", ""),
        ("NM", "-4.50", "-4.50", "-4.50", ""),
        ("NM", "溶血", "溶血", None, ""),
        ("SN", "<^10", "<10", "10", "<"),
        ("SN", "^6.8", "6.8", "6.8", ""),
        ("SN", ">=^200", ">=200", "200", ">="),
        ("SN", "^1^:^128", "1:128", None, ""),
        ("SN", "^10^-^20", "10-20", None, ""),
        ("SN", "^2^+", "2+", None, ""),
        ("SN", "<10", "<10", "10", "<"),
        ("SN", "<>^5", "<>5", None, ""),
        ("ST", "＜０.1", "＜０.1", "0.1", "<"),
        ("ST", "阳性(+)", "阳性(+)", None, ""),
        ("TX", r"革兰阴性\.br\杆菌^大肠", "革兰阴性\n杆菌^大肠", None, ""),
        ("FT", "一~二", "一\n二", None, ""),
        ("CE", "112283007^大肠埃希菌^SCT", "大肠埃希菌", None, ""),
        ("CWE", "^^^^^^^^见菌", "见菌", None, ""),
        ("CE", "6.8", "6.8", "6.8", ""),
        ("ED", "^application^pdf^Base64^JVBERi0=", "见报告原文", None, ""),
        ("", "6.8", "6.8", "6.8", ""),
    ],
)
def test_values_are_shown_as_they_came_and_compared_where_they_are_numbers(
    kind: str, field: str, text: str, number: str | None, comparator: str
) -> None:
    result = result_of(obx(field, kind=kind))
    assert (result.text, result.comparator) == (text, comparator)
    assert result.number == (Decimal(number) if number else None)


def test_a_result_carries_unit_reference_time_and_comment() -> None:
    given = report_message(obx(), "NTE|1||标本溶血", "NTE|2||建议复查")
    (result,) = report_of(given).results
    assert (result.unit, result.reference, result.comment) == ("mmol/L", "3.5-5.3", "标本溶血\n建议复查")
    assert result.observed_at == EIGHT - 5 * 60_000


def test_a_repeated_number_is_two_results() -> None:
    results = report_of(report_message(obx("27~6.9", flags=""))).results
    assert [each.number for each in results] == [Decimal(27), Decimal("6.9")]


def test_flags_repeat_and_unknown_ones_are_kept_apart() -> None:
    result = result_of(obx(flags="H~HH~**"))
    assert (result.flags, result.unknown_flags) == (("H", "HH"), ("**",))


def test_flags_are_translated_by_the_partners_map() -> None:
    result = result_of(obx(flags="危"), Maps(flags={"危": "AA"}))
    assert (result.flags, result.unknown_flags) == (("AA",), ())


@pytest.mark.parametrize("unit", ["10^9/L", "10*9/L", "x10^9/L"])
def test_a_power_of_ten_stays_in_one_unit(unit: str) -> None:
    analytes = analytes_of({"PLT": Limits("777-3", "10*9/L", Decimal(50))})
    result = result_of(obx("12", flags="", code="PLT^血小板", unit=unit), Maps(analytes=analytes))
    assert result.unit == unit and is_critical(result, analytes)


def test_what_is_pending_is_no_result_yet_but_a_flag_always_is() -> None:
    assert report_of(report_message(obx("", flags="", status="I"))).results == ()
    (flagged,) = report_of(report_message(obx("", flags="HH", status="I"))).results
    assert is_critical(flagged, analytes_of({}))


def test_a_value_that_is_deleted_is_a_deleted_result() -> None:
    deleted = result_of(obx('""', flags="", status="F"))
    assert (deleted.status, deleted.text) == ("D", "")


@pytest.mark.parametrize(("sent", "means"), [("U", "F"), ("R", "P"), ("A", "C"), ("W", "D"), ("", "F"), ("f", "F")])
def test_statuses_are_what_they_mean_to_a_reader(sent: str, means: str) -> None:
    assert result_of(obx(status=sent)).status == means


def test_preliminary_final_corrected_are_one_report() -> None:
    versions = [report_of(report_message(obx("6.8", status=status))) for status in "PFC"]
    assert {each.report_id for each in versions} == {"FIL001"}
    assert [each.results[0].status for each in versions] == ["P", "F", "C"]
    assert len({each.results[0].analyte for each in versions}) == 1


def test_panels_of_one_number_are_one_report() -> None:
    given = message("ORU^R01", PATIENT, obr(), obx("6.8"), obr(status="P", doctor="1002^王"), obx("5.2", code="GLU^糖"))
    report = report_of(given)
    assert [each.text for each in report.results] == ["6.8", "5.2"]
    assert (report.title, report.verified_at) == ("基础代谢组合", EIGHT)
    assert [each.code for each in report.orderers] == ["1001", "1002"]
    assert report.status == "P"


def test_panels_of_one_number_keep_both_titles_and_the_later_time() -> None:
    later = obr(verified="20261124081500").replace("BMP^基础代谢组合", "CBC^血常规")
    report = report_of(message("ORU^R01", PATIENT, obr(), obx(), later, obx()))
    assert (report.title, report.verified_at) == ("基础代谢组合、血常规", EIGHT + 15 * 60_000)


def test_two_patients_of_one_message_keep_their_own_results() -> None:
    second = PATIENT.replace("T000017", "T000018").replace("患者甲", "患者乙")
    given = message("ORU^R01", PATIENT, VISIT, obr("A"), obx("6.8"), second, obr("B"), obx("2.2", flags="LL"))
    news = news_of(given, Maps(), RECEIVED_AT)
    assert isinstance(news, tuple)
    found = [
        (each.report.patient.patient_id, each.report.results[0].text) for each in news if isinstance(each, ReportIssued)
    ]
    assert found == [("T000017", "6.8"), ("T000018", "2.2")]
    # And the first one's visit is not the second one's.
    assert [each.report.visit is None for each in news if isinstance(each, ReportIssued)] == [False, True]


def test_the_doctor_is_in_obr_or_orc() -> None:
    orc = "ORC|RE|ORD001|FIL001|||||||||1002^王^五"
    given = message("ORU^R01", PATIENT, orc, obr(), obx())
    assert report_of(given).orderers == (StaffReference("1001", "李四"), StaffReference("1002", "王五"))


def test_orc_stands_in_for_what_obr_leaves_out() -> None:
    given = message("ORU^R01", PATIENT, "ORC|RE|ORD009|FIL009", "OBR|1|||BMP^组合", obx())
    report = report_of(given)
    assert (report.report_id, report.order_id) == ("FIL009", "ORD009")


# ---------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("20261124080000", EIGHT),
        ("202611240800", EIGHT),
        ("20261124080000+0800", EIGHT),
        ("20261124000000+0000", EIGHT),
        ("20261123190000.250-0500", EIGHT + 250),
        ("20240229000000+0000", 1_709_164_800_000),
        ("20000229000000+0000", 951_782_400_000),
        ("20261231235960+0000", 1_798_761_600_000),
        ("19000229000000+0000", None),
        ("20260028000000+0000", None),
        ("20261124240000", None),
        ("20261124086000", None),
        ("20261124080061", None),
        ("19700101000000+0000", 0),
        ("20261124", None),
        ("2026112408", None),
        ("20261324080000", None),
        ("20260229080000", None),
        ("20261124080000+9900", None),
        ("今天", None),
        ("", None),
    ],
)
def test_times_without_a_zone_are_shanghais(text: str, at: int | None) -> None:
    assert hl7_instant(text) == at


def test_the_webs_times_say_their_zone() -> None:
    assert web_instant("2026-11-24T08:00:00+08:00") == EIGHT == web_instant("2026-11-24T00:00:00Z")
    assert web_instant("2026-11-24T08:00:00") is None


def test_a_report_is_verified_when_it_says_so_or_when_its_last_result_was_there() -> None:
    assert report_of(report_message(obx())).verified_at == EIGHT
    analysed = f"{obx()}|||||20261124074500"
    assert report_of(message("ORU^R01", PATIENT, obr(verified=""), analysed)).verified_at == EIGHT - 15 * 60_000
    assert report_of(message("ORU^R01", PATIENT, obr(verified=""), obx())).verified_at is None


def test_a_message_without_a_time_is_said_when_it_came() -> None:
    header = r"MSH|^~\&|LIS||IM||||ORU^R01|1|P|2.5"
    given = parse("\r".join([header, PATIENT, obr(), obx()]).encode(), Charset.UTF_8)
    news = news_of(given, Maps(), RECEIVED_AT)
    assert isinstance(news, tuple) and isinstance(news[0], ReportIssued) and news[0].said_at == RECEIVED_AT


# ---------------------------------------------------------------- what is missing, and what is not to be trusted


@pytest.mark.parametrize(
    ("segments", "reason", "place"),
    [
        (["PID|1||^^^HOSP^MR||测试", obr(), obx()], FaultReason.NO_PATIENT, "PID-3"),
        (["PID|1||V0001^^^HOSP^VN~110101^^^^NI||测试", obr(), obx()], FaultReason.NO_PATIENT, "PID-3"),
        (["PID|1||T1^^^A^MR~T2^^^B^MR||测试", obr(), obx()], FaultReason.AMBIGUOUS_PATIENT, "PID-3"),
        ([obr(), obx()], FaultReason.NO_PATIENT, "PID"),
        ([PATIENT, obr(""), obx()], FaultReason.NO_REPORT, "OBR-3"),
        ([PATIENT], FaultReason.NO_REPORT, "OBR"),
        ([PATIENT, obx()], FaultReason.NO_REPORT, "OBX[1]"),
        ([PATIENT, obr(), obx(), obx(status="Q")], FaultReason.UNKNOWN_STATUS, "OBX[2]-11"),
        ([PATIENT, obr(), obx("6.8\x07")], FaultReason.DOUBTFUL_TEXT, "OBX-5"),
    ],
)
def test_what_must_be_there_is_a_fault_with_a_place(segments: list[str], reason: FaultReason, place: str) -> None:
    fault = fault_of(message("ORU^R01", *segments))
    assert (fault.reason, fault.place) == (reason, place)
    assert fault.sentence


def test_the_partner_says_which_number_counts() -> None:
    both = "PID|1||T1^^^A^MR~T2^^^B^MR~X9^^^B^CARD||测试"
    given = message("ORU^R01", both, obr(), obx())
    assert report_of(given, Maps(numbers=PatientNumbers(authority="B"))).patient.patient_id == "T2"
    assert report_of(given, Maps(numbers=PatientNumbers(kinds=("CARD",)))).patient.patient_id == "X9"


@pytest.mark.parametrize("name", ["测试\ue123", "测试?", "测试\x1a"])
def test_a_doubtful_character_in_a_name_only_marks_the_name(name: str) -> None:
    patient = report_of(message("ORU^R01", PATIENT.replace("测试", name), obr(), obx())).patient
    assert patient.name_is_doubtful and patient.patient_id == "T000017"
    assert "\x1a" not in patient.name


def test_a_doubtful_character_beside_the_name_is_a_fault() -> None:
    assert fault_of(report_message(obx("阳性\ue123", kind="ST"))).reason is FaultReason.DOUBTFUL_TEXT


def test_where_the_parser_stops_counting_nothing_is_trusted() -> None:
    doctors = [f"NK1|{number}|亲\ue123" + "\x07" for number in range(19)]
    assert report_of(message("ORU^R01", PATIENT, *doctors, obr(), obx())).patient.patient_id == "T000017"
    assert (
        fault_of(message("ORU^R01", PATIENT, *doctors, "NK1|20|\x07", obr(), obx())).reason is FaultReason.DOUBTFUL_TEXT
    )


def raw_report(*parts: bytes) -> bytes:
    return b"\r".join([rb"MSH|^~\&|LIS||IM||20261124080000||ORU^R01|1|P|2.5", *parts])


HALF = "测".encode("gb18030")[:1]


def test_trail_bytes_keep_the_patient() -> None:
    pid = "PID|1||T000017^^^HOSP^MR||陳^東瑋||19700101|M".encode("gb18030")
    given = parse(raw_report(pid, obr().encode("gb18030"), obx().encode("gb18030")), Charset.GB18030)
    patient = report_of(given).patient
    assert (patient.name, patient.birth_date, patient.sex) == ("陳東瑋", "19700101", "M")
    assert not patient.name_is_doubtful


def test_half_a_hanzi_that_takes_the_separator_marks_the_name() -> None:
    pid = b"PID|1||T000017^^^HOSP^MR||" + "测试".encode("gb18030") + HALF + b"||19700101|M"
    given = parse(raw_report(pid, obr().encode("gb18030"), obx().encode("gb18030")), Charset.GB18030)
    assert given.findings == ()
    patient = report_of(given).patient
    assert (patient.patient_id, patient.name_is_doubtful, patient.birth_date) == ("T000017", True, "")


@pytest.mark.parametrize("flags", [b"HH", b""])
def test_half_a_hanzi_before_a_value_is_a_fault_and_loses_no_flag(flags: bytes) -> None:
    broken = b"OBX|1|NM|K^" + "钾".encode("gb18030") + HALF + b"||6.8|mmol/L|3.5-5.3|" + flags + b"|||F"
    given = parse(raw_report(PATIENT.encode("gb18030"), obr().encode("gb18030"), broken), Charset.GB18030)
    assert fault_of(given).reason is FaultReason.SHIFTED_FIELDS


def padded(text: str) -> str:
    """Return a segment with a blank on both sides of each component that has something in it."""
    name, *fields = text.split("|")
    return "|".join([name, *("^".join(f" {part} " if part else "" for part in field.split("^")) for field in fields)])


def test_blanks_around_anything_mean_nothing() -> None:
    orc = "ORC|RE|ORD001|FIL001|||||||||1002^王^五"
    clean = [
        PATIENT,
        VISIT,
        orc,
        "OBR|1|||BMP^组合",
        obx(),
        orc,
        obr("FIL002", status="p"),
        obx("<^5", "危", kind="SN"),
    ]
    news = [
        news_of(message("ORU^R01", *segments), Maps(flags={"危": "AA"}), RECEIVED_AT)
        for segments in (clean, [padded(each) for each in clean])
    ]
    assert isinstance(news[0], tuple) and news[0] == news[1]
    assert all(isinstance(each, ReportIssued) and each.report.results for each in news[0])


def test_odd_separators_mean_the_same() -> None:
    usual = report_message(obx(flags="H~HH"))
    texts = ["|".join(segment.fields[2:] if segment.name == "MSH" else segment.fields) for segment in usual.segments]
    odd = "\r".join(["MSH|^~\\&|" + texts[0].partition("|")[2], *texts[1:]]).translate(str.maketrans("|^~&", "#*!%"))
    assert report_of(parse(odd.encode(), Charset.UTF_8)) == report_of(usual)


def test_a_loinc_code_is_taken_from_the_map_or_from_the_message() -> None:
    maps = Maps(analytes=Analytes({"K": Limits("2823-3", name="血钾")}, {}))
    assert result_of(obx(code="K"), maps).analyte.loinc == "2823-3"
    assert result_of(obx(code="K"), maps).analyte.name == "血钾"
    assert result_of(obx(code="2823-3^钾^LN")).analyte.loinc == "2823-3"
    assert result_of(obx(code="K^钾^L^2823-3^^LN")).analyte.loinc == "2823-3"
    assert result_of(obx(code="K^钾^L")).analyte.loinc is None
