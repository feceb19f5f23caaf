"""An encrypted room of two people whose devices trust each other, where the stories of matrix-nio begin."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec
import pytest
from nio import OlmUnverifiedDeviceError

from tests.clients.accounts import Account
from tests.clients.nio.devices import Device, signed_in


class Ward(msgspec.Struct, frozen=True):
    """An encrypted room in which both devices have checked each other's keys."""

    room_id: str
    wang: Device
    li: Device


@asynccontextmanager
async def opened(nurse: Account, doctor: Account, stores: Path) -> AsyncIterator[Ward]:
    """A new ward; before the keys are compared nobody can speak in it."""
    async with signed_in(nurse, stores / "wang") as wang, signed_in(doctor, stores / "li") as li:
        room_id = await wang.create_room(li.user_id)
        await li.turn_until(lambda: room_id in li.client.invited_rooms)
        await li.join(room_id)
        await li.turn_until(partial(li.knows, wang))
        await wang.turn_until(partial(wang.knows, li))
        with pytest.raises(OlmUnverifiedDeviceError):
            await wang.say(room_id, "not before the keys are compared")
        wang.trust(li)
        li.trust(wang)
        yield Ward(room_id, wang, li)
