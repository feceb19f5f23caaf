"""The gateway is killed at each step of a message's way: there is one card for each message, and it can be read."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from myelin_gateway.channels.mllp import MllpClient, NotDelivered
from tests.contract.hospital import Hospital
from tests.databases import new_database
from tests.gateway.beds import Doctor, doctor_of, gateway_of, laboratory, report

pytestmark = [pytest.mark.anyio, pytest.mark.crash, pytest.mark.clients, pytest.mark.database]


async def until_acknowledged(lis: MllpClient, raw: bytes, control_id: str) -> None:
    """Send as a laboratory does: again and again, until there is an answer."""
    async with asyncio.timeout(60):
        while True:
            with suppress(NotDelivered):
                assert (await lis.send(raw, control_id)).is_positive
                return


def orders(doctor: Doctor) -> list[str]:
    """Return what each card is about, in the order in which they came."""
    return [str(card["body"]) for card in doctor.cards]


@pytest.mark.parametrize(
    ("step", "store"),
    [
        ("kept", "sqlite"),
        ("kept", "postgresql"),
        ("settled", "sqlite"),
        ("room", "sqlite"),
        ("unsent", "sqlite"),
        ("sent", "sqlite"),
        ("sent", "postgresql"),
    ],
)
async def test_one_card_however_it_is_killed(
    place: Hospital, tmp_path: Path, postgres_url: str, step: str, store: str
) -> None:
    url = "sqlite:///gateway.db" if store == "sqlite" else await new_database(postgres_url)
    async with doctor_of(place, tmp_path) as li:
        with gateway_of(place, tmp_path / "gateway", url) as gateway:
            gateway.start(stumbles_at=step)
            async with laboratory(gateway) as lis:
                sending = asyncio.create_task(until_acknowledged(lis, report("S1"), "S1"))
                await gateway.falls()
                gateway.start()
                await sending
                await until_acknowledged(lis, report("S2", value="4.2"), "S2")
                # Of one patient the second comes last: whatever of the first there is twice has come before it.
                await li.reads(2)
    assert ["钾 4.1" in each for each in orders(li)] == [True, False]
    assert li.unreadable == 0 and len({str(card["room_id"]) for card in li.cards}) == 1


async def test_stopped_and_killed_at_any_time_it_loses_nothing(place: Hospital, tmp_path: Path) -> None:
    numbers = [f"T{number:06}" for number in range(40)]
    async with doctor_of(place, tmp_path) as li:
        with gateway_of(place, tmp_path / "gateway") as gateway:
            gateway.start()
            async with laboratory(gateway) as lis:
                for place_in_row, number in enumerate(numbers):
                    if place_in_row % 10 == 5:
                        gateway.stop(signal.SIGKILL if place_in_row % 20 == 5 else signal.SIGTERM)
                        gateway.start()
                    await until_acknowledged(lis, report(number, patient=number), number)
            await li.reads(len(numbers))
            assert gateway.stop() == 0
    assert sorted(number for each in orders(li) for number in numbers if number in each) == numbers
    assert li.unreadable == 0
