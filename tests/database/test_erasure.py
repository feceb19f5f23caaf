"""Erasure destroys what it names, leaves everything else as it was, and no proof of what was there fails."""

from collections.abc import AsyncIterator

import pytest

from myelin.actions.erase import DAY_MS, ENTRIES_AT_ONCE, SupersededErasure, erase
from myelin.audit.check import check_log
from myelin.entries.entry import Draft, Entry, commit_body
from myelin.entries.facts import AccountCreated, AccountDataSet, AnyFacts, ProfileSet
from myelin.log.log import Log
from myelin.matrix.errors import InvalidParam, Unknown
from myelin.merkle.tree import consistency_proof, inclusion_proof, root, verify_consistency, verify_inclusion
from myelin.projections.superseded import SupersededBodies
from tests.database.logs import OpenLog, begin_again, open_log
from tests.database.story import WANG, Story

pytestmark = [pytest.mark.database, pytest.mark.anyio]

MINUTE_MS = 60_000


@pytest.fixture
async def log(database_url: str) -> AsyncIterator[OpenLog]:
    async with open_log(database_url) as opened:
        await opened.emit(Draft(facts=AccountCreated(), sender=WANG.user_id))
        yield opened


def private(facts: AnyFacts, number: int = 0, room_id: str | None = None) -> Draft:
    body = f'{{"number":{number}}}'.encode()
    return Draft(facts=facts, body=body, sender=WANG.user_id, device_id=WANG.device_id, room_id=room_id)


def timer(log: OpenLog) -> SupersededErasure:
    return SupersededErasure(log.pool.submit, SupersededBodies(log.reads), log.clock_ms)


async def with_bodies(log: OpenLog) -> list[int]:
    """The positions of account data whose body is still there."""
    entries = await Log(log.reads).read(-1, 2000)
    return [entry.position for entry in entries if isinstance(entry.facts, AccountDataSet) and entry.body is not None]


async def test_what_was_superseded_for_a_day_goes_and_the_rest_stays(log: OpenLog) -> None:
    drafts, markers = AccountDataSet("org.example.draft"), AccountDataSet("m.fully_read")
    old, marker = await log.emit(private(drafts, 1), private(markers, 2, "!ward"))
    log.now_ms += MINUTE_MS
    later, next_marker = await log.emit(private(drafts, 3), private(markers, 4, "!ward"))
    log.now_ms += DAY_MS
    assert await timer(log).run_once() == 0
    log.now_ms += 1
    newest = (await log.emit(private(drafts, 5)))[0]
    assert await timer(log).run_once() == 2
    assert await with_bodies(log) == [later.position, next_marker.position, newest.position]
    assert (await log.entry(old.position)).salt is None
    assert (await log.entry(marker.position)).erased_by == log.memory.head
    assert await timer(log).run_once() == 0
    assert (await check_log(log.url)).is_whole


async def test_a_run_goes_on_where_the_last_one_stopped(log: OpenLog) -> None:
    count = ENTRIES_AT_ONCE + 3
    await log.emit(*(private(AccountDataSet("org.example.draft"), number) for number in range(count + 1)))
    log.now_ms += 2 * DAY_MS
    head = log.memory.head
    assert await timer(log).run_once() == count
    assert log.memory.head == head + 2
    assert await with_bodies(log) == [head]
    assert (await check_log(log.url)).is_whole


@pytest.mark.parametrize("facts", [AccountDataSet("m.push_rules"), ProfileSet("displayname")])
async def test_what_is_still_shown_is_not_erased(log: OpenLog, facts: AnyFacts) -> None:
    entry = (await log.emit(private(facts)))[0]
    head = log.memory.head
    with pytest.raises(Unknown):
        await log.pool.submit(erase([entry], "a mistake"))
    assert (log.memory.head, (await log.entry(entry.position)).body) == (head, entry.body)


async def test_what_makes_a_room_is_not_erased(copy: str, story: Story) -> None:
    async with begin_again(copy) as log:
        for position in (story["create"], story["receipts"], 0):
            with pytest.raises(InvalidParam):
                await log.pool.submit(erase([await log.entry(position)], "a mistake"))


async def test_every_proof_outlives_the_body(copy: str, story: Story) -> None:
    async with begin_again(copy) as log:
        kept = await log.entry(story["first"])
        before = await leaves(log)
        await log.pool.submit(erase([kept], "by law"))
        erased, after = await log.entry(story["first"]), await leaves(log)
        assert (erased.salt, erased.erased_by) == (None, log.memory.head)
        assert erased.body is not None
        assert b"the first note" not in erased.body
        assert is_proved(kept, after)
        assert is_proved(erased, after)
        grown = consistency_proof(after, len(before))
        assert verify_consistency(len(before), len(after), root(before), root(after), grown)
        # Whoever holds the original can show that it is what was erased, and nobody else can guess it.
        assert kept.salt is not None and kept.body is not None
        assert commit_body(kept.salt, kept.body) == erased.commitment
        assert (await check_log(copy)).is_whole


async def leaves(log: OpenLog) -> list[bytes]:
    return [entry.leaf for entry in await Log(log.reads).read(-1)]


def is_proved(entry: Entry, leaves: list[bytes]) -> bool:
    proof = inclusion_proof(leaves, entry.position)
    return verify_inclusion(entry.leaf, entry.position, len(leaves), proof, root(leaves))
