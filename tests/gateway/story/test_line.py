"""A laboratory says something, and the doctor who asked reads it: bytes in, a card on a device of theirs out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from nio import AsyncClient

from tests.contract.hospital import Hospital
from tests.databases import new_database
from tests.gateway.beds import doctor_of, gateway_of, laboratory, report
from tests.gateway.samples import sample
from tests.servers import SERVER_NAME

pytestmark = [pytest.mark.anyio, pytest.mark.clients, pytest.mark.database]
DOCS = Path(__file__).resolve().parents[3] / "docs"
SCHEMA = Draft202012Validator(json.loads((DOCS / "card.schema.json").read_text()))


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
async def test_a_report_reaches_the_doctor_who_ordered_it(
    place: Hospital, tmp_path: Path, postgres_url: str, store: str
) -> None:
    url = "sqlite:///gateway.db" if store == "sqlite" else await new_database(postgres_url)
    async with doctor_of(place, tmp_path) as li:
        with gateway_of(place, tmp_path / "gateway", url) as gateway:
            gateway.start()
            async with laboratory(gateway) as lis:
                answers = [await lis.send(sample("oru-utf8-normal").raw, "S0001") for _ in range(2)]
            assert all(each.is_positive for each in answers)
            (told,) = await li.reads(1)
            assert gateway.stop() == 0
    card = told["org.myelin.card"]
    assert isinstance(card, dict)
    SCHEMA.validate(card)
    assert (card["kind"], card["patient"]["name"]) == ("lab_report", "张三")
    assert [(each["label"], each["value"], each["unit"]) for each in card["facts"]] == [
        ("钾", "4.1", "mmol/L"),
        ("葡萄糖", "5.2", "mmol/L"),
    ]
    assert "钾 4.1 mmol/L" in str(told["body"]) and "P1001" in str(told["body"])


async def test_a_critical_value_comes_in_a_feed_of_its_own(place: Hospital, tmp_path: Path) -> None:
    async with doctor_of(place, tmp_path) as li:
        with gateway_of(place, tmp_path / "gateway") as gateway:
            gateway.start()
            async with laboratory(gateway) as lis:
                await lis.send(report("S1"), "S1")
                await li.reads(1)
                await lis.send(report("S2", flag="HH"), "S2")
                await li.reads(2)
    cards = [card["org.myelin.card"] for card in li.cards]
    for card in cards:
        SCHEMA.validate(card)
    assert [card["kind"] for card in cards if isinstance(card, dict)] == ["lab_report", "critical_value"]
    assert li.cards[0]["room_id"] != li.cards[1]["room_id"]


async def test_a_report_waits_for_the_first_device(place: Hospital, tmp_path: Path) -> None:
    with gateway_of(place, tmp_path / "gateway") as gateway:
        gateway.start()
        async with laboratory(gateway) as lis, doctor_of(place, tmp_path, "d002") as zhao:
            await lis.send(report("S1"), "S1")
            await lis.send(report("S2", orderer="D002"), "S2")
            await zhao.reads(1)
            await gateway.has_cards("no_device", "sent")
            async with doctor_of(place, tmp_path) as li:
                await li.reads(1)
    assert li.unreadable == 0


async def test_a_device_that_its_owner_has_not_signed_reads_nothing(place: Hospital, tmp_path: Path) -> None:
    async with doctor_of(place, tmp_path) as li:
        stranger = AsyncClient(place.url, f"@d001:{SERVER_NAME}", store_path=str(tmp_path))
        await stranger.login("the password of d001")
        await stranger.keys_upload()
        await stranger.sync(timeout=0)
        if stranger.should_upload_keys:
            await stranger.keys_upload()
        with gateway_of(place, tmp_path / "gateway") as gateway:
            gateway.start()
            async with laboratory(gateway) as lis:
                await lis.send(report("S1"), "S1")
            await li.reads(1)
        synced = await stranger.sync(timeout=0)
        await stranger.close()
    assert not synced.to_device_events


async def test_what_names_nobody_goes_to_the_fallback(place: Hospital, tmp_path: Path) -> None:
    place.command_on("角色,工号,开始,结束,后备\n总值班,D002,,,\n重症医学科-值班,D001,,,\n", "duty", "import")
    async with doctor_of(place, tmp_path) as li:
        with gateway_of(place, tmp_path / "gateway", more='fallback_role = "重症医学科-值班"') as gateway:
            gateway.start()
            async with laboratory(gateway) as lis:
                # Without an orderer; with one that no map knows; with one that has left.
                for control_id, orderer in (("S1", ""), ("S2", "X999"), ("S3", "D404")):
                    await lis.send(report(control_id, orderer), control_id)
            assert len(await li.reads(3)) == 3


async def test_it_listens_while_the_homeserver_is_away(place: Hospital, tmp_path: Path) -> None:
    with gateway_of(place, tmp_path / "gateway") as gateway:
        away = gateway.folder / "gateway.toml"
        written = away.read_text()
        away.write_text(written.replace(place.url, "http://127.0.0.1:9"))
        gateway.start()
        async with laboratory(gateway) as lis:
            assert (await lis.send(report("S1"), "S1")).is_positive
        assert gateway.stop() == 0
        away.write_text(written)
        gateway.start()
        async with doctor_of(place, tmp_path) as li:
            await li.reads(1)


async def test_another_identity_gets_nothing_until_somebody_confirms_it(place: Hospital, tmp_path: Path) -> None:
    with gateway_of(place, tmp_path / "gateway") as gateway:
        gateway.start()
        async with laboratory(gateway) as lis:
            async with doctor_of(place, tmp_path) as li:
                await lis.send(report("S1"), "S1")
                await li.reads(1)
            async with doctor_of(place, tmp_path / "elsewhere") as stranger, doctor_of(place, tmp_path, "d002") as zhao:
                await lis.send(report("S2"), "S2")
                await lis.send(report("S3", orderer="D002"), "S3")
                await zhao.reads(1)
                await gateway.has_cards("sent", "no_device", "sent")
                assert stranger.cards == []
