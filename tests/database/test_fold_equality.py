"""There is one fold: what it wrote as things happened is what it makes of the log, and what memory holds besides."""

import asyncio
from random import Random
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from myelin.audit.check import check_log
from myelin.audit.rebuild import rebuild_projections
from myelin.state.user import Device, User
from tests.database.histories import PEOPLE, History
from tests.database.logs import OpenLog, begin, begin_again
from tests.databases import new_database

pytestmark = [pytest.mark.database, pytest.mark.anyio]

EXAMPLES = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def begun(postgres_url: str) -> str:
    """The name of a database with an empty log, to copy."""
    url = asyncio.run(new_database(postgres_url))
    asyncio.run(begin(url))
    return urlsplit(url).path[1:]


@EXAMPLES
@given(seed=st.integers(0, 2**32), acts=st.integers(1, 160))
def test_projections_are_what_the_log_makes_of_them(postgres_url: str, begun: str, seed: int, acts: int) -> None:
    async def story() -> None:
        url = await new_database(postgres_url, begun)
        async with begin_again(url) as log:
            history = History(log, Random(seed))
            await history.begin()
            await history.go_on(acts)
        assert [str(fault) for fault in (await check_log(url)).faults] == []
        assert (await rebuild_projections(url)).differences == ()

    asyncio.run(story())


@EXAMPLES
@given(seed=st.integers(0, 2**32), acts=st.integers(1, 160))
def test_what_is_loaded_is_what_was_folded(postgres_url: str, begun: str, seed: int, acts: int) -> None:
    async def story() -> None:
        async with begin_again(await new_database(postgres_url, begun)) as log:
            history = History(log, Random(seed))
            await history.begin()
            await load_all(log, history.rooms)
            await history.go_on(acts)
            for room_id in history.rooms:
                folded, loaded = log.memory.loaded_room(room_id), await log.loader.room(room_id)
                assert folded is not None
                assert loaded is not None
                assert replace(loaded, as_of=folded.as_of) == folded
            for user_id in PEOPLE:
                folded_user, loaded_user = log.memory.loaded_user(user_id), await log.loader.user(user_id)
                assert folded_user is not None
                assert loaded_user is not None
                assert comparable(loaded_user) == comparable(folded_user)
                assert_not_before(loaded_user, folded_user)

    asyncio.run(story())


async def test_rooms_are_read_back_from_what_was_written_so_far(
    postgres_url: str, begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("myelin.audit.refold.ROOMS_LIMIT", 1)
    monkeypatch.setattr("myelin.audit.check.ROWS_AT_ONCE", 3)
    monkeypatch.setattr("myelin.audit.check.FIRST_ANALYZE", 20)
    monkeypatch.setattr("myelin.audit.rebuild.ENTRIES_AT_ONCE", 3)
    url = await new_database(postgres_url, begun)
    async with begin_again(url) as log:
        history = History(log, Random(8))
        await history.begin()
        await history.go_on(100)
    assert [str(fault) for fault in (await check_log(url)).faults] == []
    assert (await rebuild_projections(url)).differences == ()


async def load_all(log: OpenLog, room_ids: list[str]) -> None:
    for room_id in room_ids:
        await log.loading.room(room_id)
    for user_id in PEOPLE:
        await log.loading.user(user_id)


def comparable(user: User) -> User:
    """The person without what loading does not look up exactly."""
    devices = {name: Device(device.number, device.keys_position) for name, device in user.devices.items()}
    return replace(user, devices=devices, as_of=-1)


def assert_not_before(loaded: User, folded: User) -> None:
    """What was just loaded says of key counts and messages to devices that they may be new, never that they are old."""
    for name, device in folded.devices.items():
        assert loaded.devices[name].key_count_position >= device.key_count_position
        assert loaded.devices[name].to_device_position >= device.to_device_position
