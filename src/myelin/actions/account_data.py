"""Account data, global or of one room (client-server API, "Client Config"): set whole, or changed from what it was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
import orjson

from myelin.actions.sender import Sender
from myelin.append.pool import Pool
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import AccountDataSet
from myelin.matrix.errors import InvalidParam, LimitExceeded, TooLarge
from myelin.matrix.identifiers import MAX_BYTES
from myelin.matrix.json import JsonObject

CONTENT_LIMIT_BYTES = 256 * 1024
ATTEMPTS = 10


class Place(msgspec.Struct, frozen=True, gc=False):
    """Which account data: its type, and its room or None for global data."""

    type: str
    room_id: str | None = None


def set_account_data(sender: Sender, place: Place, content: JsonObject) -> Proposal[None]:
    """Propose a new content in place of what was there."""
    draft = account_data(sender, place, content)

    def propose(turn: Turn) -> None:
        turn.emit(draft)

    return Proposal(propose)


def replace_account_data(sender: Sender, place: Place, content: JsonObject, known: int) -> Proposal[bool]:
    """Propose a new content made from what was there at `known`; the answer is False where that is out of date."""
    draft = account_data(sender, place, content)

    def propose(turn: Turn) -> bool:
        user = turn.user(sender.user_id)
        if user is None or user.account_data_position > known:
            return False
        turn.emit(draft)
        return True

    return Proposal(propose)


def account_data(sender: Sender, place: Place, content: JsonObject) -> Draft:
    """Return the entry; `TooLarge` or `InvalidParam` where it is more than is kept for anybody."""
    if len(place.type.encode()) > MAX_BYTES or "\x00" in place.type:
        raise InvalidParam(f"a type of account data has {MAX_BYTES} bytes at most")
    body = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    if len(body) > CONTENT_LIMIT_BYTES:
        raise TooLarge(f"one piece of account data may have {CONTENT_LIMIT_BYTES} bytes at most")
    return Draft(
        facts=AccountDataSet(place.type),
        body=body,
        room_id=place.room_id,
        sender=sender.user_id,
        device_id=sender.device_id,
    )


Read = Callable[[str, str, str], Awaitable[tuple[JsonObject | None, int]]]


class AccountDataChanges:
    """Changes account data that is made of parts, such as tags and push rules, so that no device undoes another's.

    `read` returns a content and the position at which it was read.
    """

    def __init__(self, pool: Pool, read: Read) -> None:
        self._pool = pool
        self._read = read

    async def change(self, sender: Sender, place: Place, changed: Callable[[JsonObject | None], JsonObject]) -> None:
        """Replace a content by what `changed` makes of it; tried again where another device was quicker."""
        for _ in range(ATTEMPTS):
            content, position = await self._read(sender.user_id, place.room_id or "", place.type)
            if await self._pool.submit(replace_account_data(sender, place, changed(content), position)):
                return
        raise LimitExceeded("your other devices change this at the same time; try again", retry_after_ms=1000)
