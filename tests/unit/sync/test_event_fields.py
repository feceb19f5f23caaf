"""Which fields of an event a client gets that asks for some."""

import json
from typing import Any

import pytest

from myelin.sync.event_fields import with_fields

EVENT = {
    "type": "m.room.message",
    "content": {"body": "hello", "m.relates_to": {"rel_type": "m.thread"}, "a\\b": 1, "list": [{"deep": 1}]},
    "unsigned": {"age": 5},
}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([], {}),
        (["type"], {"type": "m.room.message"}),
        (["content.body"], {"content": {"body": "hello"}}),
        (["content.body", "content.a\\\\b"], {"content": {"body": "hello", "a\\b": 1}}),
        (["content.m\\.relates_to.rel_type"], {"content": {"m.relates_to": {"rel_type": "m.thread"}}}),
        (["content.m.relates_to"], {"content": {}}),
        (["content.list.deep", "nothing", "type.deeper"], {"content": {}}),
        (["unsigned", "unsigned.age"], {"unsigned": {"age": 5}}),
        (["", "."], {}),
    ],
)
def test_fields_are_chosen_by_path(fields: list[str], expected: dict[str, Any]) -> None:
    (event,) = with_fields([json.dumps(EVENT).encode()], fields)
    found = json.loads(event)
    assert {key: value for key, value in found.items() if value} == {
        key: value for key, value in expected.items() if value
    }


def test_without_a_wish_all_fields_come() -> None:
    assert with_fields([b"{}"], None) == [b"{}"]
