"""The promises of the store, kept by SQLite and by PostgreSQL alike."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from myelin_gateway.delivery import Arrival, Draft, Outgoing, Sorted, Store, open_store, transaction_id

pytestmark = [pytest.mark.anyio, pytest.mark.database]
Reopen = Callable[[], Awaitable[Store]]


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return "sqlite:///store/gateway.db"
    url: str = request.getfixturevalue("database_url")
    return url


@pytest.fixture
async def reopen(address: str, tmp_path: Path) -> AsyncIterator[Reopen]:
    """Opens the same store once more, as after a crash: whatever was open stays as it is."""
    opened: list[Store] = []

    async def again() -> Store:
        opened.append(await open_store(address, tmp_path))
        return opened[-1]

    yield again
    for store in opened:
        await store.close()


@pytest.fixture
async def store(reopen: Reopen) -> Store:
    return await reopen()


def arrival(control_id: str = "M1", raw: bytes = b"MSH|", at: int = 1000) -> Arrival:
    return Arrival("lis", control_id, "ORU^R01", raw, at)


def draft(target: str = "1001", key: str = "P1", **changes: object) -> Draft:
    made = Draft(target, "reports", "routine", "lab_report", "r-1", 1, key, b"{}")
    return msgspec.structs.replace(made, **changes)


async def one_message(store: Store, control_id: str = "M1") -> int:
    await store.keep([arrival(control_id, control_id.encode())])
    return (await store.unsorted(100))[-1].inbox_id


async def one_card(store: Store, *drafts: Draft, at: int = 1000) -> list[int]:
    """Have a message become cards; returns those of it that are due, by number."""
    inbox_id = await one_message(store, f"M{at}")
    await store.settle([Sorted(inbox_id, drafts)], at)
    return [each.outbox_id for each in await due(store) if each.inbox_id == inbox_id]


async def due(store: Store, at: int = 10_000) -> list[Outgoing]:
    return [*await store.due("critical", at, 100), *await store.due("routine", at, 100)]


async def test_the_same_bytes_are_kept_once(store: Store) -> None:
    first = await store.keep([arrival()])
    again = await store.keep([arrival(at=2000)])
    assert [first[0].is_new, again[0].is_new] == [True, False]
    assert [each.received_at for each in await store.unsorted(10)] == [1000]


async def test_a_control_id_with_other_bytes_is_another_message_and_a_finding(store: Store) -> None:
    await store.keep([arrival(raw=b"one")])
    (other,) = await store.keep([arrival(raw=b"other")])
    (again,) = await store.keep([arrival(raw=b"other")])
    assert other.is_new and other.is_reused
    assert not again.is_new and not again.is_reused
    assert [each.raw for each in await store.unsorted(10)] == [b"one", b"other"]


async def test_messages_without_a_control_id_are_no_finding(store: Store) -> None:
    await store.keep([arrival("", b"one")])
    (other,) = await store.keep([arrival("", b"other")])
    assert other.is_new and not other.is_reused


async def test_any_bytes_come_back_as_they_came(store: Store, reopen: Reopen) -> None:
    raw = bytes(range(256)) * 4096
    await store.keep([arrival(raw=raw)])
    assert [each.raw for each in await (await reopen()).unsorted(10)] == [raw]


async def test_one_frame_is_kept_together(store: Store) -> None:
    kept = await store.keep([arrival("A", b"a"), arrival("B", b"b"), arrival("A", b"a")])
    assert [each.is_new for each in kept] == [True, True, False]


async def test_many_at_once_are_all_kept(store: Store) -> None:
    await asyncio.gather(*(store.keep([arrival(str(number), b"%d" % number)]) for number in range(300)))
    assert (await store.counts())["inbox received"] == 300


async def test_what_is_set_aside_is_not_sorted(store: Store) -> None:
    await store.keep([msgspec.structs.replace(arrival(), state="quarantined", reason="charset_mismatch")])
    assert await store.unsorted(10) == []
    (letter,) = await store.dead_letters()
    assert (letter.table, letter.control_id, letter.reason) == ("inbox", "M1", "charset_mismatch")
    await store.replay_message(letter.row_id)
    assert len(await store.unsorted(10)) == 1


async def test_a_message_is_settled_with_its_cards_and_only_once(store: Store) -> None:
    inbox_id = await one_message(store)
    for _ in range(2):
        await store.settle([Sorted(inbox_id, (draft("1001"), draft("1002")))], 1000)
    assert await store.unsorted(10) == []
    assert [each.target for each in await store.due("routine", 1000, 10)] == ["1001", "1002"]


async def test_a_replayed_message_makes_no_card_twice(store: Store) -> None:
    inbox_id = await one_message(store)
    await store.settle([Sorted(inbox_id, state="dead", reason="mapping")], 1000)
    await store.replay_message(inbox_id)
    await store.settle([Sorted(inbox_id, (draft(),))], 1000)
    (card,) = await store.due("routine", 1000, 10)
    await store.sent(card.outbox_id, "$event", "@1001:hospital.test", 1000)
    await store.settle([Sorted(inbox_id, (draft(),))], 2000)
    assert await store.due("routine", 9000, 10) == []


def test_a_card_has_one_name_for_ever() -> None:
    assert transaction_id(7, draft()) == transaction_id(7, draft(content=b"{...}", key="other"))
    others = {transaction_id(7, draft(target="1002")), transaction_id(8, draft()), transaction_id(7, draft(rev=2))}
    assert len(others | {transaction_id(7, draft())}) == 4


async def test_cards_of_one_key_leave_in_order(store: Store) -> None:
    (first,) = await one_card(store, draft(), at=1000)
    assert await one_card(store, draft(), at=1001) == []
    await store.postpone(first, 9000, "refused")
    assert await store.due("routine", 5000, 10) == []
    (again,) = await store.due("routine", 9000, 10)
    assert (again.outbox_id, again.attempts) == (first, 1)
    await store.sent(first, "$event", "@1001:hospital.test", 9000)
    assert len(await store.due("routine", 9000, 10)) == 1


async def test_another_key_is_not_held_up(store: Store) -> None:
    (first,) = await one_card(store, draft(key="P1"), at=1000)
    await store.postpone(first, 99_999, "refused")
    assert len(await one_card(store, draft(key="P2"), at=1001)) == 1


async def test_a_critical_card_does_not_wait_for_a_routine_one_of_its_key(store: Store) -> None:
    (first,) = await one_card(store, draft(), at=1000)
    await store.postpone(first, 99_999, "refused")
    assert len(await one_card(store, draft(lane="critical", feed="critical"), at=1001)) == 1


async def test_what_is_given_up_holds_up_nobody_and_can_be_sent_again(store: Store) -> None:
    (first,) = await one_card(store, draft(), at=1000)
    await store.give_up(first, "unknown_person")
    assert len(await one_card(store, draft(), at=1001)) == 1
    (letter,) = await store.dead_letters()
    assert (letter.table, letter.row_id, letter.reason) == ("outbox", first, "unknown_person")
    await store.replay_card(first, 2000)
    assert [each.outbox_id for each in await store.due("routine", 2000, 10)] == [first]


async def test_a_card_waits_for_a_device_and_holds_up_nobody(store: Store) -> None:
    (first,) = await one_card(store, draft(), at=1000)
    await store.without_device(first, "@1001:hospital.test")
    (second,) = await one_card(store, draft(), at=1001)
    await store.sent(second, "$event", "@1001:hospital.test", 1002)
    await store.device_appeared("@1002:hospital.test", 2000)
    assert await store.due("routine", 2000, 10) == []
    await store.device_appeared("@1001:hospital.test", 2000)
    assert [each.outbox_id for each in await store.due("routine", 2000, 10)] == [first]


async def test_after_a_week_a_device_is_too_late(store: Store) -> None:
    (first,) = await one_card(store, draft(), at=1000)
    await store.without_device(first, "@1001:hospital.test")
    late = 1001 + 7 * 24 * 3600 * 1000
    await store.device_appeared("@1001:hospital.test", late)
    await store.retry_without_device(late)
    assert await store.due("routine", late, 10) == []
    await store.retry_without_device(late - 1)
    assert len(await store.due("routine", late, 10)) == 1


async def test_another_process_finds_what_was_written(store: Store, reopen: Reopen) -> None:
    (first,) = await one_card(store, draft())
    await store.keep_feed_room("@1001:hospital.test", "reports", "!room")
    other = await reopen()
    assert [each.outbox_id for each in await other.due("routine", 1000, 10)] == [first]
    assert await other.feed_room("@1001:hospital.test", "reports") == "!room"
    assert await other.feed_room("@1001:hospital.test", "critical") is None


async def test_the_first_master_key_stands_until_somebody_confirms_another(store: Store) -> None:
    assert await store.pinned("@1001:hospital.test", "first", 1) == "first"
    assert await store.pinned("@1001:hospital.test", "other", 2) == "first"
    await store.confirm_key("@1001:hospital.test", "other", 3)
    assert await store.pinned("@1001:hospital.test", "first", 4) == "other"


async def test_a_refused_job_leaves_the_others_of_its_commit(tmp_path: Path) -> None:
    store = await open_store("sqlite:///gateway.db", tmp_path)
    orphan = store.settle([Sorted(999, (draft(),))], 1000)
    many = [store.keep([arrival(str(number), b"%d" % number)]) for number in range(20)]
    await asyncio.gather(*many[:10], orphan, *many[10:], return_exceptions=True)
    assert (await store.counts())["inbox received"] == 20
    await store.close()


async def test_what_was_acknowledged_is_on_disk_whoever_reads_it(tmp_path: Path) -> None:
    store = await open_store("sqlite:///gateway.db", tmp_path)
    await store.keep([arrival()])
    with sqlite3.connect(tmp_path / "gateway.db") as reader:
        assert reader.execute("SELECT count(*) FROM inbox").fetchone() == (1,)
    reader.close()
    await store.close()
