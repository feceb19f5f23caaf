"""Sending what waited (MSC4140): when its time has come, or when somebody says so.

The event and the end of its waiting are one transaction, so a crash sends it once, and of several processes that try
one succeeds. What decides is the room at that moment, not the one in which it was asked for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Literal

from myelin.actions.redact import redact
from myelin.actions.send_event import send_event
from myelin.actions.sender import Sender
from myelin.actions.state import set_state, state_event
from myelin.append.proposal import Lane, Proposal
from myelin.append.turn import Turn
from myelin.matrix.errors import BadJson, Forbidden, LimitExceeded, MatrixError, Overtaken, ResourceUnavailable, Unknown
from myelin.matrix.identifiers import check_event_id
from myelin.schema.connections import DATABASE_FAULTS
from myelin.stores.delayed_events import KEPT_MS, DelayedEvent, DelayedEvents

REDACTION = "m.room.redaction"
AT_ONCE = 50
# Another process may have been asked to send something, and have died since.
LOOK_INTERVAL_S = 5.0
RETRY_AFTER_S = 2.0
CLEAR_UP_INTERVAL_MS = 60 * 60 * 1000

Reason = Literal["delay", "action"]
Submit = Callable[[Proposal[str]], Awaitable[str]]

logger = logging.getLogger(__name__)


def send_delayed(delayed: DelayedEvent, reason: Reason) -> Proposal[str]:
    """Propose what waited; the answer is its event id. `Overtaken` where it no longer waits as it was read."""
    event = proposal_of(delayed)

    def propose(turn: Turn) -> str:
        check_active(turn, delayed)
        check_not_replaced(turn, delayed)
        event_id = event.propose(turn)
        turn.write(
            "sent_delayed_events",
            delay_id=delayed.delay_id,
            running_since=delayed.running_since,
            at=turn.at,
            reason=reason,
            event_id=event_id,
        )
        return event_id

    lane = Lane.BULK if reason == "delay" else Lane.PEOPLE
    return Proposal(propose, lane=lane, key=event.key, again=event.again)


def proposal_of(delayed: DelayedEvent) -> Proposal[str]:
    """Return what would have been proposed at once; its transaction is the id of the delay."""
    sender = Sender(delayed.user_id, delayed.device_id)
    if delayed.state_key is not None:
        # Asked here too, so that what could never be sent is refused before it waits.
        state_event(sender, delayed.type, delayed.state_key, delayed.content)
        return set_state(sender, delayed.room_id, delayed.type, delayed.state_key, delayed.content)
    if delayed.type != REDACTION:
        return send_event(sender, delayed.room_id, delayed.type, delayed.content, delayed.delay_id)
    redacts, reason = delayed.content.get("redacts"), delayed.content.get("reason")
    if not isinstance(redacts, str) or not isinstance(reason, str | None):
        raise BadJson("a redaction names the event that it redacts, and the reason is a text")
    content = {"reason": reason} if reason is not None else {}
    transaction = f"send/{REDACTION}/{delayed.delay_id}"
    return redact(sender, delayed.room_id, check_event_id(redacts), dict(content), transaction)


def check_active(turn: Turn, delayed: DelayedEvent) -> None:
    """Raise where the account was closed meanwhile, even if it has not left its rooms yet."""
    user = turn.user(delayed.user_id)
    if user is None or not user.active:
        raise Forbidden("this account is closed")


def check_not_replaced(turn: Turn, delayed: DelayedEvent) -> None:
    """Raise where somebody else has set the same state since: what they said holds."""
    room = turn.room(delayed.room_id) if delayed.state_key is not None else None
    ref = room.state.get((delayed.type, delayed.state_key or "")) if room is not None else None
    if ref is None or ref.position <= delayed.since_position:
        return
    entry = turn.event(ref.event_id)
    # A new state event from a different user cancels it; one's own does not (MSC4140, as clients know it).
    if entry is not None and entry.sender != delayed.user_id:
        text = "somebody else has set the same state since; nothing was sent"
        raise Overtaken(text, **{"org.matrix.msc4140.errcode": "M_CANCELLED_BY_STATE_UPDATE"})


class DelayedSends:
    """Sends each delayed event when its time has come; sleeps until the next one."""

    def __init__(self, submit: Submit, events: DelayedEvents, clock_ms: Callable[[], int]) -> None:
        self._submit = submit
        self._events = events
        self._clock_ms = clock_ms
        self._changed = asyncio.Event()
        self._cleared_up_at = 0

    def look_again(self) -> None:
        """Take note that something may be due earlier than was known."""
        self._changed.set()

    async def run(self) -> None:
        """Send what is due, for ever."""
        while True:
            # Cleared before looking: what changes while we look is looked at again.
            self._changed.clear()
            try:
                wait_s = await self._round()
            except (LimitExceeded, ResourceUnavailable, *DATABASE_FAULTS) as fault:
                logger.warning("delayed events wait longer (%s)", type(fault).__name__)
                wait_s = RETRY_AFTER_S
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()

    async def send_due(self) -> int:
        """Send what is due, as far as one round goes; return how many events that were."""
        due = await self._events.due(self._clock_ms(), AT_ONCE)
        # Together, so that they share a commit; proposals keep the order in which they were handed in.
        outcomes = await asyncio.gather(*map(self._send, due), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return len(due)

    async def _round(self) -> float:
        while await self.send_due() == AT_ONCE:
            pass
        now_ms = self._clock_ms()
        if now_ms - self._cleared_up_at >= CLEAR_UP_INTERVAL_MS:
            await self._events.forget_before(now_ms - KEPT_MS)
            self._cleared_up_at = now_ms
        next_due = await self._events.next_due()
        return LOOK_INTERVAL_S if next_due is None else min(max(next_due - now_ms, 0) / 1000, LOOK_INTERVAL_S)

    async def _send(self, delayed: DelayedEvent) -> None:
        try:
            await self._submit(send_delayed(delayed, "delay"))
        except (LimitExceeded, ResourceUnavailable):
            # The server is busy: it stays due.
            raise
        except Unknown as refusal:
            # Nobody knows why; to try again for ever would help nobody.
            logger.error("a delayed event could not be sent")
            await self._events.refuse(delayed, refusal, self._clock_ms())
        except MatrixError as refusal:
            # Where it was only restarted or sent by another process meanwhile, this changes nothing.
            await self._events.refuse(delayed, refusal, self._clock_ms())
