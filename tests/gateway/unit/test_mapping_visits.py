"""Visits, merges and operations, and what each must have."""

from __future__ import annotations

import pytest

from myelin_gateway.hl7v2 import Charset, parse
from myelin_gateway.mapping import FaultReason, Maps, news_of
from myelin_gateway.mapping.times import hl7_instant
from myelin_gateway.model import Identifier, OperationChanged, PatientsMerged, Place, VisitChanged
from tests.gateway.hl7_texts import PATIENT, RECEIVED_AT, VISIT, fault_of, message

CR = "\r"
SCH = "SCH|OR1|||||MOVE^改期|急诊占台||90|min|^^90^20261124083000"


def the_news(kind: str, *segments: str) -> object:
    news = news_of(message(kind, *segments), Maps(), RECEIVED_AT)
    assert isinstance(news, tuple), news
    (only,) = news
    return only


@pytest.mark.parametrize(
    ("event", "means"),
    [
        ("A01", "admitted"),
        ("A02", "transferred"),
        ("A03", "discharged"),
        ("A04", "admitted"),
        ("A08", "updated"),
        ("A11", "unadmitted"),
        ("A12", "untransferred"),
        ("A13", "undischarged"),
        ("A31", "updated"),
    ],
)
def test_each_event_of_a_visit(event: str, means: str) -> None:
    news = the_news(f"ADT^{event}", "EVN||20261124075900", PATIENT, VISIT)
    assert isinstance(news, VisitChanged)
    assert (news.event, news.patient.patient_id, news.visit.visit_id) == (means, "T000017", "V0001")
    assert news.visit.patient_class == "inpatient" and [each.code for each in news.visit.attending] == ["1001"]
    assert news.said_at == hl7_instant("20261124080000")


def test_a_transfer_says_where_from() -> None:
    news = the_news("ADT^A02", PATIENT, "PV1|1|I|ICU^01^02|||XN^12^03")
    assert isinstance(news, VisitChanged)
    assert (news.visit.place, news.before) == (Place("ICU", "01", "02"), Place("XN", "12", "03"))


def test_what_was_said_in_the_future_was_said_now() -> None:
    later = parse(rf"MSH|^~\&|HIS||IM||20990101000000||ADT^A08|1|P|2.5{CR}{PATIENT}".encode(), Charset.UTF_8)
    news = news_of(later, Maps(), RECEIVED_AT)
    assert isinstance(news, tuple) and news[0].said_at == RECEIVED_AT


@pytest.mark.parametrize(("sent", "sex"), [("男", "M"), ("2", "F"), ("F", "F"), ("?", "")])
def test_the_sex_is_read_as_chinese_systems_write_it(sent: str, sex: str) -> None:
    news = the_news("ADT^A31", PATIENT.replace("|M", f"|{sent}"))
    assert isinstance(news, VisitChanged) and news.patient.sex == sex


@pytest.mark.parametrize("kind", ["ADT^A01", "ADT^A40", "SIU^S12"])
def test_without_the_patients_number_nothing_becomes_of_it(kind: str) -> None:
    given = message(kind, "PID|1||||测试^患者甲", "MRG|T9^^^HOSP^MR", VISIT, SCH)
    assert fault_of(given).reason is FaultReason.NO_PATIENT


@pytest.mark.parametrize("kind", ["ADT^A01", "SIU^S12"])
def test_two_patients_in_one_visit_are_a_fault(kind: str) -> None:
    given = message(kind, PATIENT, VISIT, SCH, PATIENT.replace("T000017", "T000018"))
    assert fault_of(given).reason is FaultReason.SEVERAL_PATIENTS


# ---------------------------------------------------------------- merges


@pytest.mark.parametrize("event", ["A40", "A34"])
def test_a_merge_gives_up_numbers_of_the_patients_own_kind_only(event: str) -> None:
    news = the_news(f"ADT^{event}", PATIENT, "MRG|T000009^^^HOSP^MR~110101^^^^NI~V7^^^HOSP^VN")
    assert isinstance(news, PatientsMerged)
    assert news.survivor.patient_id == "T000017"
    assert news.merged == (Identifier("T000009", "MR", "HOSP"),)


def test_several_merges_of_one_message_stay_apart() -> None:
    second = PATIENT.replace("T000017", "T000018")
    given = message("ADT^A40", PATIENT, "MRG|T1^^^HOSP^MR", second, "MRG|T2^^^HOSP^MR")
    news = news_of(given, Maps(), RECEIVED_AT)
    assert isinstance(news, tuple)
    pairs = [(each.survivor.patient_id, each.merged[0].value) for each in news if isinstance(each, PatientsMerged)]
    assert pairs == [("T000017", "T1"), ("T000018", "T2")]


@pytest.mark.parametrize("mrg", ["MRG|", "MRG|T000017^^^HOSP^MR", "MRG|110101^^^^NI"])
def test_a_merge_needs_another_number(mrg: str) -> None:
    assert fault_of(message("ADT^A40", PATIENT, mrg)).reason is FaultReason.NO_MERGED_PATIENT


# ---------------------------------------------------------------- operations


@pytest.mark.parametrize(
    ("event", "means"),
    [
        ("S12", "planned"),
        ("S13", "moved"),
        ("S14", "changed"),
        ("S15", "cancelled"),
        ("S16", "cancelled"),
        ("S17", "cancelled"),
        ("S26", "not_shown"),
    ],
)
def test_each_event_of_an_operation(event: str, means: str) -> None:
    news = the_news(f"SIU^{event}", SCH, PATIENT, VISIT, "AIS|1|A|LC^腹腔镜胆囊切除术|20261124083000|||90|min")
    assert isinstance(news, OperationChanged)
    plan = news.plan
    assert (news.change, plan.operation_id, plan.title, plan.minutes) == (means, "OR1", "腹腔镜胆囊切除术", 90)
    assert plan.starts_at == hl7_instant("202611240830")
    assert news.reason == "改期，急诊占台"


def test_the_theatre_is_the_one_that_is_not_taken_out() -> None:
    theatres = ["AIL|1|D|OR3^^^HOSP", "AIL|2|A|OR5^12^^HOSP"]
    news = the_news("SIU^S13", "SCH| OR1 ", PATIENT, *theatres)
    assert isinstance(news, OperationChanged)
    assert (news.plan.operation_id, news.plan.theatre) == ("OR1", "OR5 12")


def test_a_reason_is_what_is_not_the_title() -> None:
    news = the_news("SIU^S12", "SCH|OR1|||||NEW^新排|腹腔镜", PATIENT, "AIS|1|a|LC^腹腔镜", "AIP|1| d |1007^赵|^麻醉")
    assert isinstance(news, OperationChanged)
    assert (news.plan.title, news.reason, len(news.removed)) == ("腹腔镜", "新排", 1)
    bare = the_news("SIU^S15", "SCH|OR1", PATIENT)
    assert isinstance(bare, OperationChanged) and (bare.reason, bare.plan.title) == ("", "")


def test_whoever_is_taken_out_is_named_and_not_in_the_plan() -> None:
    news = the_news("SIU^S13", SCH, PATIENT, "AIP|1|D|1007^赵|ANES^麻醉", "AIP|2|A|1009^孙|ANES^麻醉")
    assert isinstance(news, OperationChanged)
    assert [person.code for _role, person in news.plan.staff] == ["1009"]
    assert [person.code for _role, person in news.removed] == ["1007"]


@pytest.mark.parametrize(
    ("duration", "unit", "minutes"),
    [
        ("90", "min", 90),
        ("1.5", "h", 90),
        ("5400", "s", 90),
        ("90", "", 90),
        ("-5", "min", None),
        ("9" * 12, "min", None),
    ],
)
def test_durations_are_minutes(duration: str, unit: str, minutes: int | None) -> None:
    bare = "SCH|OR1"
    news = the_news("SIU^S12", bare, PATIENT, f"AIS|1|A|LC^腹腔镜|20261124083000|||{duration}|{unit}")
    assert isinstance(news, OperationChanged) and news.plan.minutes == minutes


def test_an_operation_needs_its_number() -> None:
    assert fault_of(message("SIU^S12", "SCH|", PATIENT)).reason is FaultReason.NO_OPERATION


def test_other_messages_are_not_handled() -> None:
    for kind in ("ORM^O01", "MFN^M02", "ADT^A99", "SIU^S18", "ORU^R30"):
        assert fault_of(message(kind, PATIENT)).reason is FaultReason.NOT_HANDLED
