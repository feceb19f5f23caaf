"""The way in: bytes of a partner are kept, then acknowledged, then somebody is told that there is work."""

from __future__ import annotations

import logging
from asyncio import Event
from collections.abc import Callable

from myelin_gateway.channels.mllp_partners import Partner
from myelin_gateway.delivery import Arrival, InboxState, Store
from myelin_gateway.hl7v2 import Acknowledgement, Received, Stamp, acknowledged, received

UNSUPPORTED = frozenset({200, 201})
# A doubtful character in a name holds up no result: the patient's number counts then.
NAME = "PID-5"

logger = logging.getLogger(__name__)


class Intake:
    """Keeps what partners send. `arrived` is set after each commit."""

    def __init__(self, store: Store, now: Callable[[], int], stamp: Callable[[], Stamp], arrived: Event) -> None:
        self._store, self._now, self._stamp, self._arrived = store, now, stamp, arrived

    async def receive(self, partner: Partner, raw: bytes) -> Acknowledgement:
        """Return the answer to one frame; everything of it is on disk by then."""
        reception = received(raw, partner.charset, partner.answers)
        arrivals = [arrival(partner.name, each, self._now()) for each in reception.messages]
        kept = await self._store.keep(arrivals)
        self._arrived.set()
        if any(each.is_reused for each in kept):
            logger.warning("%s used a control id twice for different messages", partner.name)
        for each in arrivals:
            if each.state == "quarantined":
                logger.error("a message of %s is quarantined: %s", partner.name, each.reason)
        if not reception.is_whole:
            logger.error("a batch of %s came with fewer messages than it counts", partner.name)
        return acknowledged(reception, partner.answers, self._stamp())


def arrival(partner: str, each: Received, at: int) -> Arrival:
    state, reason = judged(each)
    return Arrival(partner, each.control_id, each.type, each.raw, at, state, reason)


def judged(each: Received) -> tuple[InboxState, str]:
    """Return what becomes of a message as it came, and why."""
    if each.verdict.error in UNSUPPORTED:
        return "unsupported", each.type
    reasons = [finding.reason for finding in each.findings if finding.place != NAME]
    if each.message is None or reasons:
        return "quarantined", ",".join(dict.fromkeys(map(str, reasons)))
    if each.verdict.kind != "accept" and not each.findings:
        return "quarantined", str(each.verdict.error)
    return "received", ",".join(dict.fromkeys(str(finding.reason) for finding in each.findings))
