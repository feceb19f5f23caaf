"""Every published sample becomes news, or a fault with a name; the Chinese ones become what stands beside them."""

from __future__ import annotations

import pytest

from myelin_gateway.hl7v2 import parse, split_batch
from myelin_gateway.mapping import Fault, FaultReason, Maps, news_of
from myelin_gateway.mapping.times import hl7_instant
from myelin_gateway.model import CRITICAL_FLAGS, News, OperationChanged, PatientsMerged, ReportIssued, VisitChanged
from tests.gateway.hl7_texts import RECEIVED_AT
from tests.gateway.samples import EXPECTED, SAMPLES, Sample, sample

HANDLED = {"ORU^R01", "ADT^A01", "ADT^A02", "ADT^A03", "ADT^A08", "ADT^A40"} | {
    f"SIU^S{n}" for n in (12, 13, 14, 15, 26)
}


def news_in(given: Sample) -> list[News]:
    found: list[News] = []
    for raw in split_batch(given.raw).messages:
        news = news_of(parse(raw, given.charset), Maps(), RECEIVED_AT)
        assert not isinstance(news, Fault)
        found += news
    return found


@pytest.mark.parametrize("given", SAMPLES, ids=lambda each: each.name)
def test_every_sample_is_news_or_a_named_fault(given: Sample) -> None:
    for raw in split_batch(given.raw).messages:
        message = parse(raw, given.charset)
        news = news_of(message, Maps(), RECEIVED_AT)
        if isinstance(news, Fault):
            # The one report without a number; everything else that is nothing is of a type that is not handled.
            expected = FaultReason.NO_REPORT if given.name == "oru_r01_ex1" else FaultReason.NOT_HANDLED
            assert news.reason is expected and news.sentence
            assert (message.type in HANDLED) == (given.name == "oru_r01_ex1")
        else:
            assert news and message.type in HANDLED


@pytest.mark.parametrize("name", ["oru-utf8-normal", "oru-utf8-critical-HH", "oru-gb18030-trail-bytes"])
def test_chinese_reports_are_what_is_expected(name: str) -> None:
    expected, (news,) = EXPECTED[name], news_in(sample(name))
    assert isinstance(news, ReportIssued)
    report = news.report
    assert report.patient.name == expected["patient"] and not report.patient.name_is_doubtful
    assert [each.code for each in report.orderers] == [expected.get("ordering", "D001")]
    critical = [each.analyte.loinc for each in report.results if CRITICAL_FLAGS & {*each.flags}]
    assert critical == expected["critical"]


def test_the_batch_has_one_critical_report() -> None:
    values = [each.report.results[0].text for each in news_in(sample("batch-3")) if isinstance(each, ReportIssued)]
    assert values == ["4.0", "6.9", "4.2"]


def test_the_admission_is_what_is_expected() -> None:
    (news,) = news_in(sample("adt-a01-zseg"))
    assert isinstance(news, VisitChanged)
    assert (news.event, news.patient.name, str(news.visit.place)) == ("admitted", "王芳", "骨科 12 03")
    assert (news.patient.patient_id, news.visit.visit_id) == ("P1003", "V0001")


@pytest.mark.parametrize("name", ["siu-s12-or", "siu-s13-or-moved"])
def test_operations_are_what_is_expected(name: str) -> None:
    expected, (news,) = EXPECTED[name], news_in(sample(name))
    assert isinstance(news, OperationChanged)
    plan = news.plan
    assert (plan.operation_id, plan.theatre) == (expected["case"], expected["room"])
    assert plan.starts_at == hl7_instant(expected["start"])
    assert [person.code for _role, person in plan.staff] == expected["staff"]
    assert [person.code for _role, person in news.removed] == expected.get("removed", [])
    assert (plan.title, plan.minutes) == ("腹腔镜胆囊切除术", 90)


def test_the_merge_names_who_stays() -> None:
    (news,) = news_in(sample("ADT-A40-01"))
    assert isinstance(news, PatientsMerged)
    assert (news.survivor.patient_id, [each.value for each in news.merged]) == ("12345", ["56789"])


def test_two_reports_of_one_message_stay_two() -> None:
    reports = [each.report for each in news_in(sample("LAB-ORU-1")) if isinstance(each, ReportIssued)]
    assert [each.report_id for each in reports] == ["82503246", "890775544"]
    assert [len(each.results) for each in reports] == [3, 5]
