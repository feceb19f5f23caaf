"""The webhook: its documented examples are news, anything else is refused with its place; and who signed it."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from myelin_gateway.mapping import (
    Fault,
    FaultReason,
    Maps,
    Refusal,
    is_critical,
    news_of_json,
    read_maps,
    refusal_of,
    signature,
    who_is_meant,
)
from myelin_gateway.mapping.faults import SENTENCES
from myelin_gateway.mapping.map_files import TABLES
from myelin_gateway.mapping.times import hl7_instant
from myelin_gateway.model import News, OperationChanged, PatientsMerged, ReportIssued, VisitChanged

RECEIVED_AT = 1_795_500_000_000  # 2026-11-24 14:00 in Shanghai
DOCUMENT = (Path(__file__).parents[3] / "docs/integration.md").read_text()


def section(title: str) -> str:
    return DOCUMENT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def blocks(title: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", section(title), re.MULTILINE | re.DOTALL)


BODIES = {msgspec.json.decode(text)["type"]: text for text in blocks("Webhook", "json")}
MAPS = read_maps({table.file: text.encode() for table, text in zip(TABLES, blocks("Maps", "csv"), strict=True)})


def the_news(text: str, maps: Maps | None = None) -> News:
    news = news_of_json(text.encode(), maps or Maps(), RECEIVED_AT)
    assert not isinstance(news, Fault), news
    (only,) = news
    return only


def changed(kind: str, old: str, new: str) -> Fault:
    assert old in BODIES[kind]
    fault = news_of_json(BODIES[kind].replace(old, new).encode(), Maps(), RECEIVED_AT)
    assert isinstance(fault, Fault)
    return fault


def test_the_maps_that_are_shown_have_no_mistake() -> None:
    assert MAPS.complaints == ()


def test_the_faults_that_are_listed_are_all() -> None:
    named = re.findall(r"^\| `([a-z_]+)` \|", section("What a message must have"), re.MULTILINE)
    assert set(named) == set(FaultReason) == set(SENTENCES)


def test_the_result_that_is_shown_is_a_critical_report_for_its_doctor() -> None:
    news = the_news(BODIES["result"], MAPS.maps)
    assert isinstance(news, ReportIssued)
    report = news.report
    assert (report.report_id, report.patient.patient_id, report.status) == ("FIL001", "T000017", "F")
    assert report.verified_at == hl7_instant("20261124080000")
    first = report.results[0]
    assert (first.text, first.number, first.analyte.loinc) == ("6.80", Decimal("6.80"), "2823-3")
    assert is_critical(first, MAPS.maps.analytes)
    found = who_is_meant(news, MAPS.maps, "值班")
    assert found.employees and found.nurse_role and not found.fallback_role


def test_a_result_without_a_name_is_called_by_its_map_or_its_code() -> None:
    bare = BODIES["result"].replace('      "name": "钾",\n', "").replace('["HH"]', '["**", " "]').replace("6.80", "4.0")
    for maps, name in ((MAPS.maps, "钾"), (Maps(), "K")):
        news = the_news(bare, maps)
        assert isinstance(news, ReportIssued)
        result = news.report.results[0]
        assert (result.analyte.name, result.flags, result.unknown_flags) == (name, (), ("**",))


def test_the_visit_that_is_shown_is_a_transfer() -> None:
    news = the_news(BODIES["visit"])
    assert isinstance(news, VisitChanged)
    assert news.event == "transferred" and news.before is not None and news.visit.place != news.before


def test_the_operation_that_is_shown_has_lost_somebody() -> None:
    news = the_news(BODIES["operation"])
    assert isinstance(news, OperationChanged)
    assert news.change == "moved" and news.plan.starts_at and news.plan.staff and news.removed


def test_the_merge_that_is_shown_gives_up_a_number() -> None:
    news = the_news(BODIES["merge"])
    assert isinstance(news, PatientsMerged) and news.merged[0].value != news.survivor.patient_id


@pytest.mark.parametrize(
    ("kind", "old", "new", "reason", "place"),
    [
        ("result", '"6.80"', "6.80", FaultReason.BAD_BODY, "$.results[0].value"),
        ("result", '"unit"', '"units"', FaultReason.BAD_BODY, "$.results[0].units"),
        ("result", '"id": "T000017"', '"id": ""', FaultReason.BAD_BODY, "$.patient.id"),
        ("result", '"id": "T000017"', '"id": " T1"', FaultReason.BAD_BODY, "$.patient.id"),
        ("result", '"id": "T000017",', "", FaultReason.BAD_BODY, "$.patient.id"),
        ("result", '"report_id": "FIL001",', "", FaultReason.BAD_BODY, "$.report_id"),
        ("result", '"final"', '"done"', FaultReason.BAD_BODY, "$.status"),
        ("result", "08:00:00+08:00", "08:00:00", FaultReason.BAD_TIME, "$.verified_at"),
        ("result", "07:55:00+08:00", "25:55:00+08:00", FaultReason.BAD_TIME, "$.results[0].observed_at"),
        ("result", '"6.80"', '"6.80\\u0007"', FaultReason.DOUBTFUL_TEXT, "$.results[0].value"),
        ("result", '"type": "result"', '"type": "order"', FaultReason.BAD_BODY, "$.type"),
        ("visit", '"transferred"', '"moved"', FaultReason.BAD_BODY, "$.event"),
        ("merge", '"T000009"', '"T000017"', FaultReason.NO_MERGED_PATIENT, "$.merged"),
        ("operation", '"minutes": 90', '"minutes": 0', FaultReason.BAD_BODY, "$.minutes"),
    ],
)
def test_what_is_not_documented_is_refused_with_its_place(
    kind: str, old: str, new: str, reason: FaultReason, place: str
) -> None:
    assert changed(kind, old, new) == Fault(reason, place)


def test_a_refusal_repeats_nothing_that_somebody_wrote() -> None:
    assert "患者" not in str(changed("result", '"report_id"', '"患者甲"'))


def test_what_was_said_in_the_future_was_said_now() -> None:
    assert the_news(BODIES["visit"].replace("2026-11-24T09", "2099-11-24T09")).said_at == RECEIVED_AT


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"\xff", b'{"a":' + b"[" * 100_000])
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    fault = news_of_json(raw, Maps(), RECEIVED_AT)
    assert isinstance(fault, Fault) and fault.reason is FaultReason.BAD_BODY


def test_a_doubtful_character_in_a_name_only_marks_it() -> None:
    news = the_news(BODIES["result"].replace("测试患者甲", "测试\\ue123\\u0000"))
    assert isinstance(news, ReportIssued)
    assert news.report.patient.name_is_doubtful and "\x00" not in news.report.patient.name


# ---------------------------------------------------------------- signatures

SECRET, AT, BODY = b"a secret of the two", "1795478400", b'{"type":"result"}'
NOW_MS = 1_795_478_400_000


def refusal(**given: object) -> Refusal | None:
    settings = {
        "secret": SECRET,
        "timestamp": AT,
        "signed": signature(SECRET, AT, BODY),
        "body": BODY,
        "now_ms": NOW_MS,
    }
    return refusal_of(**{**settings, **given})  # type: ignore[arg-type]


def test_the_signature_that_is_shown_is_right() -> None:
    timestamp, shown = re.search(r"Timestamp: (\d+)\n.*?(sha256=[0-9a-f]{64})", section("Webhook"), re.DOTALL).groups()  # type: ignore[union-attr]
    body = BODIES["visit"].strip().encode()
    assert signature(b"the secret of this partner", timestamp, body) == shown


def test_what_was_signed_now_is_taken() -> None:
    assert refusal() is None
    assert refusal(signed=signature(SECRET, AT, BODY).upper()) is None


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"secret": b""}, Refusal.NO_SECRET),
        ({"secret": b"another"}, Refusal.WRONG_SIGNATURE),
        ({"body": BODY + b" "}, Refusal.WRONG_SIGNATURE),
        ({"timestamp": "1795478401"}, Refusal.WRONG_SIGNATURE),
        ({"signed": ""}, Refusal.WRONG_SIGNATURE),
        ({"signed": "sha256=签"}, Refusal.WRONG_SIGNATURE),
        ({"signed": signature(b"", AT, BODY)}, Refusal.WRONG_SIGNATURE),
        ({"timestamp": ""}, Refusal.BAD_TIMESTAMP),
        ({"timestamp": "1795478400000"}, Refusal.BAD_TIMESTAMP),
        ({"timestamp": "１795478400"}, Refusal.BAD_TIMESTAMP),
    ],
)
def test_what_somebody_else_wrote_is_refused(given: dict[str, object], why: Refusal) -> None:
    assert refusal(**given) is why


@pytest.mark.parametrize(
    ("late_ms", "is_taken"), [(300_000, True), (300_001, False), (-300_000, True), (-300_001, False)]
)
def test_a_body_is_good_for_five_minutes(late_ms: int, is_taken: bool) -> None:
    assert refusal(now_ms=NOW_MS + late_ms) is (None if is_taken else Refusal.OUTSIDE_WINDOW)
