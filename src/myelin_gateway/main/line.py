"""From news of a laboratory to cards, until `flows` does it: one card of each report for each ordering doctor.

A critical result goes to the doctor's critical feed and asks them to telephone; nobody watches yet whether they did.
"""

from __future__ import annotations

import msgspec

from myelin.matrix.json import JsonObject
from myelin_gateway.delivery import Draft, Sorted, Unsorted
from myelin_gateway.hl7v2 import Charset, parse
from myelin_gateway.mapping import Fault, Maps, news_of, who_is_meant
from myelin_gateway.matrix import OR_ELSE, ROLE
from myelin_gateway.model import CRITICAL_FLAGS, Patient, Report, ReportIssued, Result

STATES = {"P": "初步报告", "F": "已审核", "C": "已更正", "X": "已撤回", "D": "已撤回"}
SHOWN_FLAGS = frozenset({"HH", "LL", "H", "L", "AA", "A", "N"})
MAX_FACTS = 60


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
    for place, news in enumerate(found):
        if isinstance(news, ReportIssued):
            addressed = addresses(news, reading)
            if not addressed:
                return Sorted(each.inbox_id, state="dead", reason="no_address")
            case = f"r-{each.inbox_id}-{place}"
            key = f"{each.partner} {news.report.patient.patient_id}"
            drafts += [draft(news.report, case, key, to) for to in addressed]
    return Sorted(each.inbox_id, tuple(drafts), reason="" if drafts else "no_card")


def addresses(news: ReportIssued, reading: Reading) -> list[str]:
    """Return whom a report is for: who ordered it, and the fallback where somebody of them is not known."""
    meant = who_is_meant(news, reading.maps, reading.fallback_role)
    fallback = f"{ROLE}{reading.fallback_role}" if reading.fallback_role else ""
    is_mapped = meant.employees and not any(each.kind == "staff" for each in meant.unmapped)
    # Somebody whom the map knows may have left the directory.
    known = [f"{number}{OR_ELSE}{fallback}" if fallback else number for number in meant.employees]
    return known if is_mapped or not fallback else [*known, fallback]


def draft(report: Report, case: str, key: str, address: str) -> Draft:
    is_critical = any(CRITICAL_FLAGS.intersection(result.flags) for result in report.results)
    return Draft(
        target=address,
        feed="critical" if is_critical else "reports",
        lane="critical" if is_critical else "routine",
        kind="critical_value" if is_critical else "lab_report",
        case=case,
        rev=1,
        key=key,
        content=msgspec.json.encode(message(report, case, is_critical=is_critical)),
    )


def message(report: Report, case: str, *, is_critical: bool) -> JsonObject:
    """Return the content of the event: everything in words, and once more as a form."""
    title = one_line(f"{'危急值' if is_critical else '检验报告'}：{report.title}", 120)
    patient, place = report.patient, str(report.visit.place) if report.visit else ""
    label = "请立即电话联系检验科" if is_critical else STATES[report.status]
    card: JsonObject = {
        "v": 1,
        "kind": "critical_value" if is_critical else "lab_report",
        "case": case,
        "rev": 1,
        "title": title,
        "state": "notified" if is_critical else "final",
        "state_label": label,
        "patient": {"name": name_of(patient), "identifiers": [*numbers(patient)], "place": one_line(place, 40) or None},
        "facts": [fact(result) for result in report.results[:MAX_FACTS]],
    }
    who = "，".join([name_of(patient), *(f"{each['label']} {each['value']}" for each in numbers(patient))])
    values = "；".join(map(spoken, report.results))
    body = "。".join(each for each in (title, who, place, values, label) if each)
    return {"msgtype": "m.text", "body": f"{body}。", "m.mentions": {}, "org.myelin.card": card}


def name_of(patient: Patient) -> str:
    name = f"{patient.name}（姓名待核对）" if patient.name_is_doubtful else patient.name
    return one_line(name or "姓名未知", 40)


def numbers(patient: Patient) -> list[JsonObject]:
    """Return two things to know a patient by, so that nobody acts on the wrong one."""
    found = {"患者号": patient.patient_id, "出生日期": patient.birth_date or "未知"}
    return [{"label": label, "value": one_line(value, 40)} for label, value in found.items()]


def fact(result: Result) -> JsonObject:
    told: JsonObject = {
        "label": one_line(result.analyte.name or result.analyte.code, 40),
        "value": one_line(result.text, 200),
    }
    flag = next((each for each in result.flags if each in SHOWN_FLAGS), "")
    optional = {"unit": one_line(result.unit, 40), "reference": one_line(result.reference, 40), "flag": flag}
    return told | {name: value for name, value in optional.items() if value}


def spoken(result: Result) -> str:
    parts = (result.analyte.name or result.analyte.code, result.text, result.unit, *result.flags)
    value = " ".join(filter(None, parts))
    return f"{value}（{result.reference}）" if result.reference else value


def one_line(text: str, limit: int) -> str:
    return " ".join(text.split())[:limit]
