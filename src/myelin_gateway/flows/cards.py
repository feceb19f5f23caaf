"""A card as it is sent (`docs/cards.md`): what people read, once in words and once as a form.

Here are the form and its limits: every text is one line and short enough, whatever a system wrote. What a card says
is decided beside each flow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from myelin_gateway.model import Flag, Patient, Place, Result

Kind = Literal["critical_value", "lab_report", "or_change", "admission", "notice"]
CardFlag = Literal["HH", "H", "LL", "L", "AA", "A", "N"]

MAX_CARD_CHARACTERS = 16_384
# An event has 65,536 bytes and encryption makes four of three; what is left is shared by the card and the text.
MAX_CARD_BYTES = 22_000
MAX_BODY_BYTES = 20_000
MAX_FACTS = 60
MAX_OPTIONS = 20
MINUTE_MS = 60_000
DAY_MINUTES = 24 * 60

LINE_ENDS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
DIRECTIONS = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
KEY = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
PHONE = re.compile(r"[+0-9][0-9 ()*#,-]{1,31}")
ARROWS: dict[CardFlag, str] = {"HH": "↑↑", "H": "↑", "LL": "↓↓", "L": "↓", "AA": "异常", "A": "异常", "N": ""}
# The worst of several; what is off the instrument's scale is as high or low as it says.
WORST: tuple[Flag, ...] = ("HH", "LL", "AA", ">", "<", "H", "L", "A", "N")


class CardIdentifier(msgspec.Struct, frozen=True):
    label: str
    value: str


class CardPatient(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    identifiers: tuple[CardIdentifier, ...]
    place: str | None = None


class Fact(msgspec.Struct, frozen=True, omit_defaults=True):
    label: str
    value: str
    unit: str | None = None
    flag: CardFlag | None = None
    reference: str | None = None


class Option(msgspec.Struct, frozen=True):
    value: str
    label: str


class TextInput(msgspec.Struct, frozen=True, tag="text", tag_field="kind"):
    label: str


class ChoiceInput(msgspec.Struct, frozen=True, tag="choice", tag_field="kind"):
    label: str
    options: tuple[Option, ...]


class CardAction(msgspec.Struct, frozen=True):
    id: str
    label: str
    input: TextInput | ChoiceInput | None = None


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the sender of one press hears."""

    uuid: str
    accepted: bool
    text: str | None = None


class Link(msgspec.Struct, frozen=True):
    label: str
    url: str


class Card(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"case_id": "case"}):
    """The form. `case_id` is `case` on the wire."""

    # Required on the wire: a default would be left out.
    v: int
    kind: Kind
    case_id: str
    rev: int
    title: str
    state: str
    state_label: str
    patient: CardPatient | None = None
    facts: tuple[Fact, ...] = ()
    deadline: int | None = None
    actions: tuple[CardAction, ...] = ()
    answer: Answer | None = None
    links: tuple[Link, ...] = ()
    phone: str | None = None


class Message(msgspec.Struct, frozen=True):
    """A card, and the complete text of it for everybody who sees no cards."""

    body: str
    card: Card

    @property
    def content(self) -> dict[str, object]:
        """The content of the `m.room.message`, without mentions and relations: those know rooms."""
        return {"msgtype": "m.text", "body": self.body, "org.myelin.card": msgspec.to_builtins(self.card)}


def message(body: str, card: Card) -> Message:
    """The two together, within what an event can carry; what does not fit is said to be missing, never just gone."""
    return Message(_cut_bytes(body, MAX_BODY_BYTES), _fitted(card))


def line(text: str, limit: int) -> str:
    """One line of at most `limit` characters; never empty."""
    clean = DIRECTIONS.sub("", LINE_ENDS.sub(" ", text)).strip() or "—"
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def label(text: str) -> str:
    return line(text, 40)


def label_or_nothing(text: str) -> str | None:
    return label(text) if text.strip() else None


def report_links(url: str) -> tuple[Link, ...]:
    """The report elsewhere, where that is an address that clients open."""
    return (Link("打开报告", url),) if url.startswith("https://") and len(url) <= 1000 else ()


def phone_number(text: str) -> str | None:
    """A number that a telephone takes, or nothing."""
    return text if PHONE.fullmatch(text) else None


def wall_clock(at: int, zone_minutes: int) -> str:
    """`08:05`, as the clock on the ward's wall says it."""
    minutes = (at // MINUTE_MS + zone_minutes) % DAY_MINUTES
    return f"{minutes // 60:02}:{minutes % 60:02}"


def wall_date(at: int, zone_minutes: int) -> str:
    """`11-25 08:30`; the calendar is reckoned here, because what is pure imports no clock."""
    days = (at // MINUTE_MS + zone_minutes) // DAY_MINUTES
    # Years from March on, so that the day that comes and goes is the last one; 400 of them have 146,097 days.
    day_of_era = (days + 719_468) % 146_097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month + 2) // 5 + 1
    return f"{(month + 2) % 12 + 1:02}-{day:02} {wall_clock(at, zone_minutes)}"


def worst_flag(flags: Sequence[Flag]) -> CardFlag | None:
    """The one flag that a card shows of several."""
    found = next((flag for flag in WORST if flag in flags), None)
    if found == ">":
        return "H"
    return "L" if found == "<" else found


def value_text(result: Result) -> str:
    """`6.8 mmol/L`, as everybody is shown it."""
    return f"{result.text} {result.unit}".strip()


def result_fact(result: Result) -> Fact:
    return Fact(
        label(result.analyte.name or result.analyte.code),
        line(result.text, 200),
        label_or_nothing(result.unit),
        worst_flag(result.flags),
        label_or_nothing(result.reference),
    )


def comment_facts(result: Result) -> tuple[Fact, ...]:
    """What the laboratory wrote beside the value: it may be why the value is not to be believed."""
    return (Fact("备注", line(result.comment, 200)),) if result.comment.strip() else ()


def result_text(result: Result) -> str:
    """`血钾 6.8 mmol/L ↑↑（3.5–5.3）`."""
    flag = worst_flag(result.flags)
    arrow = f" {ARROWS[flag]}" if flag and ARROWS[flag] else ""
    reference = f"（{result.reference}）" if result.reference.strip() else ""
    comment = f"，备注：{result.comment}" if result.comment.strip() else ""
    return f"{result.analyte.name or result.analyte.code} {value_text(result)}{arrow}{reference}{comment}"


def place_text(place: Place, ward: str = "") -> str:
    """`心内科 3 室 12 床`: identifies nobody."""
    parts = (ward or place.ward, f"{place.room} 室" if place.room else "", f"{place.bed} 床" if place.bed else "")
    return " ".join(part for part in parts if part)


def patient_name(patient: Patient) -> str:
    """The name; where its characters are doubtful, the number counts."""
    if patient.name_is_doubtful:
        return f"{patient.name or patient.patient_id}（姓名待核对）"
    return patient.name or "姓名未知"


def card_patient(patient: Patient, place: str) -> CardPatient | None:
    """The name and what identifies beside it, so that nobody acts on the wrong one; nothing where nothing does."""
    identifiers = tuple(_identifiers(patient))[:3]
    return CardPatient(label(patient_name(patient)), identifiers, label_or_nothing(place)) if identifiers else None


def _identifiers(patient: Patient) -> list[CardIdentifier]:
    second = [("出生日期", patient.birth_date), ("性别", patient.sex)]
    others = [(IDENTIFIER_LABELS[i.kind], i.value) for i in patient.identifiers if i.kind in IDENTIFIER_LABELS]
    known = [("患者号", patient.patient_id), *(pair for pair in others if pair[1] != patient.patient_id)]
    return [CardIdentifier(label(name), label(value)) for name, value in [*known[:2], *second] if value]


# HL7 table 0203. What is no number of the hospital stays out of cards: an identity card says more than a ward needs.
IDENTIFIER_LABELS = {"MR": "病案号", "VN": "就诊号", "AN": "住院号", "PI": "患者号"}


def patient_text(patient: Patient, place: str) -> str:
    """`测试患者甲，患者号 T000017，心内科 12 床`."""
    numbers = [f"{identifier.label} {identifier.value}" for identifier in _identifiers(patient)[:3]]
    return "，".join(part for part in (patient_name(patient), *numbers, place) if part)


def answer_to(uuid: str, refusal: str) -> Answer:
    """What the presser hears: it counted, or why it did not."""
    return Answer(uuid, not refusal, line(refusal, 200) if refusal else None)


def one_of(options: Sequence[tuple[str, str]]) -> tuple[Option, ...]:
    """The options of a choice, as far as a card can offer them."""
    fitting = [Option(value, label(text)) for value, text in options if KEY.fullmatch(value)]
    return tuple(fitting[:MAX_OPTIONS])


def _fitted(card: Card) -> Card:
    facts = card.facts
    if len(facts) > MAX_FACTS or not _fits(card):
        facts = (
            *(fact for fact in facts if fact.flag not in (None, "N")),
            *(f for f in facts if f.flag in (None, "N")),
        )
    kept = facts[:MAX_FACTS]
    while not _fits(fitted := _with_facts(card, kept, len(facts))) and kept:
        kept = kept[:-1]
    return fitted


def _with_facts(card: Card, kept: tuple[Fact, ...], count: int) -> Card:
    if len(kept) == count:
        return msgspec.structs.replace(card, facts=kept)
    shown = kept[: MAX_FACTS - 1]
    missing = Fact("未显示", f"另有 {count - len(shown)} 项，请打开报告")
    return msgspec.structs.replace(card, facts=(*shown, missing))


def _fits(card: Card) -> bool:
    encoded = msgspec.json.encode(card)
    return len(encoded) <= MAX_CARD_BYTES and len(encoded.decode()) < MAX_CARD_CHARACTERS


def _cut_bytes(text: str, limit: int) -> str:
    encoded = text.encode()
    if len(encoded) <= limit:
        return text
    return encoded[: limit - 60].decode(errors="ignore") + "……（内容过长，请打开报告）"
