"""`log check`: an event that this server would not have appended is found, however well it is sealed and projected."""

import pytest

from myelin.audit.check import check_log
from myelin.matrix.signing import SigningKey
from tests.database.story import forge, found, moved, note
from tests.servers import SERVER_NAME

pytestmark = [pytest.mark.database, pytest.mark.anyio]

FORGER = SigningKey.from_seed(b"a seed of thirty-two bytes, fake", "a")


async def test_what_the_forgeries_begin_with_is_sound(copy: str) -> None:
    await forge(copy, moved(), note())
    assert (await check_log(copy)).is_whole


async def test_an_event_of_another_key_is_found(copy: str) -> None:
    position = await forge(copy, moved(), note(), FORGER)
    assert found(await check_log(copy), position, "the content hash or the signature is false")


async def test_an_event_of_somebody_who_is_not_in_the_room_is_found(copy: str) -> None:
    position = await forge(copy, moved(), note(f"@chen:{SERVER_NAME}"))
    assert found(await check_log(copy), position, "the rules of its room do not allow it")


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"depth": 3}, "the depth is not one more"),
        ({"prev_events": ("$" + "x" * 43,)}, "prev_events do not name"),
        ({"auth_events": ()}, "auth_events are not the state events"),
    ],
)
async def test_an_event_out_of_its_place_is_found(copy: str, changes: dict[str, object], what: str) -> None:
    position = await forge(copy, moved(**changes), note())
    assert found(await check_log(copy), position, what)


async def test_an_idempotency_key_that_was_used_before_is_found(copy: str) -> None:
    # The index of the projection refuses a second one; somebody with all rights leaves it out there.
    position = await forge(
        copy, moved(), note(transaction="send/m.room.message/first"), row=lambda row: (*row[:-1], None)
    )
    assert found(await check_log(copy), position, "its idempotency key was used before")
