"""A laboratory says something, and the doctor who asked reads it: bytes in, a card on a device of theirs out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.hospital import Hospital, hospital
from tests.gateway.beds import PEOPLE, doctor_of, gateway_of, laboratory
from tests.gateway.samples import sample

pytestmark = [pytest.mark.anyio, pytest.mark.clients, pytest.mark.database]


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Iterator[Hospital]:
    with hospital(tmp_path, database_url, require_encryption="true") as started:
        started.import_people(PEOPLE)
        yield started


async def test_a_report_reaches_the_doctor_who_ordered_it(place: Hospital, tmp_path: Path) -> None:
    async with doctor_of(place, tmp_path) as li:
        with gateway_of(place, tmp_path / "gateway") as gateway:
            gateway.start()
            async with laboratory(gateway) as lis:
                answer = await lis.send(sample("oru-utf8-normal").raw, "S0001")
            assert answer.is_positive
            (told,) = await li.reads(1)
    card = told["org.myelin.card"]
    assert isinstance(card, dict)
    assert (card["kind"], card["patient"]["name"]) == ("lab_report", "张三")
    assert [(each["label"], each["value"], each["unit"]) for each in card["facts"]] == [
        ("钾", "4.1", "mmol/L"),
        ("葡萄糖", "5.2", "mmol/L"),
    ]
    assert "钾 4.1 mmol/L" in str(told["body"]) and "P1001" in str(told["body"])
