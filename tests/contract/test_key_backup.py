"""Key backup: versions of it, and the keys in it, of which the better one is kept."""

import pytest

from tests.contract.conftest import Homeserver
from tests.contract.people import Account, Event

ALGORITHM = "m.megolm_backup.v1.curve25519-aes-sha2"
ROOM, OTHER_ROOM = "!ward:example.org", "!theatre:example.org"
PLACES: dict[str, dict[str, str]] = {
    "RoomKeys": {},
    "RoomKeysByRoomId": {"roomId": ROOM},
    "RoomKeyBySessionId": {"roomId": ROOM, "sessionId": "s1"},
}


def session(index: int = 0, verified: bool = False, forwarded: int = 0, text: str = "sealed") -> Event:
    return {
        "first_message_index": index,
        "forwarded_count": forwarded,
        "is_verified": verified,
        "session_data": {"ciphertext": text, "ephemeral": "e", "mac": "m"},
    }


def body_for(operation: str, value: Event) -> Event:
    """The same one session as the body of each of the three uploads."""
    sessions = {"sessions": {"s1": value}}
    bodies = {"RoomKeys": {"rooms": {ROOM: sessions}}, "RoomKeysByRoomId": sessions, "RoomKeyBySessionId": value}
    return bodies[operation]


async def new_version(account: Account, auth: str = "public") -> str:
    body = {"algorithm": ALGORITHM, "auth_data": {"public_key": auth, "signatures": {}}}
    version: str = (await account.call("postRoomKeysVersion", body=body))["version"]
    return version


async def put(account: Account, version: str, value: Event, operation: str = "RoomKeyBySessionId") -> Event:
    answer = await account.call(
        f"put{operation}", **PLACES[operation], query={"version": version}, body=body_for(operation, value)
    )
    found: Event = answer.body
    return found


async def kept(account: Account, version: str) -> Event:
    place = PLACES["RoomKeyBySessionId"]
    found: Event = (await account.call("getRoomKeyBySessionId", **place, query={"version": version})).body
    return found


async def test_a_new_person_has_no_backup(wang: Account) -> None:
    await wang.call("getRoomKeysVersionCurrent", expect=(404, "M_NOT_FOUND"))
    await wang.call("getRoomKeysVersion", version="1", expect=(404, "M_NOT_FOUND"))


async def test_the_newest_version_is_the_current_one(wang: Account) -> None:
    first, second = await new_version(wang, "one"), await new_version(wang, "two")
    assert first != second
    current = await wang.call("getRoomKeysVersionCurrent")
    assert (current["version"], current["auth_data"]["public_key"], current["count"]) == (second, "two", 0)
    assert (await wang.call("getRoomKeysVersion", version=first))["auth_data"]["public_key"] == "one"


async def test_a_version_is_signed_again(wang: Account) -> None:
    version = await new_version(wang)
    auth_data = {"public_key": "public", "signatures": {wang.user_id: {"ed25519:x": "y"}}}
    body = {"algorithm": ALGORITHM, "auth_data": auth_data, "version": version}
    await wang.call("putRoomKeysVersion", version=version, body=body)
    assert (await wang.call("getRoomKeysVersion", version=version))["auth_data"] == auth_data


async def test_a_version_stays_what_it_is(wang: Account) -> None:
    version = await new_version(wang)
    body = {"algorithm": ALGORITHM, "auth_data": {"public_key": "public"}, "version": version}
    change = {"algorithm": "m.other"}
    await wang.call("putRoomKeysVersion", version=version, body={**body, **change}, expect=(400, "M_INVALID_PARAM"))
    wrong = {**body, "version": "99"}
    await wang.call("putRoomKeysVersion", version=version, body=wrong, expect=(400, "M_INVALID_PARAM"))
    unknown = {"algorithm": ALGORITHM, "auth_data": {}}
    await wang.call("putRoomKeysVersion", version="99", body=unknown, expect=(404, "M_NOT_FOUND"))


async def test_a_deleted_version_is_gone_and_may_be_deleted_again(wang: Account) -> None:
    version = await new_version(wang)
    await put(wang, version, session())
    for _ in range(2):
        await wang.call("deleteRoomKeysVersion", version=version)
    await wang.call("getRoomKeysVersion", version=version, expect=(404, "M_NOT_FOUND"))
    await wang.call("getRoomKeysVersionCurrent", expect=(404, "M_NOT_FOUND"))
    await wang.call("deleteRoomKeysVersion", version="99", expect=(404, "M_NOT_FOUND"))


@pytest.mark.parametrize("operation", PLACES)
async def test_keys_are_put_and_got(wang: Account, operation: str) -> None:
    version = await new_version(wang)
    answer = await put(wang, version, session(), operation)
    assert answer["count"] == 1
    found = await wang.call(f"get{operation}", **PLACES[operation], query={"version": version})
    assert found.body == body_for(operation, session())
    assert await kept(wang, version) == session()
    current = await wang.call("getRoomKeysVersionCurrent")
    assert (current["count"], current["etag"]) == (1, answer["etag"])


@pytest.mark.parametrize("operation", PLACES)
async def test_keys_are_deleted(wang: Account, operation: str) -> None:
    version = await new_version(wang)
    before = await put(wang, version, session())
    place = {"roomId": OTHER_ROOM, "sessionId": "s2"}
    await wang.call("putRoomKeyBySessionId", **place, query={"version": version}, body=session())
    answer = await wang.call(f"delete{operation}", **PLACES[operation], query={"version": version})
    assert answer["count"] == (0 if operation == "RoomKeys" else 1)
    assert answer["etag"] != before["etag"]
    lost = PLACES["RoomKeyBySessionId"]
    await wang.call("getRoomKeyBySessionId", **lost, query={"version": version}, expect=(404, "M_NOT_FOUND"))


# new key, kept key, whether the new one takes its place
BETTER = [
    (session(5, verified=True), session(0), True),
    (session(0), session(5, verified=True), False),
    (session(1), session(2), True),
    (session(2), session(1), False),
    (session(1, forwarded=0), session(1, forwarded=2), True),
    (session(1, forwarded=2), session(1, forwarded=0), False),
    (session(1, text="new"), session(1, text="old"), False),
]


@pytest.mark.parametrize(("new", "old", "replaces"), BETTER)
async def test_the_better_key_is_kept(wang: Account, new: Event, old: Event, replaces: bool) -> None:
    version = await new_version(wang)
    before = await put(wang, version, old)
    after = await put(wang, version, new)
    assert await kept(wang, version) == (new if replaces else old)
    assert (before["etag"] != after["etag"]) is replaces


@pytest.mark.parametrize("operation", PLACES)
async def test_keys_go_only_into_the_current_version(wang: Account, operation: str) -> None:
    old, current = await new_version(wang), await new_version(wang)
    answer = await wang.call(
        f"put{operation}",
        **PLACES[operation],
        query={"version": old},
        body=body_for(operation, session()),
        expect=(403, "M_WRONG_ROOM_KEYS_VERSION"),
    )
    assert answer["current_version"] == current


@pytest.mark.parametrize("act", ["get", "delete", "put"])
@pytest.mark.parametrize("operation", PLACES)
async def test_without_a_backup_there_is_nothing(wang: Account, act: str, operation: str) -> None:
    body = {"body": body_for(operation, session())} if act == "put" else {}
    await wang.call(
        f"{act}{operation}", **PLACES[operation], query={"version": "99"}, **body, expect=(404, "M_NOT_FOUND")
    )


async def test_an_empty_backup_answers_with_nothing_in_it(wang: Account) -> None:
    version = {"version": await new_version(wang)}
    assert (await wang.call("getRoomKeys", query=version))["rooms"] == {}
    assert (await wang.call("getRoomKeysByRoomId", roomId=ROOM, query=version))["sessions"] == {}
    place = PLACES["RoomKeyBySessionId"]
    await wang.call("getRoomKeyBySessionId", **place, query=version, expect=(404, "M_NOT_FOUND"))


async def test_backups_are_private(wang: Account, li: Account) -> None:
    version = await new_version(wang)
    await put(wang, version, session())
    await li.call("getRoomKeys", query={"version": version}, expect=(404, "M_NOT_FOUND"))
    await li.call("getRoomKeysVersion", version=version, expect=(404, "M_NOT_FOUND"))


async def test_backups_need_a_token(server: Homeserver) -> None:
    await server.call("getRoomKeysVersionCurrent", expect=(401, "M_MISSING_TOKEN"))
    await server.call("putRoomKeys", query={"version": "1"}, body={"rooms": {}}, expect=(401, "M_MISSING_TOKEN"))


async def test_broken_bodies_are_refused(wang: Account) -> None:
    version = await new_version(wang)
    await wang.call("postRoomKeysVersion", content=b"{", expect=(400, "M_NOT_JSON"))
    await wang.call("postRoomKeysVersion", body={"algorithm": ALGORITHM}, expect=400)
    await wang.call("putRoomKeys", query={"version": version}, content=b"{", expect=(400, "M_NOT_JSON"))
