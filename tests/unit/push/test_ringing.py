"""What comes of ringing once: told, tried again, or given up for good."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import cast

import pytest
from msgspec.structs import replace

from myelin.append.loading import Loading
from myelin.push.badges import Badges
from myelin.push.notes import Names, Note
from myelin.push.outbox import Bell, Result, Rung
from myelin.push.posting import NO_ANSWER, Answer, Posting
from myelin.push.ringing import Ringing, Voice
from myelin.push.web_push import Vapid
from myelin.state.room import Member, ReadPoints, Room
from myelin.state.user import User, UserRoom
from tests.unit.push.test_outbox import a_bell, a_note
from tests.unit.rules.test_personal_rules import LI, a_room

HOUR_MS = 60 * 60 * 1000
TAKEN = Answer(200, b'{"rejected": []}')


class Site:
    """A server of one room with one device to ring; plays what is loaded, and the gateway."""

    def __init__(self) -> None:
        self.now_ms = 1_000_000
        self.answer = TAKEN
        self.posts = 0
        self.removed: list[str] = []
        self.unread = 1
        self.reads: Mapping[str, ReadPoints] = {}
        self.membership = "join"
        self.active = True

    async def room(self, _room_id: str) -> Room:
        return replace(a_room(2), members={LI: Member(self.membership, "$m", 1, 1)}, reads=self.reads)

    async def user(self, user_id: str) -> User:
        rooms = {"!ward": UserRoom("join", 1, 1)}
        return User(user_id=user_id, number=1, active=self.active, rooms=rooms)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], is_public: bool) -> Answer:
        self.posts += 1
        return self.answer

    async def counted(self, _user: User, rooms: Sequence[str]) -> Mapping[str, int]:
        return dict.fromkeys(rooms, self.unread)

    async def names(self, _note: Note) -> Names | None:
        return None

    async def remove(self, bell: Bell, reason: str) -> None:
        self.removed.append(reason)
        bell.is_removed = True

    def ringing(self) -> Ringing:
        vapid = Vapid(bytes(32), "mailto:postmaster@hospital.example")
        voice = Voice(cast(Posting, self), vapid, lambda: self.now_ms, bytes)
        return Ringing(cast(Loading, self), Badges(self.counted), self.names, self.remove, voice, 72)

    def ring(self, bell: Bell) -> Rung:
        return asyncio.run(self.ringing().ring(bell))


def one_note() -> Bell:
    bell = a_bell("phone")
    bell.pusher = replace(bell.pusher, user_id=LI)
    bell.add(a_note(5))
    return bell


def test_what_was_taken_is_done() -> None:
    site, bell = Site(), one_note()
    assert site.ring(bell) == Rung(Result.RUNG)
    assert (bell.notes, site.removed) == ([], [])


@pytest.mark.parametrize("answer", [NO_ANSWER, Answer(500), Answer(503), Answer(429, b"", 9), Answer(408)])
def test_a_place_that_fails_has_the_note_wait(answer: Answer) -> None:
    site, bell = Site(), one_note()
    site.answer = answer
    assert site.ring(bell) == Rung(Result.PLACE_FAILED, answer.retry_after_s)
    assert len(bell.notes) == 1
    assert bell.failing_since == site.now_ms


@pytest.mark.parametrize("answer", [Answer(400), Answer(401), Answer(404), Answer(302), Answer(200, b"no JSON")])
def test_what_only_this_pusher_gets_wrong_holds_up_no_other(answer: Answer) -> None:
    site, bell = Site(), one_note()
    site.answer = answer
    assert site.ring(bell).result is Result.PUSHER_FAILED


def test_who_is_dead_for_days_is_given_up() -> None:
    site, bell = Site(), one_note()
    site.answer = NO_ANSWER
    site.ring(bell)
    site.now_ms += 72 * HOUR_MS
    site.ring(bell)
    assert site.removed == []
    site.now_ms += 1
    site.ring(bell)
    assert site.removed == ["dead"]


def test_who_answers_now_and_then_is_not() -> None:
    site, bell = Site(), one_note()
    site.answer = NO_ANSWER
    site.ring(bell)
    site.answer, site.now_ms = TAKEN, site.now_ms + 71 * HOUR_MS
    site.ring(bell)
    site.answer, site.now_ms = NO_ANSWER, site.now_ms + 71 * HOUR_MS
    bell.add(a_note(6))
    site.ring(bell)
    assert site.removed == []


def test_only_ones_own_pushkey_is_rejected() -> None:
    site, bell = Site(), one_note()
    site.answer = Answer(200, b'{"rejected": ["another phone"]}')
    site.ring(bell)
    assert site.removed == []
    bell.add(a_note(6))
    site.answer = Answer(200, b'{"rejected": ["phone"]}')
    site.ring(bell)
    assert site.removed == ["rejected"]


@pytest.mark.parametrize("membership", ["leave", "ban"])
def test_who_is_no_longer_there_is_not_told(membership: str) -> None:
    site, bell = Site(), one_note()
    site.membership, bell.badge = membership, site.unread
    site.ring(bell)
    assert (site.posts, bell.notes) == (0, [])


def test_what_was_read_changes_the_badge_only() -> None:
    site, bell = Site(), one_note()
    site.reads = {LI: ReadPoints(5)}
    bell.badge = 2
    site.ring(bell)
    assert (site.posts, bell.badge) == (1, 1)
    bell.owe_badge()
    site.ring(bell)
    assert site.posts == 1


def test_a_closed_account_is_not_rung() -> None:
    site, bell = Site(), one_note()
    site.active = False
    site.ring(bell)
    assert (site.posts, bell.is_removed) == (0, True)
