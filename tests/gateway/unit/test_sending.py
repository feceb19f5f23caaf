"""The lanes: what is critical waits for nothing else; what is refused is tried later; what nobody can do is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from myelin_gateway.delivery import Arrival, Draft, Lane, Outgoing, Sorted, Store, open_store
from myelin_gateway.main.sending import TRIES, Sending, pause_ms
from myelin_gateway.matrix import Delivered, NoDevice, Refused, UnknownPerson, Unreachable

pytestmark = pytest.mark.anyio
Outcome = Delivered | NoDevice | Exception


class Carrier:
    """Has an outcome for each address, and remembers what it was asked."""

    def __init__(self, **outcomes: Outcome) -> None:
        self.outcomes, self.asked = outcomes, list[str]()
        self.changed = asyncio.Event()

    async def bring(self, card: Outgoing) -> Delivered | NoDevice:
        self.asked.append(card.target)
        self.changed.set()
        outcome = self.outcomes.get(card.target, Delivered("@someone:hospital.test", "$event"))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store("sqlite:///gateway.db", tmp_path)
    yield opened
    await opened.close()


async def cards(store: Store, *targets: str, lane: Lane = "routine") -> None:
    """Put a card for each of them into the outbox."""
    for target in targets:
        await store.keep([Arrival("lis", f"{lane}{target}", "ORU^R01", f"{lane}{target}".encode(), 0)])
    drafts = [Draft(target, "reports", lane, "lab_report", "c", 1, "P", b"{}") for target in targets]
    unsorted = await store.unsorted(1000)
    await store.settle([Sorted(each.inbox_id, (made,)) for each, made in zip(unsorted, drafts, strict=True)], 0)


def sending(store: Store, carrier: Carrier, lane: Lane = "routine", now: Callable[[], int] = lambda: 0) -> Sending:
    return Sending(lane, store, carrier, now)


async def test_what_is_brought_is_done(store: Store) -> None:
    await cards(store, "1001", "1002")
    carrier = Carrier()
    assert await sending(store, carrier).send_some() == 2
    assert await sending(store, carrier).send_some() == 0
    assert (await store.counts())["outbox routine sent"] == 2


async def test_each_lane_sees_its_own_cards_only(store: Store) -> None:
    await cards(store, *(str(number) for number in range(50)))
    await cards(store, "urgent", lane="critical")
    carrier = Carrier()
    await sending(store, carrier, "critical").send_some()
    assert carrier.asked == ["urgent"]


@pytest.mark.parametrize("failure", [Refused(403, "M_FORBIDDEN", {}), KeyError("a card that nobody can read")])
async def test_what_is_refused_is_tried_later_and_given_up_in_the_end(store: Store, failure: Exception) -> None:
    await cards(store, "1001", "1002")
    carrier, at = Carrier(**{"1001": failure}), 0
    lane = sending(store, carrier, now=lambda: at)
    for attempt in range(TRIES):
        await lane.send_some()
        assert await store.due("routine", at + pause_ms(attempt) - 1, 10) == []
        at += pause_ms(attempt)
    assert carrier.asked.count("1001") == TRIES and carrier.asked.count("1002") == 1
    (letter,) = await store.dead_letters()
    assert letter.table == "outbox" and "nobody can read" not in letter.reason


async def test_nobody_of_this_number_is_a_dead_letter_at_once(store: Store) -> None:
    await cards(store, "1001")
    await sending(store, Carrier(**{"1001": UnknownPerson("unknown_person")})).send_some()
    assert [letter.reason for letter in await store.dead_letters()] == ["unknown_person"]


async def test_who_has_no_device_is_waited_for(store: Store) -> None:
    await cards(store, "1001")
    await sending(store, Carrier(**{"1001": NoDevice("@1001:hospital.test")})).send_some()
    assert (await store.counts())["outbox routine no_device"] == 1


async def test_a_homeserver_that_is_away_costs_no_attempt(store: Store) -> None:
    await cards(store, "1001")
    with pytest.raises(Unreachable):
        await sending(store, Carrier(**{"1001": Unreachable("away")})).send_some()
    (card,) = await store.due("routine", 1000, 10)
    assert card.attempts == 0


async def test_a_card_that_the_homeserver_stumbles_over_holds_up_no_other(store: Store) -> None:
    stumbling = [str(number) for number in range(20)]
    await cards(store, *stumbling, "1001")
    carrier = Carrier(**{name: Unreachable("500") for name in stumbling})
    lane = sending(store, carrier)
    for _ in range(3):
        with suppress(Unreachable):
            await lane.send_some()
    assert (await store.counts())["outbox routine sent"] == 1


def test_pauses_grow_from_a_second_to_five_minutes() -> None:
    assert [pause_ms(attempts) for attempts in (0, 1, 2, 8, 9, 1000)] == [1000, 2000, 4000, 256_000, 300_000, 300_000]
