"""Sessions on a real database: who may still come in after a refresh, a sign-out, a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from myelin.actions.accounts import deactivate_account
from myelin.actions.departures import Departures
from myelin.actions.members import invite
from myelin.actions.passwords import Ending, set_password
from myelin.actions.sender import Sender
from myelin.actions.sessions import (
    NewSession,
    RenewedPassword,
    Tokens,
    confirm_refresh,
    refresh,
    sign_in,
    sign_out,
    sign_out_everywhere,
)
from myelin.api.session.token_check import TokenCheck
from myelin.entries.facts import SignedIn
from myelin.matrix.errors import Forbidden, UnknownToken, UserDeactivated
from tests.cores import Core, lose_answer, lose_commit, running_core

pytestmark = pytest.mark.database

LATER = 2**50
Story = Callable[[Core, Sender], Awaitable[None]]


@pytest.fixture
def play(database_url: str, tmp_path: Path) -> Callable[[Story], None]:
    """Run a story of 王护士 on a core of its own."""

    async def run(story: Story) -> None:
        async with running_core(database_url, tmp_path) as core:
            await story(core, await core.person("wang"))

    return lambda story: asyncio.run(run(story))


def pair(number: int, expires_at: int = LATER) -> Tokens:
    return Tokens(f"access {number}", f"refresh {number}", expires_at)


async def open_refreshable(core: Core, who: Sender, expires_at: int = LATER) -> None:
    await core.pool.submit(sign_in(who.user_id, NewSession(who.device_id, None, pair(1, expires_at))))


async def refreshed(core: Core, old: int, new: int) -> None:
    """Exchange one pair for another, as the endpoint does."""
    owner = await core.built.tokens.refreshed_by(f"refresh {old}")
    await core.pool.submit(refresh(owner.user_id, owner.device_id, owner.token_hash, owner.unconfirmed, pair(new)))


async def used(core: Core, token: str) -> None:
    """Use an access token, as the edge does."""
    built = core.built
    await TokenCheck(built.tokens, built.freshness, built.pool, built.sign_ins.last_seen).caller(token, "192.0.2.1")


async def passes(core: Core, token: str) -> bool:
    try:
        await used(core, token)
    except UnknownToken as refusal:
        assert refusal.extra["soft_logout"] is False
        return False
    return True


async def refreshes(core: Core, number: int) -> bool:
    try:
        await core.built.tokens.refreshed_by(f"refresh {number}")
    except UnknownToken:
        return False
    return True


def test_the_old_pair_works_until_the_new_one_is_used(play: Callable[[Story], None]) -> None:
    async def story(core: Core, wang: Sender) -> None:
        await open_refreshable(core, wang)
        await refreshed(core, 1, 2)
        assert await passes(core, "access 1") and await refreshes(core, 1)
        assert await passes(core, "access 2")
        assert not await passes(core, "access 1") and not await refreshes(core, 1)

    play(story)


def test_refreshing_uses_the_pair_that_refreshes(play: Callable[[Story], None]) -> None:
    async def story(core: Core, wang: Sender) -> None:
        await open_refreshable(core, wang)
        assert await passes(core, "access 1")
        await refreshed(core, 1, 2)
        await refreshed(core, 2, 3)
        assert not await passes(core, "access 1") and not await refreshes(core, 1)
        assert await passes(core, "access 2")
        assert await passes(core, "access 3") and not await refreshes(core, 2)

    play(story)


def test_answers_that_were_lost_end_no_session(play: Callable[[Story], None]) -> None:
    async def story(core: Core, wang: Sender) -> None:
        await open_refreshable(core, wang)
        for lost in (2, 3):
            await refreshed(core, 1, lost)
        await refreshed(core, 1, 4)
        assert await passes(core, "access 4")
        # What was made for the lost answers goes with the next refresh.
        await refreshed(core, 4, 5)
        assert not await passes(core, "access 2") and not await refreshes(core, 3)
        assert await passes(core, "access 5")

    play(story)


@pytest.mark.parametrize("fault", [lose_commit, lose_answer], ids=["commit", "answer"])
def test_a_refresh_survives_the_loss_of_its(
    play: Callable[[Story], None], fault: Callable[..., Awaitable[int]]
) -> None:
    async def story(core: Core, wang: Sender) -> None:
        await open_refreshable(core, wang)
        core.writer.faults = [fault]
        await refreshed(core, 1, 2)
        assert await passes(core, "access 2")

    play(story)


def test_a_refresh_is_one_entry_of_the_log(play: Callable[[Story], None]) -> None:
    async def story(core: Core, wang: Sender) -> None:
        await open_refreshable(core, wang)
        before = len(await core.log())
        await refreshed(core, 1, 2)
        for _ in range(3):
            assert await passes(core, "access 2")
        assert [entry.facts for entry in (await core.log())[before:]] == [SignedIn("refresh")]

    play(story)


def test_an_expired_token_can_be_refreshed_and_says_so(play: Callable[[Story], None]) -> None:
    async def story(core: Core, wang: Sender) -> None:
        await open_refreshable(core, wang, expires_at=1)
        with pytest.raises(UnknownToken) as refused:
            await used(core, "access 1")
        assert refused.value.extra["soft_logout"] is True
        await refreshed(core, 1, 2)
        assert await passes(core, "access 2")
        # The old one is gone for good now.
        assert not await passes(core, "access 1")

    play(story)


def test_a_device_that_signs_in_again_has_only_its_new_tokens(play: Callable[[Story], None]) -> None:
    async def story(core: Core, wang: Sender) -> None:
        await open_refreshable(core, wang)
        await refreshed(core, 1, 2)
        assert await passes(core, "access 1")
        await core.pool.submit(sign_in(wang.user_id, NewSession(wang.device_id, None, pair(3))))
        assert await passes(core, "access 3")
        assert not await passes(core, "access 1") and not await refreshes(core, 2)

    play(story)


def test_sign_out_and_sign_in_of_one_batch_keep_their_order(play: Callable[[Story], None]) -> None:
    async def story(core: Core, wang: Sender) -> None:
        again = NewSession(wang.device_id, None, pair(1))
        await asyncio.gather(
            core.pool.submit(sign_out(wang.user_id, (wang.device_id,), "logout")),
            core.pool.submit(sign_in(wang.user_id, again)),
        )
        assert await passes(core, "access 1") and not await passes(core, "token of wang")

    play(story)


def test_a_session_that_has_ended_is_not_refreshed(play: Callable[[Story], None]) -> None:
    async def story(core: Core, wang: Sender) -> None:
        await open_refreshable(core, wang)
        owner = await core.built.tokens.refreshed_by("refresh 1")
        await core.pool.submit(sign_out(wang.user_id, (wang.device_id,), "logout"))
        # The request had found its session before that ended: it is refused all the same.
        with pytest.raises(UnknownToken):
            await core.pool.submit(refresh(wang.user_id, wang.device_id, owner.token_hash, False, pair(2)))
        with pytest.raises(UnknownToken):
            await core.pool.submit(confirm_refresh(wang.user_id, wang.device_id, owner.token_hash))
        assert not await passes(core, "access 2")

    play(story)


def test_a_session_that_another_process_ended_does_not_pass(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with running_core(database_url, tmp_path) as first, running_core(database_url, tmp_path) as second:
            wang = await first.person("wang")
            assert await passes(second, "token of wang")
            await first.pool.submit(sign_out_everywhere(wang.user_id, "lost phone"))
            assert not await passes(second, "token of wang")

    asyncio.run(story())


def test_a_token_refreshed_on_one_process_ends_the_old_one_on_another(database_url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with running_core(database_url, tmp_path) as first, running_core(database_url, tmp_path) as second:
            await open_refreshable(first, await first.person("wang"))
            assert await passes(second, "access 1")
            await refreshed(first, 1, 2)
            assert await passes(first, "access 2")
            assert not await passes(second, "access 1")

    asyncio.run(story())


def test_a_renewed_hash_yields_to_a_password_changed_meanwhile(play: Callable[[Story], None]) -> None:
    async def story(core: Core, wang: Sender) -> None:
        credentials, hashing = core.built.sign_ins.passwords, core.built.sign_ins.hashing
        await core.pool.submit(set_password(wang.user_id, await hashing.hash("old"), None))
        check = (await credentials.verify(wang.user_id, "old", "192.0.2.1")).check
        assert check.stored is not None
        await core.pool.submit(set_password(wang.user_id, await hashing.hash("new"), None))
        renewed = RenewedPassword(await hashing.hash("old"), check.stored)
        await core.pool.submit(sign_in(wang.user_id, NewSession("PHONE", None, pair(1)), renewed))
        await credentials.verify(wang.user_id, "new", "192.0.2.1")
        with pytest.raises(Forbidden):
            await credentials.verify(wang.user_id, "old", "192.0.2.1")

    play(story)


def test_a_password_set_by_it_ends_sessions_only_where_that_is_wished(play: Callable[[Story], None]) -> None:
    async def story(core: Core, wang: Sender) -> None:
        assert await core.pool.submit(set_password(wang.user_id, "hash", None)) == 0
        assert await passes(core, "token of wang")
        assert await core.pool.submit(set_password(wang.user_id, "hash", Ending())) == 1
        assert not await passes(core, "token of wang")

    play(story)


def test_a_closed_account_leaves_its_rooms_after_a_crash(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def died(departures: Departures, submit: object) -> None:
        """The process dies before it leaves any room."""

    async def first_story() -> list[str]:
        async with running_core(database_url, tmp_path) as core:
            wang, li = await core.person("wang"), await core.person("li")
            rooms = [await core.room(li, wang), await core.room(wang, li), await core.room(li)]
            await core.pool.submit(invite(li, rooms[2], wang.user_id))
            await core.pool.submit(deactivate_account(wang.user_id, erase=False))
            assert not await passes(core, "token of wang")
            with pytest.raises(UserDeactivated):
                await core.pool.submit(sign_in(wang.user_id, NewSession("PHONE", None, pair(1))))
            return rooms

    async def second_story(rooms: list[str]) -> None:
        async with running_core(database_url, tmp_path) as core:
            await core.built.departures.leave_all(core.pool.submit)
            for room_id in rooms:
                room = await core.built.loading.room(room_id)
                assert room is not None and room.membership("@wang:hospital.test") == "leave"
            assert await core.built.sign_ins.accounts.memberships_of_closed() == []
            before = len(await core.log())
            await core.built.departures.leave_all(core.pool.submit)
            assert len(await core.log()) == before

    with monkeypatch.context() as crashing:
        crashing.setattr(Departures, "leave_all", died)
        rooms = asyncio.run(first_story())
    asyncio.run(second_story(rooms))


def test_erasure_takes_the_password_and_a_closed_account_closes_once(play: Callable[[Story], None]) -> None:
    async def story(core: Core, wang: Sender) -> None:
        passwords, hashing = core.built.sign_ins.passwords, core.built.sign_ins.hashing
        await core.pool.submit(set_password(wang.user_id, await hashing.hash("right"), None))
        await core.pool.submit(deactivate_account(wang.user_id, erase=True))
        with pytest.raises(Forbidden):
            await passwords.verify(wang.user_id, "right", "192.0.2.1")
        head = core.built.memory.head
        await core.pool.submit(deactivate_account(wang.user_id, erase=True))
        assert core.built.memory.head == head

    play(story)


def test_where_a_device_was_last_seen_outlives_the_process_but_not_the_device(play: Callable[[Story], None]) -> None:
    async def story(core: Core, wang: Sender) -> None:
        last_seen = core.built.sign_ins.last_seen
        await used(core, "token of wang")
        assert (await last_seen.devices_of(wang.user_id))[wang.device_id].address == "192.0.2.1"
        await last_seen.flush()
        assert (await last_seen.devices_of(wang.user_id))[wang.device_id].address == "192.0.2.1"
        await used(core, "token of wang")
        await core.pool.submit(sign_out(wang.user_id, (wang.device_id,), "logout"))
        await last_seen.flush()
        assert await last_seen.devices_of(wang.user_id) == {}

    play(story)


def test_a_sign_out_during_a_look_up_is_not_forgotten(play: Callable[[Story], None]) -> None:
    async def story(core: Core, wang: Sender) -> None:
        asking = [asyncio.ensure_future(passes(core, "token of wang")) for _ in range(20)]
        await core.pool.submit(sign_out(wang.user_id, (wang.device_id,), "logout"))
        await asyncio.gather(*asking)
        assert not await passes(core, "token of wang")

    play(story)
