"""Which cases a report opens, joins or corrects. `cases` are those of the patient: the open, and those ended lately.

One value may come as preliminary, final and corrected, and one analyte again and again while somebody is on their way:
that is one alarm. Whatever takes back a value that alarmed somebody is a correction, whatever the laboratory calls it.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from myelin_gateway.flows.cards import value_text
from myelin_gateway.flows.cases import Case
from myelin_gateway.flows.critical_value import is_critical, same_alarm, same_analyte
from myelin_gateway.flows.events import ResultCorrected, ResultJoined
from myelin_gateway.model import Analyte, Report, Result

# What may be a result, and cannot be read or mapped: a case like any other, with a telephone call for a value.
UNREADABLE = Result(Analyte("", "报文异常，请核对"), "请致电检验科", flags=("AA",))


class Routed(msgspec.Struct, frozen=True):
    """What becomes of a report: events for cases, by their id, and the results that open cases of their own."""

    events: tuple[tuple[str, ResultJoined | ResultCorrected], ...] = ()
    opened: tuple[Result, ...] = ()


def route(cases: Sequence[Case], report: Report) -> Routed:
    """Route each result; the same value twice in one report opens one case."""
    routed = Routed()
    for result in report.results:
        routed = _and(routed, _route_one(cases, report, result))
    return routed


def _and(before: Routed, after: Routed) -> Routed:
    same = {(result.analyte, value_text(result)) for result in before.opened}
    opened = tuple(result for result in after.opened if (result.analyte, value_text(result)) not in same)
    return Routed(before.events + after.events, before.opened + opened)


def _route_one(cases: Sequence[Case], report: Report, result: Result) -> Routed:
    known = [case for case in cases if report.report_id in case.report_ids and same_analyte(case, result)]
    taken_back = _taken_back(known, report, result)
    events = tuple((case.case_id, ResultCorrected(result, report.report_id)) for case in taken_back)
    # An open case that was corrected to another critical value goes on; a closed one is told, and a new one opened.
    if any(case.is_open for case in taken_back) or not is_critical(result):
        return Routed(events)
    if joined := _joined(cases, report, result):
        return Routed((*events, (joined.case_id, ResultJoined(result, report.report_id))))
    if not taken_back and any(value_text(case.result) == value_text(result) for case in known):
        return Routed()
    return Routed(events, (result,))


def _taken_back(known: list[Case], report: Report, result: Result) -> list[Case]:
    """The cases of the very value; a correction by name finds those of the analyte where no sub-id fits."""
    exact = [case for case in known if case.result.sub_id == result.sub_id]
    if result.status in ("C", "X", "D"):
        return exact or known
    if is_critical(result) or any(is_critical(other) and _is_same(other, result) for other in report.results):
        return []
    # Final, and not critical where the preliminary was.
    return [case for case in exact if case.state != "corrected" and is_critical(case.result)]


def _is_same(one: Result, other: Result) -> bool:
    return (one.analyte.code, one.sub_id) == (other.analyte.code, other.sub_id)


def _joined(cases: Sequence[Case], report: Report, result: Result) -> Case | None:
    """The open case of the same alarm; of several the one of the same value, else of the same sub-id."""

    def distance(case: Case) -> tuple[bool, bool]:
        return value_text(case.result) != value_text(result), case.result.sub_id != result.sub_id

    return min((c for c in cases if same_alarm(c, report.patient.patient_id, result)), key=distance, default=None)
