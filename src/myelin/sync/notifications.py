"""What notified a person, or would have: pages over all of their rooms (client-server API, "Listing notifications").

A token belongs to one person: somebody else's is refused like one that was never given.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

import asyncpg
import msgspec
import orjson

from myelin.append.loading import Loading
from myelin.append.memory import Memory
from myelin.matrix.errors import InvalidParam
from myelin.matrix.json import JsonObject
from myelin.projections.notifications import Noticed, Notifications
from myelin.rules.outcomes import Outcome, audible
from myelin.schema.queries import load_queries
from myelin.state.user import User
from myelin.sync.rendering import Renderer, Viewer
from myelin.sync.token import parse_position

TAG_BYTES = 8
# So often a page looks further, where most of what it finds is muted or otherwise left out.
LOOKS = 10


class NotificationPage(msgspec.Struct, frozen=True):
    """Notifications as clients see them, the latest first, and where the next page begins (None: there is none)."""

    notifications: Sequence[JsonObject]
    next_token: str | None


class Shown(msgspec.Struct, frozen=True):
    """A notification that is on a page."""

    noticed: Noticed
    outcome: Outcome


class NotificationPages:
    """Reads pages of notifications."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        memory: Memory,
        loading: Loading,
        notifications: Notifications,
        renderer: Renderer,
        secret: bytes,
    ) -> None:
        self._pool = pool
        self._memory = memory
        self._loading = loading
        self._notifications = notifications
        self._renderer = renderer
        self._secret = secret
        self._queries = load_queries("myelin.sync", "notifications.sql")

    async def page(self, viewer: Viewer, token: str | None, limit: int, only_highlights: bool) -> NotificationPage:
        """Return a page; `InvalidParam` where the token was not given to this person."""
        user = await self._loading.user(viewer.user_id)
        upto = self._memory.head if token is None else self._position(viewer.user_id, token)
        if user is None or limit == 0:
            return NotificationPage((), None)
        shown: list[Shown] = []
        for _ in range(LOOKS):
            found = await self._notifications.latest(user, -1, upto, limit + 1)
            for each in found:
                if len(shown) == limit:
                    # The page is full, and there is something more.
                    return await self._rendered(viewer, shown, each.position)
                outcome = await self._outcome(user, each)
                if outcome.highlights or (outcome.notifies and not only_highlights):
                    shown.append(Shown(each, outcome))
            if len(found) <= limit:
                return await self._rendered(viewer, shown, None)
            upto = found[-1].position - 1
        return await self._rendered(viewer, shown, upto)

    async def _outcome(self, user: User, noticed: Noticed) -> Outcome:
        room = await self._loading.room(noticed.room_id)
        if room is None or noticed.is_left_out:
            return Outcome.QUIET
        return audible(Outcome(noticed.outcome), user, room)

    async def _rendered(self, viewer: Viewer, shown: Sequence[Shown], upto: int | None) -> NotificationPage:
        rows = await self._pool.fetch(self._queries["notified_events"], [each.noticed.position for each in shown])
        events = await self._renderer.render(rows, viewer, {}, with_room_id=False)
        at = {row["position"]: row["at"] for row in rows}
        notifications: list[JsonObject] = []
        for each in shown:
            position = each.noticed.position
            notifications.append(
                {
                    "actions": ["notify", {"set_tweak": "highlight"}] if each.outcome.highlights else ["notify"],
                    "event": orjson.Fragment(events[position]),  # type: ignore[dict-item]
                    "read": await self._is_read(viewer.user_id, each.noticed),
                    "room_id": each.noticed.room_id,
                    "ts": at[position],
                }
            )
        return NotificationPage(notifications, None if upto is None else self._token(viewer.user_id, upto))

    async def _is_read(self, user_id: str, noticed: Noticed) -> bool:
        room = await self._loading.room(noticed.room_id)
        return room is not None and room.read_points(user_id).position(noticed.thread) >= noticed.position

    def _token(self, user_id: str, upto: int) -> str:
        sealed = f"notifications|{user_id}|{upto}".encode()
        return f"{upto}.{hmac.digest(self._secret, sealed, hashlib.sha256)[:TAG_BYTES].hex()}"

    def _position(self, user_id: str, token: str) -> int:
        position = parse_position(token.partition(".")[0])
        if not hmac.compare_digest(token.encode(), self._token(user_id, position).encode()):
            raise InvalidParam("this token was not given to you; start again without one")
        return position
