"""Whatever stands in the fields: a mapping never raises, and never makes one patient of another."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from myelin_gateway.hl7v2 import Charset, Message, escape, parse
from myelin_gateway.hl7v2 import Fault as Unreadable
from myelin_gateway.hl7v2.encoding import DEFAULT
from myelin_gateway.mapping import (
    Fault,
    Limits,
    Maps,
    analytes_of,
    is_critical,
    looks_like_a_result,
    news_of,
    news_of_json,
    read_maps,
    unmapped_codes,
    who_is_meant,
)
from myelin_gateway.model import (
    CRITICAL_FLAGS,
    News,
    OperationChanged,
    Patient,
    PatientsMerged,
    ReportIssued,
    VisitChanged,
)

KINDS = ["ORU^R01", "ADT^A01", "ADT^A02", "ADT^A08", "ADT^A40", "SIU^S12", "SIU^S13", "ORM^O01"]
NAMES = ["PID", "PV1", "ORC", "OBR", "OBX", "NTE", "MRG", "SCH", "AIS", "AIL", "AIP", "TQ1", "EVN", "ZZ1"]
# Whatever could be mistaken for something: numbers, times, flags, statuses, separators, names.
PIECES = st.one_of(
    st.sampled_from(
        ["", "^", "~", "&", '""', "HH", "LL", "F", "P", "NM", "SN", "<", "20261124080000", "1E99", "MR", "东"]
    ),
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
)
FIELDS = st.lists(st.lists(PIECES, max_size=4).map("".join), max_size=26).map("|".join)
SEGMENTS = st.lists(st.tuples(st.sampled_from(NAMES), FIELDS).map("|".join), max_size=12)
MAPS = Maps(analytes=analytes_of({"K": Limits("2823-3", "mmol/L", None, None)}), staff={"1001": "E1001"})


def read(kind: str, segments: list[str]) -> Message | None:
    header = rf"MSH|^~\&|LIS||IM||20261124080000||{kind}|1|P|2.5.1"
    try:
        return parse("\r".join([header, *segments]).encode(), Charset.UTF_8)
    except Unreadable:
        return None


def patient_in(news: News) -> Patient:
    match news:
        case ReportIssued():
            return news.report.patient
        case PatientsMerged():
            return news.survivor
        case VisitChanged():
            return news.patient
        case OperationChanged():
            return news.plan.patient


@given(st.sampled_from(KINDS), SEGMENTS)
def test_whatever_comes_is_news_for_somebody_or_a_fault(kind: str, segments: list[str]) -> None:
    message = read(kind, segments)
    if message is None:
        return
    news = news_of(message, MAPS, 0)
    if isinstance(news, Fault):
        assert news.sentence
        return
    assert news
    for each in news:
        found = who_is_meant(each, MAPS, "duty")
        assert found.employees or found.fallback_role
        assert patient_in(each).patient_id.strip()
        unmapped_codes(each, MAPS)
        if isinstance(each, ReportIssued):
            for result in each.report.results:
                assert (
                    not CRITICAL_FLAGS & {*result.flags} or result.status in "XD" or is_critical(result, MAPS.analytes)
                )


@given(st.sampled_from(["ORU^R01", "ADT^A01", "SIU^S12"]), FIELDS, SEGMENTS)
def test_the_patient_is_the_one_of_pid_3_or_nobody(kind: str, rest: str, segments: list[str]) -> None:
    others = [each for each in segments if not each.startswith("PID")]
    message = read(kind, [f"PID|1||T000017^^^HOSP^MR||{rest}", "SCH|OR1", "OBR|1||FIL001", *others])
    if message is None:
        return
    news = news_of(message, MAPS, 0)
    if not isinstance(news, Fault):
        assert {patient_in(each).patient_id for each in news} == {"T000017"}


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Co"]), min_size=1, max_size=30))
def test_a_text_that_is_escaped_is_shown_as_it_was_typed(text: str) -> None:
    # Two quotation marks are HL7's word for nothing.
    assume(text != '""')
    message = read("ORU^R01", ["PID|1||T1^^^^MR", "OBR|1||R1", f"OBX|1|ST|K||{escape(text, DEFAULT)}||||||F"])
    assert message is not None
    news = news_of(message, MAPS, 0)
    assert not isinstance(news, Fault) and isinstance(news[0], ReportIssued)
    assert [each.text for each in news[0].report.results] == ([text.strip()] if text.strip() else [])


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_refused_or_looked_at(raw: bytes) -> None:
    looks_like_a_result(raw, MAPS.critical_flags)
    assert isinstance(news_of_json(raw, MAPS, 0), Fault)
    read_maps({"wards.csv": raw, "staff.csv": raw, "analytes.csv": raw, "flags.csv": raw})


@given(
    st.recursive(
        st.none() | st.text(max_size=5) | st.integers(),
        lambda of: st.lists(of) | st.dictionaries(st.text(max_size=9), of),
    )
)
def test_json_of_any_kind_is_a_fault_with_a_place(value: object) -> None:
    import msgspec

    fault = news_of_json(msgspec.json.encode(value), MAPS, 0)
    assert isinstance(fault, Fault) and fault.place.startswith("$")
