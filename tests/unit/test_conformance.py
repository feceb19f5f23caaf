"""The page on conformance says what the table says, and the table speaks of every operation."""

from tests.contract.conformance import PAGE, demanded, faults, named_refusals, render
from tests.contract.contract import operations
from tests.contract.coverage import COVERAGE, in_part, not_yet, works


def test_every_operation_has_its_claim() -> None:
    assert COVERAGE.keys() == operations().keys()
    assert len(COVERAGE) == 166


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == render(COVERAGE), "run `make conformance`"


def test_what_does_not_work_fully_says_why() -> None:
    assert [name for name, claim in COVERAGE.items() if claim.standing == "refused on purpose" and not claim.note] == []
    assert [name for name, claim in COVERAGE.items() if claim.standing == "works in part" and not claim.note] == []


def test_an_excuse_is_for_a_refusal_that_the_specification_names() -> None:
    idle = {name: codes for name, claim in COVERAGE.items() if (codes := claim.excused.keys() - named_refusals(name))}
    assert idle == {}


def test_a_claim_needs_a_success_and_every_refusal() -> None:
    assert demanded("kick", works()) == {"success", "M_FORBIDDEN"}
    assert list(faults({"kick": works()}, {"kick": {"success", "M_FORBIDDEN"}})) == []
    for seen in ({}, {"kick": {"success"}}, {"kick": {"M_FORBIDDEN"}}):
        assert len(list(faults({"kick": works()}, seen))) == 1
        assert len(list(faults({"kick": in_part("x")}, seen))) == 1


def test_what_answers_is_not_called_missing() -> None:
    assert len(list(faults({"kick": not_yet()}, {"kick": {"success"}}))) == 1
