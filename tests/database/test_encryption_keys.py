"""One-time keys on a real database: each is given out once, whoever asks, and none outlives its device."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from myelin.actions.accounts import deactivate_account
from myelin.actions.device_keys import KeyUpload, upload_keys
from myelin.actions.key_backup import create_backup
from myelin.actions.send_to_device import send_to_device
from myelin.actions.sender import Sender
from myelin.actions.sessions import NewSession, Tokens, sign_in, sign_out
from myelin.matrix.errors import NotFound
from myelin.schema.connections import open_pool
from myelin.stores.key_backup import BackupKey, Place
from myelin.stores.one_time_keys import ClaimedKey, OneTimeKey, OneTimeKeys, WantedKey
from tests.cores import Core, running_core

pytestmark = pytest.mark.database

SIGNED = "signed_curve25519"
LEFTOVERS = ("one_time_keys", "fallback_keys", "to_device_messages", "key_backups", "backup_keys")
Story = Callable[[Core, Sender, Sender], Awaitable[None]]


@pytest.fixture
def play(database_url: str, tmp_path: Path) -> Callable[[Story], None]:
    """Run a story of 王护士 and 李医生 on a core of its own."""

    async def run(story: Story) -> None:
        async with running_core(database_url, tmp_path) as core:
            await story(core, await core.person("wang"), await core.person("li"))

    return lambda story: asyncio.run(run(story))


def named(*names: str) -> list[OneTimeKey]:
    return [OneTimeKey(SIGNED, name, f'"key {name}"') for name in names]


async def upload(core: Core, owner: Sender, keys: list[OneTimeKey], fallback: list[OneTimeKey] | None = None) -> None:
    given = KeyUpload(keys_position=-1, one_time_keys=keys, fallback_keys=fallback or [])
    assert await core.pool.submit(upload_keys(owner, given))


def wanted(owner: Sender) -> WantedKey:
    return WantedKey(owner.user_id, owner.device_id, SIGNED)


async def claim(core: Core, *owners: Sender) -> list[str]:
    return names_of(await core.built.encryption.keys.claim([wanted(owner) for owner in owners]))


def names_of(claimed: list[ClaimedKey]) -> list[str]:
    return [item.key.key_id for item in claimed]


async def device_number(core: Core, owner: Sender) -> int:
    user = await core.built.loading.user(owner.user_id)
    assert user is not None
    return user.devices[owner.device_id].number


async def leftovers(core: Core) -> dict[str, int]:
    """How many rows each table of secrets holds."""
    return {table: await core.built.reads.fetchval(f"SELECT count(*) FROM stores.{table}") for table in LEFTOVERS}


def test_each_key_goes_to_one_of_many_who_ask_at_once(play: Callable[[Story], None], database_url: str) -> None:
    async def story(core: Core, wang: Sender, li: Sender) -> None:
        others = [await core.person(f"person{number}") for number in range(6)]
        for owner in others:
            await upload(core, owner, named(*(f"{owner.device_id}-{n:02}" for n in range(10))), named("fallback"))
        processes = [await open_pool(database_url, size=4) for _ in range(2)]
        asked = [
            # In every order, so that two who wait for each other would be found out.
            OneTimeKeys(processes[number % 2]).claim(
                [wanted(owner) for owner in others[number % 6 :] + others[: number % 6]]
            )
            for number in range(16)
        ]
        claimed = [item for answer in await asyncio.gather(*asked) for item in answer]
        for pool in processes:
            await pool.close()
        assert len(claimed) == 16 * len(others)
        for owner in others:
            names = names_of([item for item in claimed if item.wanted == wanted(owner)])
            assert sorted(set(names) - {"fallback"}) == [f"{owner.device_id}-{n:02}" for n in range(10)]
            assert names.count("fallback") == 6
            assert (await core.built.encryption.keys.counts(await device_number(core, owner))).unused_fallback == []

    play(story)


def test_keys_are_given_out_in_the_order_of_their_uploads(play: Callable[[Story], None]) -> None:
    async def story(core: Core, wang: Sender, li: Sender) -> None:
        for name in ("c", "a", "b"):
            await upload(core, wang, named(name))
        assert [await claim(core, wang) for _ in range(4)] == [["c"], ["a"], ["b"], []]

    play(story)


def test_an_upload_that_is_repeated_gives_no_key_out_again(play: Callable[[Story], None]) -> None:
    async def story(core: Core, wang: Sender, li: Sender) -> None:
        await upload(core, wang, named("a", "b"))
        assert await claim(core, wang) == ["a"]
        # The answer to the upload was lost, and the client uploads the same keys again.
        await upload(core, wang, named("a", "b"))
        assert [await claim(core, wang) for _ in range(2)] == [["b"], []]
        # Once others have come, nothing is remembered of those that are gone.
        await upload(core, wang, named("c"))
        assert await claim(core, wang) == ["c"]
        assert (await leftovers(core))["one_time_keys"] == 1

    play(story)


def test_a_used_fallback_key_stays_used_until_another_comes(play: Callable[[Story], None]) -> None:
    async def story(core: Core, wang: Sender, li: Sender) -> None:
        keys, number = core.built.encryption.keys, await device_number(core, wang)
        await upload(core, wang, [], named("one"))
        assert (await keys.counts(number)).unused_fallback == [SIGNED]
        assert [item.changed for item in await keys.claim([wanted(wang)])] == [True]
        assert [item.changed for item in await keys.claim([wanted(wang)])] == [False]
        await upload(core, wang, [], named("one"))
        assert (await keys.counts(number)).unused_fallback == []
        await upload(core, wang, [], named("two"))
        assert (await keys.counts(number)).unused_fallback == [SIGNED]

    play(story)


def test_a_new_device_of_the_same_name_has_nothing_of_the_old_one(play: Callable[[Story], None]) -> None:
    async def story(core: Core, wang: Sender, li: Sender) -> None:
        await upload(core, wang, named("a"), named("fallback"))
        await core.pool.submit(send_to_device(li, "m.ring", {wang.user_id: {"*": "{}"}}, "t"))
        await core.pool.submit(sign_out(wang.user_id, [wang.device_id], "logout"))
        assert not any((await leftovers(core)).values())
        session = NewSession(device_id=wang.device_id, display_name=None, tokens=Tokens("another token"))
        await core.pool.submit(sign_in(wang.user_id, session))
        assert await claim(core, wang) == []

    play(story)


def test_a_closed_account_leaves_no_keys(play: Callable[[Story], None]) -> None:
    async def story(core: Core, wang: Sender, li: Sender) -> None:
        await upload(core, wang, named("a"), named("fallback"))
        await core.pool.submit(send_to_device(li, "m.ring", {wang.user_id: {"*": "{}"}}, "t"))
        version = await core.pool.submit(create_backup(wang, "m.megolm_backup.v1.curve25519-aes-sha2", "{}"))
        backups = core.built.encryption.backups
        await backups.put(wang.user_id, version, [BackupKey("!ward", "s", 0, 0, True, "{}")])
        assert len(await backups.keys(wang.user_id, version, Place())) == 1
        await core.pool.submit(deactivate_account(wang.user_id, erase=False))
        assert not any((await leftovers(core)).values())
        with pytest.raises(NotFound):
            await backups.current(wang.user_id)

    play(story)


def test_a_message_is_sent_once_over_restarts(database_url: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with running_core(database_url, tmp_path) as core:
            wang, li = await core.person("wang"), await core.person("li")
            message = {li.user_id: {li.device_id: '{"n":1}'}}
            for _ in range(2):
                await core.pool.submit(send_to_device(wang, "m.ring", message, "once"))
            await asyncio.gather(*(core.pool.submit(send_to_device(wang, "m.ring", message, "once")) for _ in range(3)))
        async with running_core(database_url, tmp_path) as core:
            await core.pool.submit(send_to_device(wang, "m.ring", message, "once"))
            await core.pool.submit(send_to_device(wang, "m.ring", message, "another"))
            await core.pool.submit(send_to_device(wang, "m.bell", message, "once"))
            assert (await leftovers(core))["to_device_messages"] == 3

    asyncio.run(run())
