"""What people may do with a critical value: who, in which state, and what follows. The table is `RULES`.

Nothing on a card is trusted: what it offered is checked again here, and every refusal is a sentence for its reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal, NamedTuple

from msgspec.structs import replace

from myelin_gateway.flows.cards import wall_clock
from myelin_gateway.flows.cases import (
    BEFORE_CONFIRMATION,
    BEFORE_RECEIPT,
    Case,
    Duty,
    Person,
    Profession,
    State,
    Transfer,
)
from myelin_gateway.flows.critical_cards import heading
from myelin_gateway.flows.decisions import Decision, ended, ring, tell_laboratory, with_clock, with_step, without_clocks
from myelin_gateway.flows.effects import Console
from myelin_gateway.flows.escalation import lapse
from myelin_gateway.flows.events import Pressed
from myelin_gateway.flows.read_back import says

MAX_WORDS = 200


class Act(NamedTuple):
    """One press that may count: who, what they wrote, and when."""

    person: Person
    words: str
    at: int
    duty: Duty
    uuid: str = ""
    via: Literal["card", "console"] = "card"

    def step(self, case: Case, name: str, detail: str = "") -> Case:
        return with_step(case, name, self.at, self.person, detail, uuid=self.uuid, via=self.via)


Perform = Callable[[Case, Act], Decision]


class Rule(NamedTuple):
    """Who may do something: `whose` is anybody who was alarmed, or the one who has it."""

    states: frozenset[State]
    profession: Profession | None
    whose: Literal["anybody", "owner", "nurse", "physician", "taker"]
    perform: Perform
    # The step that somebody else made first, where it is no longer possible.
    made_by: str = ""


def press(case: Case, pressed: Pressed, at: int, duty: Duty) -> Decision:
    """Do what was pressed, or say why not."""
    if (earlier := _pressed_before(case, pressed)) is not None:
        return earlier
    alarmed = case.alarm_of(pressed.number)
    if alarmed is None:
        return Decision(case, refusal=f"此危急值没有发给您，操作未生效。{_call(case)}")
    act = Act(alarmed.person, (pressed.input or "").strip(), at, duty, pressed.uuid)
    refusal = refused(case, pressed.action, act) or _outdated(case, pressed)
    return Decision(case, refusal=refusal) if refusal else RULES[pressed.action].perform(case, act)


def refused(case: Case, action: str, act: Act) -> str:
    """Why this person may not do this now; empty where they may."""
    rule = RULES.get(action)
    if rule is None:
        return f"系统不认识此操作，未生效。{_call(case)}"
    if not case.is_open:
        return _already(case, "closed") or f"此危急值{heading(case)}，不能再操作。"
    if rule.profession and act.person.profession != rule.profession:
        return f"此操作须由{'护士' if rule.profession == 'nurse' else '医生'}进行，未生效。"
    if case.state not in rule.states:
        return _already(case, rule.made_by) or f"当前状态为“{heading(case)}”，不能进行此操作。"
    if not _is_theirs(case, rule, act.person):
        return _not_theirs(case, rule)
    if len(act.words) > MAX_WORDS:
        return f"内容过长，请在 {MAX_WORDS} 字以内。"
    return ""


def _receive(case: Case, act: Act) -> Decision:
    case = act.step(replace(case, state="received", nurse=act.person), "received")
    case = with_clock(case, "nurse", act.at + case.clocks.read_back_ms)
    return tell_laboratory(case, "RECEIVED", act.at, act.person)


def read_back(case: Case, act: Act) -> Decision:
    if not says(case.result, act.words):
        return wrong_value(case, act)
    case = act.step(replace(case, state="read_back"), "read_back", case.result.text)
    case = with_clock(_in_time(case, "nurse"), "nurse", act.at + case.clocks.tell_ms)
    return tell_laboratory(case, "READBACK", act.at, act.person, case.result.text)


def wrong_value(case: Case, act: Act) -> Decision:
    """Once it is typed again; at the second time the laboratory is to be asked, and the telephone desk knows."""
    again = any(step.name == "wrong_value" and act.person.is_(step.person) for step in case.steps)
    refusal = f"复述值两次不符，请立即核对。{_call(case)}" if again else "复述值不符，请核对后重新输入。"
    decision = Decision(act.step(case, "wrong_value", act.words), refusal=refusal)
    return decision.also(Console(case.case_id, "wrong_value", people=(act.person,))) if again else decision


def _tell(case: Case, act: Act) -> Decision:
    told = _candidate(case, act.words, "physician")
    if told is None:
        return Decision(case, refusal="请选择要告知的医生。")
    first = case.told is None
    case = without_clocks(_in_time(case, "nurse"), "nurse")
    case = act.step(replace(case, state="told", told=told), "told", told.name)
    # The physician who was named has the whole of the time; telling another one stops no clock.
    case = with_clock(case, "rung", act.at + case.clocks.confirm_ms) if first else case
    return ring(case, told, act.at).then(lambda c: tell_laboratory(c, "TOLD", act.at, act.person, told.name))


def confirm(case: Case, act: Act) -> Decision:
    """A physician has it: whatever nobody did before is done with it."""
    if case.state not in ("read_back", "told") and not says(case.result, act.words):
        return wrong_value(case, act)
    decision = Decision(case)
    for step in MISSING[case.state]:
        decision = decision.then(partial(_make_up, step=step, act=act))
    case = replace(without_clocks(decision.case, "nurse", "rung", "send", "accept"), transfer=None, late=())
    case = act.step(replace(case, state="confirmed", physician=act.person), "confirmed")
    return replace(decision, case=with_clock(case, "act", act.at + case.clocks.act_ms))


# What a physician who confirms has done beside it, because nobody had.
MISSING: Mapping[State, tuple[Literal["RECEIVED", "READBACK", "TOLD"], ...]] = {
    "detected": ("RECEIVED", "READBACK", "TOLD"),
    "notified": ("RECEIVED", "READBACK", "TOLD"),
    "received": ("READBACK", "TOLD"),
    "read_back": ("TOLD",),
    "told": (),
}


def _make_up(case: Case, step: Literal["RECEIVED", "READBACK", "TOLD"], act: Act) -> Decision:
    if step == "RECEIVED":
        case = act.step(case, "received")
    elif step == "READBACK":
        case = act.step(case, "read_back", case.result.text)
    return tell_laboratory(case, step, act.at, act.person)


def _act(case: Case, act: Act) -> Decision:
    if not act.words:
        return Decision(case, refusal="请写明处理措施。")
    case = act.step(replace(without_clocks(case, "rung"), state="acting", late=()), "acted", act.words)
    case = with_clock(case, "act", act.at + case.clocks.close_ms)
    return tell_laboratory(case, "ACTED", act.at, act.person, act.words)


def _close(case: Case, act: Act) -> Decision:
    case = act.step(ended(replace(case, state="closed")), "closed")
    return tell_laboratory(case, "CLOSED", act.at, act.person)


def _note(case: Case, act: Act) -> Decision:
    if not act.words:
        return Decision(case, refusal="请写明处理说明。")
    case = act.step(ended(replace(case, state="closed")), "closed", act.words)
    return tell_laboratory(case, "CLOSED", act.at, act.person, act.words)


def _offer_transfer(case: Case, act: Act) -> Decision:
    taker = _candidate(case, act.words, act.person.profession)
    if taker is None or taker.is_(act.person):
        return Decision(case, refusal="请选择接手的人。")
    if case.transfer:
        return Decision(case, refusal=f"正在等待{case.transfer.taker.name}接手，请稍候。")
    case = act.step(replace(case, transfer=Transfer(act.person, taker)), "transfer_offered", taker.name)
    return ring(with_clock(case, "accept", act.at + case.clocks.accept_ms), taker, act.at)


def _accept(case: Case, act: Act) -> Decision:
    giver = case.transfer.giver if case.transfer else act.person
    case = act.step(_held_by(without_clocks(case, "accept"), act.person), "transfer_accepted", giver.name)
    return ring(replace(case, transfer=None), giver, act.at)


def _decline(case: Case, act: Act) -> Decision:
    return lapse(case, "transfer_declined", act.at, act.uuid)


def _take_over(case: Case, act: Act) -> Decision:
    """The owner's clock was missed: a colleague has the case, with a clock of their own."""
    holder = case.physician if act.person.profession == "physician" else case.nurse
    if act.person.profession not in case.late or holder is None or holder.is_(act.person):
        return Decision(case, refusal=f"此危急值由{holder.name if holder else '他人'}负责，未超时，不能接手。")
    case = act.step(_held_by(case, act.person), "taken_over", holder.name)
    return ring(_with_own_clock(case, act), holder, act.at)


def _with_own_clock(case: Case, act: Act) -> Case:
    if act.person.profession == "nurse":
        return with_clock(case, "nurse", act.at + case.clocks.read_back_ms) if case.state in NURSES else case
    limit_ms = case.clocks.act_ms if case.state == "confirmed" else case.clocks.close_ms
    return with_clock(without_clocks(case, "rung"), "act", act.at + limit_ms)


def _held_by(case: Case, person: Person) -> Case:
    case = _in_time(case, person.profession)
    return replace(case, physician=person) if person.profession == "physician" else replace(case, nurse=person)


def _in_time(case: Case, profession: Profession) -> Case:
    """Whoever has it has gone on: nobody takes over from them."""
    return replace(case, late=tuple(late for late in case.late if late != profession))


NURSES: frozenset[State] = frozenset({"received", "read_back"})
PHYSICIANS: frozenset[State] = frozenset({"confirmed", "acting"})
HELD: frozenset[State] = NURSES | PHYSICIANS | {"told", "corrected"}

RULES: Mapping[str, Rule] = {
    "receive": Rule(BEFORE_RECEIPT, "nurse", "anybody", _receive, "received"),
    "read_back": Rule(frozenset({"received"}), "nurse", "nurse", read_back, "read_back"),
    "tell": Rule(frozenset({"read_back", "told"}), "nurse", "nurse", _tell, "confirmed"),
    "confirm": Rule(BEFORE_CONFIRMATION, "physician", "anybody", confirm, "confirmed"),
    "act": Rule(frozenset({"confirmed"}), "physician", "physician", _act, "acted"),
    "close": Rule(frozenset({"acting"}), "physician", "physician", _close, "closed"),
    "note": Rule(frozenset({"corrected"}), None, "owner", _note),
    "transfer": Rule(HELD, None, "owner", _offer_transfer),
    "accept": Rule(HELD, None, "taker", _accept),
    "decline": Rule(HELD, None, "taker", _decline),
    "take_over": Rule(HELD, None, "anybody", _take_over),
}


def _is_theirs(case: Case, rule: Rule, person: Person) -> bool:
    if rule.whose == "taker":
        return case.transfer is not None and case.transfer.taker.number == person.number
    if rule.whose == "anybody":
        return True
    holder = {"owner": case.owner, "nurse": case.nurse, "physician": case.physician}[rule.whose]
    if holder is None:
        return rule.whose == "owner" and case.state == "corrected" and person.profession != "other"
    return holder.number == person.number


def _not_theirs(case: Case, rule: Rule) -> str:
    if rule.whose == "taker":
        return "没有等待您接手的转交，操作未生效。"
    holder = case.nurse if rule.whose == "nurse" else case.owner
    return f"此危急值由{holder.name if holder else '他人'}负责，您的操作未生效；如需接手请联系本人。"


def _already(case: Case, step_name: str) -> str:
    """`08:02 已由 甲 接收`: who was first, for whoever pressed at the same moment."""
    step = case.last(step_name) or case.last("confirmed") if step_name else None
    if step is None or step.person is None:
        return ""
    return f"{wall_clock(step.at, case.desk.zone_minutes)} 已由{step.person.name}{MADE[step.name]}，您不必再操作。"


MADE = {"received": "接收", "read_back": "复述", "confirmed": "确认", "acted": "处理", "closed": "处理完毕"}


def _outdated(case: Case, pressed: Pressed) -> str:
    if case.valid_from_rev <= pressed.rev <= case.rev:
        return ""
    return "卡片内容已更新，请核对最新的数值和患者后再操作。"


def _pressed_before(case: Case, pressed: Pressed) -> Decision | None:
    """The same press, sent again by a client that has not heard: the same answer, and nothing else."""
    step = next((step for step in case.steps if pressed.uuid and step.uuid == pressed.uuid), None)
    if step is None or step.person is None or step.person.number != pressed.number:
        return None
    return Decision(case, refusal="复述值不符，请核对后重新输入。" if step.name == "wrong_value" else "")


def _candidate(case: Case, number: str, profession: Profession) -> Person | None:
    return next((p for p in case.candidates if p.number == number and p.profession == profession), None)


def _call(case: Case) -> str:
    return f"请致电检验科 {case.desk.phone}。" if case.desk.phone else "请致电检验科。"
