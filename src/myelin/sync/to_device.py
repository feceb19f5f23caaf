"""The `to_device` section: messages to the viewer's device, in order, again and again until it says that it has them.

A client that comes back with a token has all messages up to it. Where more wait than one answer holds, its token
says how far the messages went and stands where it stood for everything else: keys come before what they open, and
the history of a room (MSC4268) before the invitation to it.
"""

from __future__ import annotations

import orjson

from myelin.matrix.json import JsonObject
from myelin.state.user import User
from myelin.stores.to_device import ToDeviceMessages, WaitingMessage
from myelin.sync.reading import Reading
from myelin.sync.rendering import Viewer
from myelin.sync.section import NOTHING, SectionFields
from myelin.sync.token import SyncToken

# 100 messages is recommended as a reasonable limit.
MESSAGES_LIMIT = 100
REMEMBERED_LIMIT = 200_000


class ToDevice:
    """Reads `to_device`. A device that nobody has written to since its token costs no read."""

    def __init__(self, messages: ToDeviceMessages) -> None:
        self._messages = messages
        self._received: dict[int, int] = {}

    async def read(self, reading: Reading) -> SectionFields:
        """Return the messages that wait; nothing where none does."""
        device = reading.user.devices.get(reading.viewer.device_id)
        since = reading.request.since.to_device_position if reading.request.since is not None else -1
        if device is None or device.to_device_position <= since:
            return NOTHING
        # The first answer to a new client is whole, however many wait.
        limit = None if reading.initial else MESSAGES_LIMIT + 1
        waiting = await self._messages.waiting(device.number, since, reading.upto, limit)
        shown = waiting if reading.initial else waiting[:MESSAGES_LIMIT]
        if not shown:
            return NOTHING
        fields = {"to_device": {"events": [to_device_event(message) for message in shown]}}
        held_at = shown[-1].position if len(shown) < len(waiting) else None
        return SectionFields(fields, is_news=True, held_at=held_at)

    async def acknowledged(self, user: User, viewer: Viewer, token: SyncToken) -> None:
        """Forget what a device has received by coming back with this verified token."""
        device = user.devices.get(viewer.device_id)
        if device is None:
            return
        upto = token.to_device_position
        # Up to here nothing is left; asked of the database only when something came after it.
        if self._received.get(device.number, -1) >= min(upto, device.to_device_position):
            return
        await self._messages.received(device.number, upto)
        if len(self._received) >= REMEMBERED_LIMIT:
            self._received.clear()
        self._received[device.number] = upto


def to_device_event(message: WaitingMessage) -> JsonObject:
    """Return a message as clients see it."""
    content = orjson.Fragment(message.content)
    return {"type": message.type, "sender": message.sender, "content": content}  # type: ignore[dict-item]
