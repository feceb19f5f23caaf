"""From the outbox to people: two lanes, of which the critical one waits for nothing that the other does."""

from __future__ import annotations

import asyncio
import logging
from asyncio import Event
from collections.abc import Callable
from typing import Protocol

from myelin_gateway.delivery import Lane, Outgoing, Store, StoreUnavailable
from myelin_gateway.main.sorting import woken
from myelin_gateway.matrix import Delivered, MatrixFailure, NoDevice, UnknownPerson, Unreachable

AT_ONCE = 8
LOOK_S = 1.0
TRIES = 20
FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 1_000, 300_000
# The whole lane waits where the homeserver is away; not longer, so that a critical card leaves soon after it is back.
LONGEST_SILENCE_S = 15.0

logger = logging.getLogger(__name__)


class Carrier(Protocol):
    """Sends one card; as often as it is asked, one event. Raises MatrixFailure."""

    async def bring(self, card: Outgoing) -> Delivered | NoDevice: ...


class Sending:
    """The worker of one lane. `due` is set whenever there may be something to send."""

    def __init__(self, lane: Lane, store: Store, carrier: Carrier, now: Callable[[], int]) -> None:
        self.due = Event()
        self._lane, self._store, self._carrier, self._now = lane, store, carrier, now
        self._silences = 0

    async def work(self) -> None:
        """Send whatever is due, until cancelled."""
        while True:
            try:
                if not await self.send_some():
                    await woken(self.due, LOOK_S)
            except* (Unreachable, StoreUnavailable) as errors:
                logger.warning("%s cards wait: %s", self._lane, errors.exceptions[0])
                await asyncio.sleep(self._silence_s())
                self._silences += 1

    async def send_some(self) -> int:
        """Try the next cards, and return how many there were; raises Unreachable where none was answered for."""
        self.due.clear()
        cards = await self._store.due(self._lane, self._now(), AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            tried = [tasks.create_task(self._send(card)) for card in cards]
        if cards and not any(each.result() for each in tried):
            raise Unreachable("the homeserver does not answer")
        self._silences = 0
        return len(cards)

    async def _send(self, card: Outgoing) -> bool:
        """Return whether the homeserver has answered; raises StoreUnavailable."""
        try:
            # A crash after it and before the next line: the same card is sent under the same name, and is one event.
            brought = await self._carrier.bring(card)
        except StoreUnavailable:
            raise
        except Unreachable as away:
            # It goes behind the others: if it is the card that the homeserver stumbles over, they are not held up.
            await self._store.delay(card.outbox_id, self._now() + int(self._silence_s() * 1000), str(away))
            return False
        except UnknownPerson as unknown:
            await self._store.give_up(card.outbox_id, str(unknown))
        except MatrixFailure as failure:
            await self._refused(card, str(failure))
        except Exception as fault:
            # One card that nothing can be done with must not stop the others. Its text may repeat the card.
            await self._refused(card, type(fault).__name__)
        else:
            await self._note(card, brought)
        return True

    def _silence_s(self) -> float:
        return min(2.0 ** min(self._silences, 10), LONGEST_SILENCE_S)

    async def _note(self, card: Outgoing, brought: Delivered | NoDevice) -> None:
        if isinstance(brought, NoDevice):
            await self._store.without_device(card.outbox_id, brought.user_id)
        else:
            await self._store.sent(card.outbox_id, brought.event_id, brought.user_id, self._now())

    async def _refused(self, card: Outgoing, reason: str) -> None:
        logger.warning("card %d was refused: %s", card.outbox_id, reason)
        if card.attempts + 1 >= TRIES:
            await self._store.give_up(card.outbox_id, reason)
        else:
            await self._store.postpone(card.outbox_id, self._now() + pause_ms(card.attempts), reason)


def pause_ms(attempts: int) -> int:
    """Return how long a card waits that was refused so often before: a second, then twice as long each time."""
    return min(FIRST_PAUSE_MS << min(attempts, 20), LONGEST_PAUSE_MS)
