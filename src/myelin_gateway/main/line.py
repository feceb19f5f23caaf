"""From a laboratory message to cards, until `mapping` and `flows` do it: one card for the ordering doctor.

A critical result goes to the doctor's critical feed and asks them to telephone; nobody watches yet whether they did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from myelin.matrix.json import JsonObject
from myelin_gateway.delivery import Draft, Sorted, Unsorted
from myelin_gateway.hl7v2 import Charset, Message, Segment, parse

CRITICAL = frozenset({"HH", "LL", "AA"})
SHOWN_FLAGS = frozenset({"HH", "LL", "H", "L", "AA", "A", "N"})
MAX_FACTS = 60


def sort(each: Unsorted, charset: Charset, fallback: str) -> Sorted:
    """Return the cards of a message; what names nobody goes to the fallback, and to the dead letters without one."""
    message = parse(each.raw, charset)
    if message.type != "ORU^R01":
        return Sorted(each.inbox_id, reason="no_card")
    addresses = dict.fromkeys(orderers(message)) or dict.fromkeys([fallback] if fallback else [])
    if not addresses:
        return Sorted(each.inbox_id, state="dead", reason="no_address")
    return Sorted(each.inbox_id, tuple(draft(message, each, or_else(address, fallback)) for address in addresses))


def or_else(address: str, fallback: str) -> str:
    return f"{address}>{fallback}" if fallback and fallback != address else address


def orderers(message: Message) -> Iterable[str]:
    """Return who ordered, once each: OBR-16, else ORC-12."""
    for group in message.groups("OBR"):
        if code := group[0].value(16) or message.segment("ORC").value(12):
            yield code


def draft(message: Message, each: Unsorted, address: str) -> Draft:
    facts = [fact(obx) for obx in message.all("OBX")][:MAX_FACTS]
    is_critical = any(each["flag"] in CRITICAL for each in facts if "flag" in each)
    content = card_message(message, facts, f"r-{each.inbox_id}", is_critical=is_critical)
    return Draft(
        target=address,
        feed="critical" if is_critical else "reports",
        lane="critical" if is_critical else "routine",
        kind="critical_value" if is_critical else "lab_report",
        case=f"r-{each.inbox_id}",
        rev=1,
        key=f"{each.partner} {message.segment('PID').value(3)}",
        content=msgspec.json.encode(content),
    )


def card_message(message: Message, facts: list[JsonObject], case: str, *, is_critical: bool) -> JsonObject:
    pid, obr = message.segment("PID"), message.segment("OBR")
    title = f"{'危急值' if is_critical else '检验报告'}：{obr.value(4, 2) or obr.value(4)}"[:120]
    identifiers = numbers(pid, message.segment("PV1"))
    name = pid.value(5) + pid.value(5, 2)
    who = f"{name}，" + "，".join(f"{each['label']} {each['value']}" for each in identifiers)
    values = "；".join(spoken(each) for each in facts)
    card: JsonObject = {
        "v": 1,
        "kind": "critical_value" if is_critical else "lab_report",
        "case": case,
        "rev": 1,
        "title": title,
        "state": "notified" if is_critical else "final",
        "state_label": "请立即电话联系检验科" if is_critical else "已审核",
        "patient": {"name": name, "identifiers": [*identifiers]} if len(identifiers) > 1 else None,
        "facts": [*facts],
    }
    body = f"{title}。{who}。{values}。{'请立即电话联系检验科。' if is_critical else ''}"
    return {"msgtype": "m.text", "body": body, "m.mentions": {}, "org.myelin.card": card}


def numbers(pid: Segment, pv1: Segment) -> list[JsonObject]:
    found: Mapping[str, str] = {"患者号": pid.value(3), "就诊号": pv1.value(19)}
    return [{"label": label, "value": value} for label, value in found.items() if value]


def fact(obx: Segment) -> JsonObject:
    told: JsonObject = {"label": (obx.value(3, 2) or obx.value(3))[:40], "value": obx.field(5).prose[:200]}
    optional = {"unit": obx.value(6), "reference": obx.value(7), "flag": obx.value(8)}
    return told | {
        name: value for name, value in optional.items() if value and (name != "flag" or value in SHOWN_FLAGS)
    }


def spoken(told: JsonObject) -> str:
    reference = f"（{told['reference']}）" if "reference" in told else ""
    flag = f" {told['flag']}" if told.get("flag", "N") != "N" else ""
    return f"{told['label']} {told['value']} {told.get('unit', '')}{reference}{flag}"
