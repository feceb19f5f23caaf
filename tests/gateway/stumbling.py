"""`STUMBLE=step python -m tests.gateway.stumbling serve --config FILE`: a gateway that is killed at a step, by itself.

kept     the message is committed, its sender has not been answered
settled  the cards are committed, none has been sent
room     the homeserver has made the room, nobody has noted it
unsent   the keys are on their way, the card is not
sent     the homeserver has the card, nobody has noted it
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from myelin.matrix.json import JsonObject
from myelin_gateway import cli
from myelin_gateway.delivery import Arrival, Feed, Kept, Sorted, Store, open_store
from myelin_gateway.main import gateway
from myelin_gateway.matrix import Homeserver

STEP = os.environ["STUMBLE"]


def fall() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


class Stumbling(Store):
    async def keep(self, arrivals: Sequence[Arrival]) -> Sequence[Kept]:
        kept = await super().keep(arrivals)
        return fall() if STEP == "kept" else kept

    async def settle(self, settled: Sequence[Sorted], at: int) -> None:
        await super().settle(settled, at)
        if STEP == "settled":
            fall()

    async def keep_feed_room(self, user_id: str, feed: Feed, room_id: str) -> None:
        if STEP == "room":
            fall()
        await super().keep_feed_room(user_id, feed, room_id)

    async def sent(self, outbox_id: int, event_id: str, user_id: str, at: int) -> None:
        if STEP == "sent":
            fall()
        await super().sent(outbox_id, event_id, user_id, at)


class StumblingHomeserver(Homeserver):
    async def put(self, path: str, body: JsonObject) -> JsonObject:
        if STEP == "unsent" and "/send/" in path:
            fall()
        return await super().put(path, body)


async def open_stumbling(url: str, folder: Path) -> Store:
    opened = await open_store(url, folder)
    return Stumbling(opened._database)


if __name__ == "__main__":
    gateway.Homeserver = StumblingHomeserver  # type: ignore[attr-defined]
    sys.exit(cli.main(open_store=open_stumbling))
