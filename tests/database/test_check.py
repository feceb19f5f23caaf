"""`log check`: a whole log passes, and whatever somebody with all rights on the database changes is found and named."""

from random import Random

import pytest

from myelin.actions.erase import erase
from myelin.audit.check import check, check_log
from myelin.entries.entry import Draft
from myelin.entries.facts import Erased
from myelin.log.log import Log
from myelin.matrix.canonical_json import decode_object
from myelin.merkle.tree import root
from myelin.schema.connections import connect
from tests.database.histories import History
from tests.database.logs import begin_again, open_log
from tests.database.story import Story, found, seal_anew, tamper

pytestmark = [pytest.mark.database, pytest.mark.anyio]


async def test_a_whole_log_has_a_size_and_a_root(copy: str, story: Story) -> None:
    lines: list[str] = []
    assert await check(copy, lines.append) == 0
    report = await check_log(copy)
    connection = await connect(copy)
    leaves = [entry.leaf for entry in await Log(connection).read(-1)]
    await connection.close()
    assert (report.size, report.root) == (story["last"] + 1, root(leaves))
    assert [line.split(",")[0] for line in lines] == [f"{report.size} entries"]


@pytest.mark.parametrize("seed", range(3))
async def test_a_rich_history_is_whole(database_url: str, seed: int) -> None:
    async with open_log(database_url) as log:
        history = History(log, Random(seed))
        await history.begin()
        await history.go_on(150)
        report = await check_log(database_url)
    assert [str(fault) for fault in report.faults] == []
    assert report.size == log.memory.head + 1


BODY = "the body differs from its commitment"
LEAF = "the leaf is not the hash of the envelope"

# The entry of that name, what is changed in its row, and how it is named.
CHANGES: list[tuple[str, str, str]] = [
    ("first", "body = replace(body::text, '6e6f7465', '6e6f7365')::bytea", BODY),
    ("first", "body = 'nonsense'", BODY),
    ("first", "body = NULL", BODY),
    ("account_data", "body = '{{}}'", BODY),
    ("receipts", "body = '[]'", BODY),
    ("first", "salt = 'guessed'", BODY),
    ("first", "commitment = 'another'", LEAF),
    ("first", "leaf = 'another'", LEAF),
    ("last", "at = at + 1", LEAF),
    ("first", "at = at - 1", "its time is before"),
    ("first", "sender = '@li:hospital.test'", "names another sender"),
    ("first", "room_id = '!other:x'", LEAF),
    ("first", "device_id = NULL", LEAF),
    ("first", "transaction = NULL", LEAF),
    ("first", "version = 2", LEAF),
    ("account_data", "kind = 'password'", LEAF),
    ("account_data", """facts = '{{"kind":"password"}}'""", LEAF),
    ("account_data", "facts = 'nonsense'", "it cannot be read"),
    ("first", "event_id = '$other'", "the event id is not the hash"),
    ("account_data", "salt = NULL, body = NULL", "the salt is gone and no entry erased it"),
    ("account_data", "salt = NULL, body = NULL, erased_by = {last}", "the entry that is named did not erase"),
    ("account_data", "salt = NULL, body = NULL, erased_by = 1000", "no later entry erased its body"),
    ("second", "salt = NULL, erased_by = {redaction}", "the entry that is named did not erase its body"),
    ("superseded", "body = 'more'", "its body was erased and is still there"),
    ("redacted", "body = NULL", "is gone"),
]

# Other things that are done to the log.
STATEMENTS: list[tuple[str, str, str]] = [
    ("second", "DELETE FROM entries WHERE position = {second}", "1 entries are missing from here on"),
    ("join", "DELETE FROM entries WHERE position = {create}", "it belongs to a room that cannot be read"),
    ("redacted", "UPDATE withheld SET body = 'another'", "the withheld original differs from its commitment"),
    ("redacted", "DELETE FROM withheld", "it was redacted and the original is not withheld"),
    (
        "redacted",
        "UPDATE entries SET body = withheld.body FROM withheld WHERE withheld.position = entries.position",
        "the body still holds what redaction takes away",
    ),
    (
        "redacted",
        """UPDATE entries SET (body, salt, erased_by) = (withheld.body, withheld.salt, NULL) FROM withheld
            WHERE withheld.position = entries.position""",
        "an event redacted it and it can still be read",
    ),
    (
        "superseded",
        "INSERT INTO withheld VALUES ({superseded}, 'body', 'salt')",
        "an entry erased it and its content is still there",
    ),
]


@pytest.mark.parametrize(("where", "change", "what"), CHANGES)
async def test_a_changed_entry_is_found_and_named(copy: str, story: Story, where: str, change: str, what: str) -> None:
    await tamper(copy, story.named(f"UPDATE entries SET {change} WHERE position = {story[where]}"))
    await assert_found(copy, story[where], what)


@pytest.mark.parametrize(("where", "statement", "what"), STATEMENTS)
async def test_other_damage_is_found_and_named(copy: str, story: Story, where: str, statement: str, what: str) -> None:
    await tamper(copy, story.named(statement))
    await assert_found(copy, story[where], what)


async def assert_found(url: str, position: int, what: str) -> None:
    """The command names it, fails, and prints nothing of what people wrote."""
    lines: list[str] = []
    assert await check(url, lines.append) == 1
    assert any(line.startswith(f"position {position}: ") and what in line for line in lines), lines
    assert not any("the first note" in line for line in lines)


PROJECTIONS: list[tuple[str, str, str]] = [
    ("UPDATE events SET notice = 2 WHERE position = {first}", "first", "events"),
    ("DELETE FROM events WHERE position = {second}", "second", "events"),
    ("UPDATE memberships SET membership = 'ban' WHERE position = {join}", "join", "memberships"),
    ("INSERT INTO memberships VALUES ('@li:x', '!x', 'join', {join}, NULL, {join}, '$x')", "join", "memberships"),
    ("DELETE FROM receipts", "receipts", "receipts"),
    ("UPDATE reads SET at = at + 1", "receipts", "reads"),
    ("UPDATE rooms SET version = '12'", "create", "rooms"),
    ("UPDATE account_data SET position = {superseded}", "account_data", "account_data"),
]


@pytest.mark.parametrize(("statement", "where", "projection"), PROJECTIONS)
async def test_a_changed_projection_is_named(
    copy: str, story: Story, statement: str, where: str, projection: str
) -> None:
    await tamper(copy, story.named(statement))
    assert found(await check_log(copy), story[where], f"the projection {projection} is not what the log makes of it")


async def test_swapped_entries_are_found_even_with_their_leaves_made_anew(copy: str, story: Story) -> None:
    one, other = story["first"], story["second"]
    swap = f"UPDATE entries SET position = CASE position WHEN {one} THEN {other} ELSE {one} END"
    await tamper(copy, f"{swap} + 1000000 WHERE position IN ({one}, {other})")
    await tamper(copy, "UPDATE entries SET position = position - 1000000 WHERE position >= 1000000")
    report = await check_log(copy)
    assert found(report, one, LEAF)
    assert found(report, other, LEAF)
    await seal_anew(copy, one, other)
    report = await check_log(copy)
    assert not found(report, one, LEAF)
    assert found(report, one, "prev_events do not name the event before it")
    assert found(report, other, "the depth is not one more")


async def test_a_log_that_was_cut_short_has_another_root_and_surplus_rows(copy: str, story: Story) -> None:
    whole = await check_log(copy)
    await tamper(copy, f"DELETE FROM entries WHERE position > {story['second']}")
    report = await check_log(copy)
    assert report.root != whole.root
    assert found(report, story["redacted"], "the projection events")


async def test_an_erasure_that_was_not_done_is_found(copy: str, story: Story) -> None:
    async with begin_again(copy) as log:
        await log.emit(Draft(facts=Erased((story["first"],), "a test")))
    assert found(await check_log(copy), story["first"], "an entry erased it and its content is still there")


async def test_bodies_are_gone_after_erasure_and_everything_is_still_proved(copy: str, story: Story) -> None:
    async with begin_again(copy) as log:
        before = await check_log(copy)
        redacted, erased = await log.entry(story["redacted"]), await log.entry(story["erased"])
        assert erased.body is not None
        assert "content" in decode_object(erased.body)
        assert decode_object(erased.body)["content"] == {}
        assert (await log.entry(story["superseded"])).body is None
        await log.pool.submit(erase([redacted], "by law"))
        assert await log.reads.fetchval("SELECT count(*) FROM withheld") == 0
        after = await check_log(copy)
    assert (after.is_whole, after.size) == (True, before.size + 1)
