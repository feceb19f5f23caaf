"""What a service's event is to the person whose feed it comes by."""

import pytest

from myelin.matrix.events import EventDraft
from myelin.matrix.json import JsonObject
from myelin.rules.push import HIGHLIGHT_ALL, NO_NOTICE, NOTIFY, classify, in_feed


def of_type(event_type: str, content: JsonObject, state_key: str | None = None) -> EventDraft:
    return EventDraft("!r", event_type, "@_lab:x", state_key, content, 0, 1, (), ())


@pytest.mark.parametrize("event_type", ["m.room.encrypted", "m.room.message"])
@pytest.mark.parametrize("content", [{}, {"msgtype": "m.notice"}, {"m.relates_to": {"rel_type": "m.replace"}}])
def test_critical_values_highlight_in_any_dress(event_type: str, content: JsonObject) -> None:
    event = of_type(event_type, content)
    assert in_feed(classify(event, False), event, "critical") == HIGHLIGHT_ALL


def test_reports_never_notify() -> None:
    event = of_type("m.room.message", {"msgtype": "m.text", "m.mentions": {"user_ids": ["@1001:x"]}})
    assert in_feed(classify(event, True), event, "reports") == NO_NOTICE


def test_notices_notify_as_everything_does() -> None:
    event = of_type("m.room.encrypted", {})
    assert in_feed(classify(event, False), event, "notices") == NOTIFY


@pytest.mark.parametrize("feed", ["critical", "notices", "reports"])
def test_what_says_nothing_notifies_nobody(feed: str) -> None:
    for event in (of_type("m.reaction", {}), of_type("m.room.name", {}, "")):
        assert in_feed(classify(event, False), event, feed) == NO_NOTICE
