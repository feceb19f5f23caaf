"""Ringing one bell once: what to say is decided at the last moment, so that what was read meanwhile is not told."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from hashlib import sha256

import msgspec

from myelin.append.loading import Loading
from myelin.matrix.errors import MatrixError
from myelin.push.badges import Badges
from myelin.push.destinations import Gateway, Subscription
from myelin.push.notes import Names, Note
from myelin.push.outbox import Bell, Result, Rung
from myelin.push.payload import browser_body, gateway_body
from myelin.push.posting import Answer, Posting
from myelin.push.web_push import NotEncryptable, Vapid, encrypted, unpadded
from myelin.schema.connections import DATABASE_FAULTS
from myelin.state.room import Room
from myelin.state.user import User

logger = logging.getLogger(__name__)

TTL_S = 12 * 60 * 60
JSON = {"content-type": "application/json"}
HOUR_MS = 60 * 60 * 1000

# Returns what a site may have shown beside an event, None where it shows nothing.
NamesOf = Callable[[Note], Awaitable[Names | None]]
# Has a pusher removed for a reason.
Remove = Callable[[Bell, str], Awaitable[None]]


class GatewayAnswer(msgspec.Struct, frozen=True):
    """What a push gateway answers: the pushkeys that are of no use any more."""

    rejected: list[str]


class Voice(msgspec.Struct, frozen=True):
    """How the server speaks: its posting, its key, and its sources of time and chance."""

    posting: Posting
    vapid: Vapid
    clock_ms: Callable[[], int]
    random: Callable[[int], bytes]


class Ringing:
    """Rings bells."""

    def __init__(
        self,
        loading: Loading,
        badges: Badges,
        names_of: NamesOf,
        remove: Remove,
        voice: Voice,
        patience_hours: int,
    ) -> None:
        self._loading = loading
        self._badges = badges
        self._names_of = names_of
        self._remove = remove
        self._voice = voice
        self._patience_ms = patience_hours * HOUR_MS
        self._answer = msgspec.json.Decoder(GatewayAnswer)

    async def ring(self, bell: Bell) -> Rung:
        """Tell the next event, or the badge; a pusher that is of no use any more is removed."""
        try:
            return await self._ring(bell)
        except (MatrixError, *DATABASE_FAULTS) as fault:
            logger.warning("a push waits (%s)", type(fault).__name__)
        except Exception:
            # Whatever is wrong with one pusher, nobody else's waits for it.
            logger.exception("a push failed")
        return Rung(Result.PUSHER_FAILED)

    async def _ring(self, bell: Bell) -> Rung:
        user = await self._loading.user(bell.pusher.user_id)
        if user is None or not user.active:
            bell.is_removed = True
            return Rung(Result.RUNG)
        note = await self._next_note(bell, user)
        unread = await self._badges.unread(user)
        if note is None and (not bell.badge_is_due or unread == bell.badge):
            bell.badge_is_due = False
            return Rung(Result.RUNG)
        answer = await self._post(bell, note, unread)
        return await self._concluded(bell, note, unread, answer)

    async def _next_note(self, bell: Bell, user: User) -> Note | None:
        while bell.notes:
            note = bell.notes[0]
            room = await self._loading.room(note.room_id)
            if room is not None and is_news(note, room, user.user_id):
                return note
            bell.done(note)
            bell.owe_badge()
        return None

    async def _post(self, bell: Bell, note: Note | None, unread: int) -> Answer | None:
        """Return the answer, None where this can be told to nobody."""
        names = await self._names_of(note) if note is not None else None
        if isinstance(bell.place, Gateway):
            body = gateway_body(bell.pusher, note, unread, names)
            return await self._voice.posting.post(bell.place.url, body, JSON, is_public=False)
        try:
            body = encrypted(browser_body(bell.pusher, note, unread, names), bell.place, self._voice.random)
        except NotEncryptable:
            return None
        headers = self._browser_headers(bell.place, note)
        return await self._voice.posting.post(bell.place.url, body, headers, is_public=not bell.place.is_listed)

    def _browser_headers(self, place: Subscription, note: Note | None) -> dict[str, str]:
        headers = {
            "authorization": self._voice.vapid.authorization(place.origin, self._voice.clock_ms() // 1000),
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(TTL_S),
            "urgency": "low" if note is None else "high" if note.is_urgent else "normal",
        }
        # Of what waits for a browser that is away, the latest of each room is enough; nothing urgent is left out.
        if note is not None and not note.is_urgent:
            headers["topic"] = topic_of(note.room_id)
        return headers

    async def _concluded(self, bell: Bell, note: Note | None, unread: int, answer: Answer | None) -> Rung:
        if answer is None or self._is_gone(bell, answer):
            await self._remove(bell, "rejected")
            return Rung(Result.RUNG)
        if self._is_taken(bell, answer):
            bell.failing_since = None
            bell.badge, bell.badge_is_due = unread, False
            if note is not None:
                bell.done(note)
            return Rung(Result.RUNG)
        now_ms = self._voice.clock_ms()
        bell.failing_since = bell.failing_since or now_ms
        if now_ms - bell.failing_since > self._patience_ms:
            await self._remove(bell, "dead")
            return Rung(Result.RUNG)
        result = Result.PLACE_FAILED if answer.is_of_everybody else Result.PUSHER_FAILED
        return Rung(result, answer.retry_after_s)

    def _is_gone(self, bell: Bell, answer: Answer) -> bool:
        if isinstance(bell.place, Subscription):
            return answer.status in (404, 410)
        return bell.pusher.pushkey in (self._rejected(answer) or ())

    def _is_taken(self, bell: Bell, answer: Answer) -> bool:
        return answer.is_success and (isinstance(bell.place, Subscription) or self._rejected(answer) is not None)

    def _rejected(self, answer: Answer) -> list[str] | None:
        """Return the rejected pushkeys, None where this is no answer of a push gateway."""
        if not answer.is_success:
            return None
        try:
            return self._answer.decode(answer.body).rejected
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None


def is_news(note: Note, room: Room, user_id: str) -> bool:
    """Whether a person is still there, or invited, and has not read it."""
    if room.membership(user_id) not in ("join", "invite"):
        return False
    return room.read_points(user_id).position(note.thread) < note.position


def topic_of(room_id: str) -> str:
    """Return a name of at most 32 characters that does not tell the push service which room it is."""
    return unpadded(sha256(room_id.encode()).digest()[:24])
