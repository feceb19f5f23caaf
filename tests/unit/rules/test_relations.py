"""What may relate to what."""

from __future__ import annotations

import pytest

from myelin.entries.entry import Draft, Entry, seal
from myelin.entries.facts import EventAppended
from myelin.matrix.errors import Forbidden
from myelin.rules.relations import OWN_LIMIT, NoThreadRoot, check_editable, check_few, check_thread_root


def an_entry(rel_type: str | None = None, relates_to: str | None = None) -> Entry:
    return seal(Draft(facts=EventAppended(rel_type=rel_type, relates_to=relates_to)), 7, 1_000, bytes(32))


def test_one_person_relates_only_so_much_to_one_event() -> None:
    check_few([an_entry()] * (OWN_LIMIT - 1))
    with pytest.raises(Forbidden, match="write a new one"):
        check_few([an_entry()] * OWN_LIMIT)


def test_a_thread_begins_with_what_belongs_to_nothing() -> None:
    check_thread_root(an_entry())
    with pytest.raises(NoThreadRoot):
        check_thread_root(an_entry(rel_type="m.thread", relates_to="$root"))


def test_what_was_recalled_is_not_edited() -> None:
    check_editable(is_redacted=False)
    with pytest.raises(Forbidden, match="recalled"):
        check_editable(is_redacted=True)
