"""王护士 and 李医生 talk through matrix-nio, encrypted; the server carries what it cannot read."""

import io
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from nio import MemoryDownloadResponse, RoomEncryptedFile, UploadResponse
from nio.crypto.attachments import decrypt_attachment

from tests.clients.nio.devices import Device, readable, signed_in, spoken, started_again, undecrypted
from tests.clients.nio.wards import Ward

pytestmark = [pytest.mark.clients, pytest.mark.slow]


def numbered(what: str, count: int) -> list[str]:
    return [f"{what} {number}" for number in range(1, count + 1)]


def by(person: Device, texts: list[str]) -> list[tuple[str, str]]:
    return [(person.user_id, text) for text in texts]


async def test_a_hundred_messages_each_way_arrive_once_and_in_order(ward: Ward) -> None:
    reports, answers = numbered("床旁报告", 100), numbered("医嘱", 100)
    async with anyio.create_task_group() as together:
        together.start_soon(ward.wang.say, ward.room_id, *reports)
        together.start_soon(ward.li.say, ward.room_id, *answers)
        for person in (ward.wang, ward.li):
            together.start_soon(person.turn_until, partial(person.has_read, 200))

    for person in (ward.wang, ward.li):
        await person.turn()
        assert person.undecrypted == []
        assert [said for said in person.spoken if said[0] == ward.wang.user_id] == by(ward.wang, reports)
        assert [said for said in person.spoken if said[0] == ward.li.user_id] == by(ward.li, answers)
    assert ward.wang.spoken == ward.li.spoken
    assert spoken(await ward.li.history(ward.room_id)) == ward.li.spoken


async def test_a_file_crosses_the_server_as_ciphertext(ward: Ward) -> None:
    picture = bytes(range(256)) * 1200
    upload, keys = await ward.wang.client.upload(io.BytesIO(picture), "image/png", encrypt=True, filesize=len(picture))
    assert isinstance(upload, UploadResponse), upload
    file = {"url": upload.content_uri, **keys}
    await ward.wang.send(ward.room_id, {"msgtype": "m.file", "body": "ecg.png", "file": file})

    await ward.li.turn_until(partial(ward.li.has_read, 1))
    (received,) = ward.li.read
    assert isinstance(received, RoomEncryptedFile)
    download = await ward.li.client.download(received.url)
    assert isinstance(download, MemoryDownloadResponse), download
    assert len(download.body) == len(picture)
    assert picture[:64] not in download.body
    opened = decrypt_attachment(download.body, received.key["k"], received.hashes["sha256"], received.iv)
    assert opened == picture


async def test_a_device_that_was_off_receives_everything_when_it_returns(ward: Ward) -> None:
    await ward.wang.say(ward.room_id, "before")
    await ward.li.turn_until(partial(ward.li.has_read, 1))
    await ward.li.client.close()

    # A new session: its key, too, has to wait at the server. More messages than one sync brings.
    ward.wang.client.invalidate_outbound_session(ward.room_id)
    missed = numbered("夜班", 45)
    await ward.wang.say(ward.room_id, *missed)
    async with started_again(ward.li) as li:
        await li.turn_until(partial(li.has_read, len(missed)))
        await li.turn()
        assert li.undecrypted == []
        assert li.spoken == by(ward.wang, missed)
        await li.say(ward.room_id, "read")
        await ward.wang.turn_until(partial(ward.wang.heard, li, "read"))


async def test_history_after_signing_in_again(ward: Ward, tmp_path: Path) -> None:
    said = numbered("查房", 15)
    await ward.wang.say(ward.room_id, *said)
    await ward.li.say(ward.room_id, "noted")
    everything = [*by(ward.wang, said), (ward.li.user_id, "noted")]

    # The old device, started again, reads the whole past with the keys in its store.
    async with started_again(ward.li) as old:
        await old.turn_until(partial(old.has_read, len(everything)))
        past = await old.history(ward.room_id)
        assert (spoken(past), undecrypted(past)) == (everything, [])

        # A new device of the same person sees every event of the past, and can read none without the keys.
        async with signed_in(ward.li.account, tmp_path / "li-new") as new:
            sealed = undecrypted(await new.history(ward.room_id))
            assert [event.event_id for event in sealed] == [event.event_id for event in readable(past)]
            await the_new_device_is_trusted(ward.wang, old, new)

            # What is said from now on reaches both devices.
            await ward.wang.say(ward.room_id, "welcome back")
            for device in (old, new):
                await device.turn_until(partial(device.heard, ward.wang, "welcome back"))

            # Asked for the keys, the old device gives them to the new one; then the past opens.
            await keys_are_handed_over(ward.room_id, old, new, sealed)
            reopened = await new.history(ward.room_id)
            assert (spoken(reopened)[: len(everything)], undecrypted(reopened)) == (everything, [])


async def the_new_device_is_trusted(wang: Device, old: Device, new: Device) -> None:
    for device in (wang, old):
        await device.turn_until(partial(device.knows, new))
        device.trust(new)
    for other in (wang, old):
        await new.turn_until(partial(new.knows, other))
        new.trust(other)


async def keys_are_handed_over(room_id: str, old: Device, new: Device, sealed: list[Any]) -> None:
    first_of_each_session = {event.session_id: event for event in reversed(sealed)}
    for event in first_of_each_session.values():
        await new.client.request_room_key(event)
    await old.turn()
    # The old device has now opened a channel to the new one; nio answers at its next sync that brings something.
    await new.say(room_id, "are my keys there?")
    await old.turn()
    await new.turn_until(lambda: not new.client.outgoing_key_requests)
