"""From news of a laboratory to cards, with no memory of earlier news: one card of each report for each orderer.

A critical result goes to the doctor's critical feed and asks them to telephone; nobody watches yet whether they did.
"""

from __future__ import annotations

import hashlib

import msgspec
from msgspec.structs import replace

from myelin_gateway.delivery import Draft, Sorted, Unsorted
from myelin_gateway.flows.cards import Message, line, message
from myelin_gateway.flows.report import WITHDRAWN, ReportCase, Version, report_message
from myelin_gateway.hl7v2 import Charset, parse
from myelin_gateway.mapping import Fault, Maps, news_of, who_is_meant
from myelin_gateway.matrix import OR_ELSE, ROLE
from myelin_gateway.model import CRITICAL_FLAGS, Report, ReportIssued

TELEPHONE = "请立即电话联系检验科"


class Reading(msgspec.Struct, frozen=True):
    """How a partner's messages are read, and who is told what names nobody that is known: a role of the roster."""

    charset: Charset
    maps: Maps = Maps()
    fallback_role: str = ""


def sort(each: Unsorted, reading: Reading) -> Sorted:
    """Return the cards of a message; what is for nobody, not even for a fallback, is a dead letter."""
    found = news_of(parse(each.raw, reading.charset), reading.maps, each.received_at)
    if isinstance(found, Fault):
        return Sorted(each.inbox_id, state="quarantined", reason=f"{found.reason} {found.place}".strip())
    drafts: list[Draft] = []
    for news in found:
        if isinstance(news, ReportIssued):
            addressed = addresses(news, reading)
            if not addressed:
                return Sorted(each.inbox_id, state="dead", reason="no_address")
            drafts += [draft(news, each.partner, reading.maps, address) for address in addressed]
    return Sorted(each.inbox_id, tuple(drafts), reason="" if drafts else "no_card")


def addresses(news: ReportIssued, reading: Reading) -> list[str]:
    """Return whom a report is for: who ordered it, and the fallback where somebody of them is not known."""
    meant = who_is_meant(news, reading.maps, reading.fallback_role)
    fallback = f"{ROLE}{reading.fallback_role}" if reading.fallback_role else ""
    is_mapped = meant.employees and not any(each.kind == "staff" for each in meant.unmapped)
    # Somebody whom the map knows may have left the directory.
    known = [f"{number}{OR_ELSE}{fallback}" if fallback else number for number in meant.employees]
    return known if is_mapped or not fallback else [*known, fallback]


def draft(news: ReportIssued, partner: str, maps: Maps, address: str) -> Draft:
    report, is_critical = news.report, has_critical_value(news.report)
    card = card_of(news, partner, maps)
    return Draft(
        target=address,
        feed="critical" if is_critical else "reports",
        lane="critical" if is_critical else "routine",
        kind=card.card.kind,
        case=card.card.case_id,
        rev=card.card.rev,
        key=f"{partner} {report.patient.patient_id}",
        content=msgspec.json.encode({**card.content, "m.mentions": {}}),
    )


def has_critical_value(report: Report) -> bool:
    return any(
        CRITICAL_FLAGS.intersection(result.flags) and result.status not in WITHDRAWN
        for result in (report.results if report.status not in WITHDRAWN else ())
    )


def card_of(news: ReportIssued, partner: str, maps: Maps) -> Message:
    report = news.report
    mapped = maps.wards.get(report.visit.place.ward) if report.visit else None
    case_id = f"r-{hashlib.sha256(f'{partner} {report.report_id}'.encode()).hexdigest()[:24]}"
    ward = mapped.department if mapped else ""
    case = ReportCase(case_id, ward=ward, versions=(Version(report, news.said_at),), rev=1)
    told = report_message(case)
    return alarming(told) if has_critical_value(report) else told


def alarming(told: Message) -> Message:
    title = line(f"危急值：{told.card.title}", 120)
    card = replace(told.card, kind="critical_value", title=title, state="notified", state_label=TELEPHONE)
    return message(f"危急值，{TELEPHONE}。{told.body}", card)
