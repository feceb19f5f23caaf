"""A report is one card with its history, in whatever order versions come; its critical values find their case."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from myelin_gateway.flows.cases import Desk
from myelin_gateway.flows.effects import RefreshCard, SendCard
from myelin_gateway.flows.events import ResultCorrected, ResultJoined
from myelin_gateway.flows.report import ReportCase, ReportDecision, issue
from myelin_gateway.flows.routing import route
from myelin_gateway.model import Analyte, Place, Report, ReportIssued, Result, Visit
from tests.gateway.ward import MINUTE, PATIENT, T0, Story, a_case, check_card, potassium

SODIUM = Result(Analyte("NA", "血钠"), "140", unit="mmol/L", reference="137–147", flags=("N",))
CASE = ReportCase("report-R17", Desk("6301", "https://reports.hospital.example/r/17"), "心内科")


def a_report(*results: Result, status: str = "F") -> Report:
    report = Report("R17", "电解质", PATIENT, results or (potassium(flag="H"), SODIUM))
    return replace(report, status=status, visit=Visit("V17", "inpatient", Place("XN", "", "12")))


def told(decision: ReportDecision) -> tuple[set[str], set[str]]:
    """Who was rung, and whose card was refreshed; each card is checked."""
    for effect in decision.effects:
        assert isinstance(effect, SendCard | RefreshCard)
        check_card(effect.message)
    rung = {effect.to for effect in decision.effects if isinstance(effect, SendCard)}
    return rung, {effect.to for effect in decision.effects if isinstance(effect, RefreshCard)}


def a_version(report: Report, minutes: int, case: ReportCase = CASE) -> ReportDecision:
    return issue(case, ReportIssued(report, T0 + minutes * MINUTE), ("1001",))


def test_the_table_says_values_ranges_and_arrows() -> None:
    decision = a_version(a_report(), 0)
    assert told(decision) == ({"1001"}, set())
    (effect,) = decision.effects
    assert isinstance(effect, SendCard)
    assert "血钾 6.8 mmol/L ↑（3.5–5.3）；血钠 140 mmol/L（137–147）" in effect.message.body
    assert [(fact.label, fact.flag) for fact in effect.message.card.facts] == [("血钾", "H"), ("血钠", "N")]
    assert "患者号 T000017" in effect.message.body


def test_preliminary_becomes_final_in_silence_and_a_correction_rings() -> None:
    first = a_version(a_report(status="P"), 0)
    final = a_version(a_report(), 10, first.case)
    assert told(final) == (set(), {"1001"})
    corrected = a_version(a_report(potassium("3.8", "C", "N"), status="C"), 20, final.case)
    assert told(corrected) == ({"1001"}, set())
    (effect,) = corrected.effects
    assert isinstance(effect, SendCard)
    facts = {fact.label: fact.value for fact in effect.message.card.facts}
    assert facts["血钾"] == "3.8（原 6.8 mmol/L）"
    assert facts["血钠"] == "140", "what a correction does not name is as it was"
    assert facts["报告经过"] == "08:00 初步报告 → 08:10 最终报告 → 08:20 更正报告"
    assert effect.message.card.title == "更正：电解质"


def test_a_version_that_comes_late_is_history_and_the_same_one_again_is_nothing() -> None:
    final = a_version(a_report(potassium("6.8", "F", "H")), 10)
    late = a_version(a_report(potassium("6.7", "P", "H"), status="P"), 0, final.case)
    assert told(late) == (set(), {"1001"})
    assert late.case.current.status == "F"
    assert a_version(a_report(potassium("6.8", "F", "H")), 10, late.case).effects == ()
    new_reader = issue(late.case, ReportIssued(a_report(potassium("6.8", "F", "H")), T0 + 10 * MINUTE), ("1002",))
    assert told(new_reader) == ({"1002"}, {"1001"})


def test_a_withdrawn_report_shows_no_results() -> None:
    decision = a_version(a_report(status="X"), 5, a_version(a_report(), 0).case)
    (effect,) = decision.effects
    assert isinstance(effect, SendCard)
    assert "6.8" not in effect.message.body
    assert [fact.label for fact in effect.message.card.facts] == ["报告经过"]


def test_several_findings_of_one_code_are_all_there() -> None:
    found = [Result(Analyte("ORG", "病原菌"), text) for text in ("大肠埃希菌", "肺炎克雷伯菌")]
    (effect,) = a_version(a_report(*found), 0).effects
    assert isinstance(effect, SendCard)
    assert [fact.value for fact in effect.message.card.facts] == ["大肠埃希菌", "肺炎克雷伯菌"]


def test_a_report_too_long_for_a_card_shows_what_is_abnormal_and_says_what_is_missing() -> None:
    many = [Result(Analyte(f"A{n}", f"项目{n}" * 9), "长" * 300, reference="长" * 60, flags=("N",)) for n in range(300)]
    many[250] = replace(many[250], flags=("HH",))
    decision = a_version(a_report(*many), 0)
    told(decision)
    (effect,) = decision.effects
    assert isinstance(effect, SendCard)
    facts = effect.message.card.facts
    assert facts[0].flag == "HH"
    assert facts[-1].value == f"另有 {300 - len(facts) + 1} 项，请打开报告"
    assert "内容过长" in effect.message.body


def test_text_that_would_break_a_card_is_made_one_line() -> None:
    evil = Result(Analyte("X", "甲\u202e乙"), "一\r\n二\u2028三\x00", unit=" ")
    (effect,) = a_version(a_report(evil), 0).effects
    assert isinstance(effect, SendCard)
    check_card(effect.message)
    assert effect.message.card.facts[0].value == "一 二 三"
    assert effect.message.card.facts[0].label == "甲乙"


OPEN = Story().case
CLOSED = replace(OPEN, state="closed")


def test_a_critical_result_opens_a_case_or_joins_the_open_one() -> None:
    report = replace(a_report(potassium()), report_id="R18")
    assert route((), report).opened == (potassium(),)
    assert route((OPEN,), report).events == (("cv-17", ResultJoined(potassium(), "R18")),)
    assert route((CLOSED,), report).opened == (potassium(),)
    low = potassium("2.0", flag="LL")
    assert route((OPEN,), replace(report, results=(low, SODIUM))).opened == (low,)


@pytest.mark.parametrize("result", [potassium("3.8", "C", "N"), potassium("6.8", "X"), potassium("5.0", "F", "H")])
def test_what_takes_back_a_value_is_a_correction_for_open_and_closed_cases(result: Result) -> None:
    correction = (("cv-17", ResultCorrected(result, "R17")),)
    assert route((OPEN,), a_report(result)).events == correction
    assert route((CLOSED,), a_report(result)).events == correction


def test_a_closed_case_corrected_to_another_critical_value_opens_a_new_one() -> None:
    worse = potassium("7.4", "C")
    assert route((CLOSED,), a_report(worse)).opened == (worse,)
    assert route((OPEN,), a_report(worse)).opened == ()


def test_the_final_of_a_value_that_was_answered_as_preliminary_alarms_nobody_again() -> None:
    assert route((CLOSED,), a_report(potassium())) == route((), a_report(SODIUM))


def test_two_findings_of_one_code_are_two_cases_and_each_finds_its_own_again() -> None:
    one = Result(Analyte("BC", "血培养"), "革兰阴性杆菌", flags=("AA",), sub_id="1")
    two = replace(one, text="革兰阳性球菌", sub_id="2")
    negative = replace(one, text="阴性", flags=("N",), sub_id="3")
    report = a_report(one, two, one, negative)
    assert route((), report).opened == (one, two)
    cases = [Story(a_case(case_id=f"bc-{r.sub_id}", result=r)).case for r in (one, two)]
    again = route(cases, report)
    assert {(case_id, event.result.text) for case_id, event in again.events} == {
        ("bc-1", "革兰阴性杆菌"),
        ("bc-2", "革兰阳性球菌"),
    }
    assert not any(isinstance(event, ResultCorrected) for _, event in again.events)
    wrong = replace(two, text="污染", status="C", flags=("N",))
    assert route(cases, a_report(wrong)).events == (("bc-2", ResultCorrected(wrong, "R17")),)
    other = replace(wrong, sub_id="9")
    assert [case_id for case_id, _ in route(cases, a_report(other)).events] == ["bc-1", "bc-2"], "rather told twice"


def test_a_value_that_was_measured_twice_in_one_report_is_not_taken_back_by_the_second() -> None:
    report = a_report(potassium(), potassium("4.0", "F", "N"))
    assert [type(event) for _, event in route((OPEN,), report).events] == [ResultJoined]


def test_what_the_laboratory_wrote_beside_a_value_is_shown() -> None:
    result = replace(potassium(), comment="标本溶血")
    (effect,) = a_version(a_report(result), 0).effects
    assert isinstance(effect, SendCard)
    assert "备注：标本溶血" in effect.message.body
    assert effect.message.card.facts[1].value == "标本溶血"
    assert "备注：标本溶血" in Story(a_case(result=result)).card("1001").body


def test_an_older_result_that_comes_late_and_a_correction_of_an_earlier_one_leave_the_value_that_counts() -> None:
    story = Story(a_case(result=replace(potassium(), observed_at=T0)))
    story.on(ResultJoined(replace(potassium("6.5"), observed_at=T0 - MINUTE), "R16"))
    assert story.case.result.text == "6.8"
    story.on(ResultCorrected(potassium("4.0", "C", "N"), "R16"))
    assert (story.case.state, story.case.result.text) == ("detected", "6.8")
    assert "1001" in story.rung()
