"""A laboratory report and its versions: one report with its history, one card for each reader.

The first version and a correction are new messages; preliminary becomes final in silence. What arrives out of order is
kept in the history, and never put over what is newer. Who reads it, a map says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from myelin_gateway.flows.cards import (
    Card,
    Fact,
    Message,
    card_patient,
    comment_facts,
    line,
    message,
    patient_text,
    phone_number,
    place_text,
    report_links,
    result_fact,
    result_text,
    value_text,
    wall_clock,
)
from myelin_gateway.flows.cases import Desk
from myelin_gateway.flows.effects import Effect, RefreshCard, SendCard
from myelin_gateway.model import Report, ReportIssued, Result, ResultStatus

STATUS_LABELS: Mapping[ResultStatus, str] = {
    "P": "初步报告",
    "F": "最终报告",
    "C": "更正报告",
    "X": "已取消",
    "D": "已撤销",
}
STATES: Mapping[ResultStatus, str] = {
    "P": "preliminary",
    "F": "final",
    "C": "corrected",
    "X": "cancelled",
    "D": "deleted",
}
# What takes something back must ring; of two versions said at one time, the later in this order counts.
CORRECTIONS: frozenset[ResultStatus] = frozenset({"C", "X", "D"})
ORDER: Sequence[ResultStatus] = ("P", "F", "C", "X", "D")
WITHDRAWN: frozenset[ResultStatus] = frozenset({"X", "D"})


Key = tuple[str, str, int]


class Version(msgspec.Struct, frozen=True):
    """What the laboratory said at one time."""

    report: Report
    said_at: int


class ReportCase(msgspec.Struct, frozen=True):
    """A report with everything that was ever said of it, in the order in which it was said; `readers` were sent it."""

    case_id: str
    desk: Desk = Desk()
    ward: str = ""
    versions: tuple[Version, ...] = ()
    readers: tuple[str, ...] = ()
    rev: int = 0

    @property
    def current(self) -> Report:
        return self.versions[-1].report


class ReportDecision(msgspec.Struct, frozen=True):
    """The report as it is known now, and whom to tell."""

    case: ReportCase
    effects: tuple[Effect, ...] = ()


def issue(case: ReportCase, issued: ReportIssued, readers: tuple[str, ...]) -> ReportDecision:
    """Take in one version; the same version again tells nobody who knows it."""
    version = Version(issued.report, issued.said_at)
    new = tuple(reader for reader in dict.fromkeys(readers) if reader not in case.readers)
    if version in case.versions and not new:
        return ReportDecision(case)
    before = case.readers
    versions = case.versions if version in case.versions else tuple(sorted((*case.versions, version), key=_said))
    case = replace(case, versions=versions, readers=(*before, *new), rev=case.rev + 1)
    loud = (*before, *new) if versions[-1] == version and issued.report.status in CORRECTIONS else new
    card = report_message(case)
    sends = tuple(SendCard(reader, card) for reader in loud)
    return ReportDecision(case, (*sends, *(RefreshCard(reader, card) for reader in before if reader not in loud)))


def results(case: ReportCase) -> tuple[tuple[Result, str], ...]:
    """Each result as it is known now, in the order of the report, with the value that it had before where another."""
    known: dict[Key, tuple[Result, str]] = {}
    for version in case.versions:
        for key, result in _keyed(version.report.results):
            known[key] = (result, _before(known.get(key), result))
    return tuple(known.values())


def _keyed(found: Sequence[Result]) -> list[tuple[Key, Result]]:
    """Each result by its code and sub-id, and the how-manieth of those it is: a culture finds several of one kind."""
    counts: dict[tuple[str, str], int] = {}
    keyed = []
    for result in found:
        kind = (result.analyte.code or result.analyte.name, result.sub_id)
        counts[kind] = counts.get(kind, 0) + 1
        keyed.append(((*kind, counts[kind]), result))
    return keyed


def report_message(case: ReportCase) -> Message:
    """The table of results with ranges and arrows; what was corrected names its old value."""
    report = case.current
    place = place_text(report.visit.place, case.ward) if report.visit else case.ward
    withdrawn = report.status in WITHDRAWN
    shown = () if withdrawn else results(case)
    card = Card(
        v=1,
        kind="lab_report",
        case_id=case.case_id,
        rev=case.rev,
        title=line(f"{'更正：' if report.status == 'C' else ''}{report.title or '检验报告'}", 120),
        state=STATES[report.status],
        state_label=STATUS_LABELS[report.status],
        patient=card_patient(report.patient, place),
        facts=(*_history_facts(case), *(fact for result, before in shown for fact in _facts(result, before))),
        links=report_links(case.desk.report_url),
        phone=phone_number(case.desk.phone),
    )
    lines = "；".join(_line(result, before) for result, before in shown)
    text = (
        f"{report.title or '检验报告'}（{STATUS_LABELS[report.status]}）。{patient_text(report.patient, place)}。"
        f"{'此报告的结果不再有效。' if withdrawn else lines + '。' if lines else ''}{_history(case)}"
    )
    return message(line(text, 1_000_000), card)


def _said(version: Version) -> tuple[int, int]:
    return version.said_at, ORDER.index(version.report.status)


def _before(earlier: tuple[Result, str] | None, result: Result) -> str:
    if earlier is None:
        return ""
    old, older = earlier
    return older if value_text(old) == value_text(result) else value_text(old)


def _facts(result: Result, before: str) -> tuple[Fact, ...]:
    return (_fact(result, before), *comment_facts(result))


def _fact(result: Result, before: str) -> Fact:
    fact = result_fact(result)
    if result.status in WITHDRAWN:
        return replace(fact, value=line(f"已作废（原 {value_text(result)}）", 200), unit=None, flag=None)
    return replace(fact, value=line(f"{result.text}{_was(before)}", 200)) if before else fact


def _line(result: Result, before: str) -> str:
    if result.status in WITHDRAWN:
        return f"{result.analyte.name or result.analyte.code} 已作废（原 {value_text(result)}）"
    return f"{result_text(result)}{_was(before)}"


def _was(before: str) -> str:
    return f"（原 {before}）" if before else ""


def _history_facts(case: ReportCase) -> tuple[Fact, ...]:
    text = _history_text(case)
    return (Fact("报告经过", line(text, 200)),) if text else ()


def _history(case: ReportCase) -> str:
    text = _history_text(case)
    return f"报告经过：{text}。" if text else ""


def _history_text(case: ReportCase) -> str:
    """`08:00 初步报告 → 09:10 最终报告`; nothing where there is only one version."""
    said = [(wall_clock(v.said_at, case.desk.zone_minutes), STATUS_LABELS[v.report.status]) for v in case.versions]
    return " → ".join(f"{at} {label}" for at, label in said) if len(said) > 1 else ""
