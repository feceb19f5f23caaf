"""The document about cards, its schema and its examples say the same."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

DOCS = Path(__file__).resolve().parents[2] / "docs"
SCHEMA = Draft202012Validator(json.loads((DOCS / "card.schema.json").read_text()))
CARD = "org.myelin.card"
EXAMPLES: list[dict[str, Any]] = [
    json.loads(example) for example in re.findall(r"```json\n(.*?)```", (DOCS / "cards.md").read_text(), re.DOTALL)
]


def cards() -> list[dict[str, Any]]:
    found = (example.get(CARD) or example.get("m.new_content", {}).get(CARD) for example in EXAMPLES)
    return [card for card in found if card is not None]


def test_every_example_is_a_card_by_the_schema() -> None:
    assert len(cards()) >= 3
    for card in cards():
        SCHEMA.validate(card)


def test_every_message_with_a_card_says_it_all_in_words_too() -> None:
    for message in (example.get("m.new_content", example) for example in EXAMPLES):
        if CARD in message:
            patient = message[CARD]["patient"]
            assert patient["name"] in message["body"] and patient["identifiers"][0]["value"] in message["body"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("v", 2),
        ("kind", "weather"),
        ("case", "a b"),
        ("rev", -1),
        ("title", ""),
        ("state", {"id": "open"}),
        ("deadline", "2026-11-24T08:00:00Z"),
        ("patient", {"name": "测试患者甲", "identifiers": []}),
        ("facts", [{"label": "血钾", "value": 6.8}]),
        ("actions", [{"id": "Receive it", "label": "收到"}]),
        ("answer", {"accepted": True}),
        ("phone", "javascript:alert(1)"),
    ],
)
def test_the_schema_refuses(key: str, value: object) -> None:
    spoilt = {**deepcopy(cards()[0]), key: value}
    assert not SCHEMA.is_valid(spoilt)


@pytest.mark.parametrize("key", ["v", "kind", "case", "rev", "title", "state", "state_label"])
def test_the_schema_misses(key: str) -> None:
    short = {name: value for name, value in cards()[0].items() if name != key}
    assert not SCHEMA.is_valid(short)
