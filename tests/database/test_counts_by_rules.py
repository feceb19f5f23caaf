"""Unread counts are what a person's push rules say of each event: from memory and from the database alike."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from myelin.actions.account_data import Place, set_account_data
from myelin.actions.redact import redact
from myelin.actions.send_event import send_event
from myelin.actions.sender import Sender
from myelin.audit.rebuild import rebuild_projections
from myelin.entries.facts import AccountDataSet
from myelin.matrix.json import JsonObject
from myelin.rules.default_push_rules import PushRules
from myelin.rules.push import add_rule
from myelin.sync.unread import Unread, audible
from tests.cores import Core, running_core
from tests.databases import new_database
from tests.unit.rules.push_oracle import actions_of
from tests.unit.rules.rulesets import HIGHLIGHT, TYPES, Changes, Names, changed, changes, contents

pytestmark = pytest.mark.database

LI, WANG = "@li:hospital.test", "@wang:hospital.test"
Sent = tuple[str, str, JsonObject]
SENT = st.lists(st.tuples(TYPES, st.sampled_from(["wang", "li", "chen"]), contents(LI)), max_size=12)
EXAMPLES = settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@EXAMPLES
@given(wanted=changes(), sent=SENT, redacts=st.booleans())
def test_counts_are_what_the_rules_say(
    postgres_url: str, tmp_path: Path, wanted: Changes, sent: Sequence[Sent], redacts: bool
) -> None:
    async def story() -> None:
        url = await new_database(postgres_url)
        async with running_core(url, tmp_path) as core:
            people = {name: await core.person(name) for name in ("wang", "li", "chen")}
            room_id = await core.room(*people.values())
            rules = changed(wanted, Names(LI, WANG, people["chen"].user_id, room_id))
            await keep(core, people["li"], rules)
            gone = ""
            for number, (event_type, sender, content) in enumerate(sent):
                proposal = send_event(people[sender], room_id, event_type, content, str(number))
                event_id = await core.pool.submit(proposal)
                gone = gone or event_id
            if redacts and gone:
                await core.pool.submit(redact(people["wang"], room_id, gone, {}, f"redact/{gone}/1"))
            said = await said_by(rules, core, gone if redacts else "")
            assert await counted(core, room_id) == [said, said]
            # Muting takes back what has notified already, as far as the rules say so.
            muted = add_rule(rules, "room", room_id, {"actions": []})
            await keep(core, people["li"], muted)
            said = await said_by(muted, core, gone if redacts else "")
            assert await counted(core, room_id) == [said, said]
        assert (await rebuild_projections(url)).differences == ()

    asyncio.run(story())


async def keep(core: Core, person: Sender, rules: PushRules) -> None:
    await core.pool.submit(set_account_data(person, Place("m.push_rules"), cast(JsonObject, rules)))


async def said_by(rules: PushRules, core: Core, but: str) -> tuple[int, int]:
    """How many events since Li first set rules notify Li, and how many of those are highlights."""
    log = await core.log()
    first = [isinstance(entry.facts, AccountDataSet) for entry in log].index(True)
    events = (entry.event for entry in log[first:] if entry.event is not None and entry.event_id != but)
    all_actions = [actions_of(rules, event, LI, 3, event.sender == WANG) for event in events]
    notifying = [actions for actions in all_actions if "notify" in actions]
    return len(notifying), sum(HIGHLIGHT in actions for actions in notifying)


async def counted(core: Core, room_id: str) -> list[tuple[int, int]]:
    """What memory and the database count for Li."""
    built, upto = core.built, core.built.memory.head
    user, room = await built.loading.user(LI), await built.loading.room(room_id)
    assert user is not None
    assert room is not None
    from_memory = Unread(built.reads).from_tail(user, room, built.tails.room(room_id), upto)
    from_database = (await Unread(built.reads).from_database(user, [room_id], upto))[room_id]
    # A redaction empties the tail, which then no longer reaches back.
    both = [counts or from_database for counts in (from_memory, from_database)]
    return [(total.notify, total.highlight) for total in (audible(each.total, user, room_id, False) for each in both)]
