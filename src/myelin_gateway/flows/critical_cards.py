"""What a critical value's card says to each person: the same facts, and only what that person may do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from myelin_gateway.flows.cards import (
    Answer,
    Card,
    CardAction,
    ChoiceInput,
    Fact,
    Message,
    Option,
    TextInput,
    card_patient,
    comment_facts,
    label,
    line,
    message,
    one_of,
    patient_text,
    phone_number,
    place_text,
    report_links,
    result_fact,
    result_text,
    value_text,
    wall_clock,
)
from myelin_gateway.flows.cases import BEFORE_CONFIRMATION, BEFORE_RECEIPT, Case, Person, State

Reader = Literal["nurse", "physician", "informed"]

HEADINGS: Mapping[State, str] = {
    "detected": "待接收",
    "notified": "待接收",
    "received": "{nurse}已接收，待复述",
    "read_back": "{nurse}已复述，待告知医生",
    "told": "已告知{told}，待医生确认",
    "confirmed": "{physician}已确认，待处理",
    "acting": "{physician}处理中",
    "corrected": "结果已更正，待知悉",
    "closed": "已处理完毕",
    "excepted": "已按例外结束",
}
# What everybody reads of a step; the rest is for the record.
TOLD_STEPS: Mapping[str, str] = {
    "received": "{who}接收",
    "read_back": "{who}复述数值",
    "told": "{who}告知{detail}",
    "confirmed": "{who}确认",
    "acted": "{who}处理：{detail}",
    "closed": "{who}关闭 {detail}",
    "transfer_offered": "{who}请{detail}接手",
    "transfer_accepted": "{who}接手",
    "transfer_declined": "{who}未接手",
    "transfer_lapsed": "转交未被接受，仍由{who}负责",
    "told_not_reached": "{who}的设备未收到，请电话联系",
    "overdue": "{who}超时",
    "taken_over": "{who}接手",
    "escalated": "超时升级：{detail}",
    "corrected": "检验科更正：{detail}",
    "joined": "新结果：{detail}",
    "moved": "转至{detail}",
    "merged": "患者信息已合并，患者号 {detail}",
    "left": "患者已出院",
    "returned": "出院已取消",
    "called": "电话通知{detail}",
    "exception_proposed": "{who}申请例外结束：{detail}",
    "excepted": "{who}同意例外结束：{detail}",
}
MAX_STEPS_SHOWN = 12


def critical_message(case: Case, person: Person, answer: Answer | None = None) -> Message:
    """The card for one person who was alarmed."""
    place = place_text(case.place, case.ward.name)
    deadline = _deadline(case, person)
    card = Card(
        v=1,
        kind="critical_value",
        case_id=case.case_id,
        rev=case.rev,
        title=line(_title(case), 120),
        state=case.state,
        state_label=heading(case),
        patient=card_patient(case.patient, place),
        facts=(result_fact(case.result), *comment_facts(case.result), *_facts(case)),
        deadline=deadline,
        actions=tuple(_actions(case, person)),
        answer=answer,
        links=report_links(case.desk.report_url),
        phone=phone_number(case.desk.phone),
    )
    return message(_body(case, person, place, deadline, answer), card)


def station_message(case: Case, station: str) -> Message:
    """The card on a ward's wall: ward, bed and deadline; no name, no value, nothing to press."""
    here = station == case.ward.station and case.is_open
    place = place_text(case.place, case.ward.name) or "本病区"
    waiting = here and case.state in BEFORE_CONFIRMATION
    deadline = _next_clock(case) if waiting else None
    words = "有危急值待处理" if waiting else "危急值医生处理中" if here else "危急值已处理或已转出"
    limit = (
        f"，请在 {wall_clock(deadline, case.desk.zone_minutes)} 前由责任护士或医生在本人手机上处理" if deadline else ""
    )
    card = Card(
        v=1,
        kind="critical_value",
        case_id=case.case_id,
        rev=case.rev,
        title=line(f"危急值：{place}" if here else "危急值", 120),
        state="waiting" if waiting else "running" if here else "over",
        state_label=words,
        deadline=deadline,
        phone=phone_number(case.desk.phone),
    )
    return message(f"{place if here else ''}{words}{limit}。{_telephone(case) if here else ''}", card)


def heading(case: Case) -> str:
    """The state as people read it, with the name of whoever brought it there."""
    text = HEADINGS[case.state].format(nurse=_name(case.nurse), told=_name(case.told), physician=_name(case.physician))
    return label(text)


def reader(person: Person) -> Reader:
    return "informed" if person.profession == "other" else person.profession


def _name(person: Person | None) -> str:
    return person.name if person else ""


def _title(case: Case) -> str:
    mark = "更正：" if case.state == "corrected" else ""
    late = "（延迟送达）" if case.is_delayed else ""
    return f"{mark}危急值：{case.result.analyte.name or case.result.analyte.code} {value_text(case.result)}{late}"


def _facts(case: Case) -> list[Fact]:
    """What has happened, the last things at the end."""
    told = _history(case)
    return [Fact(label(at), line(text, 200)) for at, text in told[-MAX_STEPS_SHOWN:]]


def _history(case: Case) -> list[tuple[str, str]]:
    lines = []
    for step in case.steps:
        if words := TOLD_STEPS.get(step.name):
            text = words.format(who=_name(step.person) or "系统", detail=step.detail).strip()
            lines.append((wall_clock(step.at, case.desk.zone_minutes), text))
    return lines


def _body(case: Case, person: Person, place: str, deadline: int | None, answer: Answer | None) -> str:
    history = "".join(f"{at} {text}。" for at, text in _history(case))
    refusal = f"{answer.text}。" if answer and not answer.accepted and answer.text else ""
    late = "（延迟送达）" if case.is_delayed else ""
    mark = "更正：" if case.state == "corrected" else ""
    return line(
        f"{mark}危急值{late}：{result_text(case.result)}。{patient_text(case.patient, place)}。{heading(case)}。"
        f"{history}{refusal}{_request(case, person, deadline)}{_telephone(case)}",
        1_000_000,
    )


def _request(case: Case, person: Person, deadline: int | None) -> str:
    labels = [action.label for action in _actions(case, person)]
    if not labels:
        return ""
    limit = f"在 {wall_clock(deadline, case.desk.zone_minutes)} 前" if deadline is not None else ""
    return f"请{limit}按“{'”或“'.join(labels)}”。"


def _telephone(case: Case) -> str:
    return f"检验科电话 {case.desk.phone}。" if case.desk.phone and case.is_open else ""


def _next_clock(case: Case) -> int | None:
    return min((d.due_at for d in case.deadlines if d.name != "send"), default=None)


def _deadline(case: Case, person: Person) -> int | None:
    """Until when this person must do something; those who are only informed see the next clock of all."""
    if not case.is_open:
        return None
    if case.transfer and person.is_(case.transfer.taker):
        return case.due("accept")
    if person.is_(case.nurse) and case.due("nurse") is not None:
        return case.due("nurse")
    if person.is_(case.physician) and case.due("act") is not None:
        return case.due("act")
    return case.due("rung") or case.due("act") or _next_clock(case)


# What a person may press, in the order of importance. `actions` refuses everything else again.
Offer = Callable[[Case, Person], CardAction | None]


def _actions(case: Case, person: Person) -> list[CardAction]:
    if not case.is_open or reader(person) == "informed":
        return []
    offers = (action for offer in OFFERS if (action := offer(case, person)))
    return list(offers)[:4]


def _accept(case: Case, person: Person) -> CardAction | None:
    return CardAction("accept", "接手") if case.transfer and person.is_(case.transfer.taker) else None


def _decline(case: Case, person: Person) -> CardAction | None:
    return CardAction("decline", "不能接手") if case.transfer and person.is_(case.transfer.taker) else None


def _receive(case: Case, person: Person) -> CardAction | None:
    fits = case.state in BEFORE_RECEIPT and person.profession == "nurse"
    return CardAction("receive", "收到") if fits else None


def _read_back(case: Case, person: Person) -> CardAction | None:
    fits = case.state == "received" and person.is_(case.nurse)
    return CardAction("read_back", "复述", value_input(case)) if fits else None


def _tell(case: Case, person: Person) -> CardAction | None:
    if case.state not in ("read_back", "told") or not person.is_(case.nurse):
        return None
    told = {case.told.number} if case.told else set()
    options = people_options(case, "physician", told)
    return CardAction("tell", "告知医生", ChoiceInput("告知哪位医生", options)) if options else None


def _confirm(case: Case, person: Person) -> CardAction | None:
    if case.state not in BEFORE_CONFIRMATION or person.profession != "physician":
        return None
    return CardAction("confirm", "确认", None if case.state in ("read_back", "told") else value_input(case))


def _act(case: Case, person: Person) -> CardAction | None:
    fits = case.state == "confirmed" and person.is_(case.physician)
    return CardAction("act", "已处理", TextInput("处理措施")) if fits else None


def _close(case: Case, person: Person) -> CardAction | None:
    return CardAction("close", "处理完毕") if case.state == "acting" and person.is_(case.physician) else None


def _note(case: Case, person: Person) -> CardAction | None:
    fits = case.state == "corrected" and (case.owner is None or person.is_(case.owner))
    return CardAction("note", "知悉更正", TextInput("处理说明")) if fits else None


def _take_over(case: Case, person: Person) -> CardAction | None:
    holder = case.physician if person.profession == "physician" else case.nurse
    fits = holder is not None and not person.is_(holder) and person.profession in case.late
    return CardAction("take_over", "接手") if fits else None


def _transfer(case: Case, person: Person) -> CardAction | None:
    if case.transfer or not person.is_(case.owner):
        return None
    options = people_options(case, person.profession, {person.number})
    return CardAction("transfer", "转交", ChoiceInput("转交给", options)) if options else None


OFFERS: tuple[Offer, ...] = (
    _accept,
    _decline,
    _receive,
    _read_back,
    _tell,
    _confirm,
    _act,
    _close,
    _note,
    _take_over,
    _transfer,
)


def value_input(case: Case) -> TextInput | None:
    """Ask for the value; what is not a number is confirmed by one press."""
    if case.result.number is None:
        return None
    return TextInput(label(f"请重新输入{case.result.analyte.name or case.result.analyte.code}数值"))


def people_options(case: Case, profession: str, without: set[str]) -> tuple[Option, ...]:
    """Whom a nurse may tell, or who may take over."""
    people = [p for p in case.candidates if p.profession == profession and p.number not in without]
    return one_of([(person.number, person.name) for person in people])
