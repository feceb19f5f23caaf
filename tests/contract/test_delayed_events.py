"""Delayed events (MSC4140): sent when their time has come, and not before, once; managed by whoever knows their id."""

from typing import Any
from urllib.parse import quote

from tests.contract.conftest import Homeserver
from tests.contract.contract import Answer, Expected
from tests.contract.own import asked
from tests.contract.people import Account, bodies, timeline

API = "/_matrix/client/v3"
DELAYED = "/_matrix/client/unstable/org.matrix.msc4140/delayed_events"
DELAY = "org.matrix.msc4140.delay"
ERRCODE = "org.matrix.msc4140.errcode"
LONG_MS = 3_600_000


async def later(
    account: Account, room: str, text: str, delay_ms: int, txn_id: str | None = None, expect: Expected = 200
) -> Answer:
    path = f"{API}/rooms/{quote(room)}/send/m.room.message/{txn_id or f'd{next(account.transactions)}'}"
    content = {"msgtype": "m.text", "body": text}
    return await asked(account, "PUT", path, body=content, query={DELAY: delay_ms}, expect=expect)


async def state_later(account: Account, room: str, topic: str, delay_ms: int) -> str:
    path = f"{API}/rooms/{quote(room)}/state/m.room.topic/"
    answer = await asked(account, "PUT", path, body={"topic": topic}, query={DELAY: delay_ms})
    delay_id: str = answer["delay_id"]
    return delay_id


async def act(account: Account, delay_id: str, action: str, expect: Expected = 200) -> None:
    """Act as somebody who knows nothing but the id."""
    await asked(None, "POST", f"{DELAYED}/{delay_id}/{action}", body={}, expect=expect, contract=account.contract)


async def listed(account: Account, status: str, *delay_ids: str) -> list[Any]:
    query: dict[str, Any] = {"status": status, "delay_id": list(delay_ids)}
    found: list[Any] = (await asked(account, "GET", DELAYED, query=query))[status]
    return found


async def said_after(account: Account, room: str, since: str, count: int) -> list[str]:
    """The texts of a room's next messages, as they come."""
    texts: list[str] = []
    while len(texts) < count:
        answer = await account.sync(since, timeout_ms=20_000)
        since, texts = answer["next_batch"], texts + bodies(timeline(answer, room))
    return texts


async def test_an_event_comes_when_its_time_has_come(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    since = await li.position()
    delay_id = (await later(wang, room, "the tea is ready", 300))["delay_id"]
    (waiting,) = await listed(wang, "scheduled", delay_id)
    assert (waiting["room_id"], waiting["delay"], waiting["content"]["body"]) == (room, 300, "the tea is ready")
    assert await said_after(li, room, since, 1) == ["the tea is ready"]
    assert await listed(wang, "scheduled", delay_id) == []
    (outcome,) = await listed(wang, "finalised", delay_id)
    assert (outcome["outcome"], outcome["reason"]) == ("send", "delay")
    event = await wang.call("getOneRoomEvent", roomId=room, eventId=outcome["event_id"])
    assert event["origin_server_ts"] >= waiting["running_since"] + 300


async def test_those_due_come_in_the_order_of_their_times(wang: Account) -> None:
    room = await wang.create_room()
    since = await wang.position()
    for text, delay_ms in (("third", 700), ("first", 300), ("second", 500)):
        await later(wang, room, text, delay_ms)
    assert await said_after(wang, room, since, 3) == ["first", "second", "third"]


async def test_a_repeated_request_waits_once(wang: Account) -> None:
    room = await wang.create_room()
    ids = {(await later(wang, room, "once", LONG_MS, "same"))["delay_id"] for _ in range(3)}
    assert len(ids) == 1


async def test_whoever_knows_the_id_sends_cancels_and_restarts(wang: Account) -> None:
    room = await wang.create_room()
    since = await wang.position()
    sent, cancelled = [(await later(wang, room, text, LONG_MS))["delay_id"] for text in ("sent", "cancelled")]
    before = (await listed(wang, "scheduled", sent))[0]["running_since"]
    await act(wang, sent, "restart")
    assert (await listed(wang, "scheduled", sent))[0]["running_since"] >= before
    await act(wang, cancelled, "cancel")
    await act(wang, cancelled, "cancel")
    await asked(None, "POST", f"{DELAYED}/{sent}", body={"action": "send"}, contract=wang.contract)
    await act(wang, sent, "send")
    assert await said_after(wang, room, since, 1) == ["sent"]
    for delay_id, action in ((cancelled, "send"), (cancelled, "restart"), (sent, "cancel"), ("unknown", "send")):
        await act(wang, delay_id, action, expect=(404, "M_NOT_FOUND"))
    await act(wang, sent, "explode", expect=(400, "M_INVALID_PARAM"))
    one = await asked(wang, "GET", f"{DELAYED}/{sent}")
    assert one["event_id"].startswith("$")
    assert one["finalised_ts"]


async def test_nobody_sees_what_somebody_else_has_asked_for(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    delay_id = (await later(wang, room, "secret", LONG_MS))["delay_id"]
    assert await listed(li, "scheduled", delay_id) == []
    await asked(li, "GET", f"{DELAYED}/{delay_id}", expect=(404, "M_NOT_FOUND"))
    await asked(None, "GET", DELAYED, expect=(401, "M_MISSING_TOKEN"), contract=wang.contract)


async def test_ones_own_newer_state_lets_it_wait_and_anothers_cancels_it(wang: Account, li: Account) -> None:
    room = await wang.create_room(li, power_level_content_override={"state_default": 0})
    first = await state_later(wang, room, "over", LONG_MS)
    await wang.set_state(room, "m.room.topic", {"topic": "rounds"})
    await act(wang, first, "send")
    assert (await wang.state(room, "m.room.topic"))["topic"] == "over"
    second = await state_later(wang, room, "over again", 600)
    await li.set_state(room, "m.room.topic", {"topic": "handover"})
    (outcome,) = await eventually_finalised(wang, second)
    assert outcome["error"][ERRCODE] == "M_CANCELLED_BY_STATE_UPDATE"
    assert (outcome["outcome"], outcome["reason"]) == ("cancel", "error")
    assert (await wang.state(room, "m.room.topic"))["topic"] == "handover"


async def eventually_finalised(account: Account, delay_id: str) -> list[Any]:
    """The outcome, once there is one: every look is a long poll for something else."""
    since = await account.position()
    for _ in range(100):
        outcomes = await listed(account, "finalised", delay_id)
        if outcomes:
            return outcomes
        await account.sync(since, timeout_ms=100)
    raise AssertionError("it waits for ever")


async def test_what_the_room_refuses_then_is_kept_with_the_reason(wang: Account, li: Account) -> None:
    room = await wang.create_room(li)
    delay_id = (await later(li, room, "too late", 300))["delay_id"]
    await li.leave(room)
    (outcome,) = await eventually_finalised(li, delay_id)
    assert outcome["error"]["errcode"] == "M_FORBIDDEN"
    assert outcome["delayed_event"]["content"]["body"] == "too late"
    await act(li, delay_id, "send", expect=(403, "M_FORBIDDEN"))


async def test_a_redaction_can_wait_too(wang: Account) -> None:
    room = await wang.create_room()
    said = await wang.say(room, "for a moment")
    path = f"{API}/rooms/{quote(room)}/send/m.room.redaction/r1"
    answer = await asked(wang, "PUT", path, body={"redacts": said}, query={DELAY: LONG_MS})
    await act(wang, answer["delay_id"], "send")
    assert (await wang.call("getOneRoomEvent", roomId=room, eventId=said))["content"] == {}


async def test_the_newer_request(wang: Account) -> None:
    room = await wang.create_room()
    place = f"/_matrix/client/unstable/org.matrix.msc4140/rooms/{quote(room)}/delayed_event/m.room.topic/t1"
    body = {"delay_ms": LONG_MS, "state_key": "", "content": {"topic": "later"}}
    delay_id = (await asked(wang, "PUT", place, body=body))["delay_id"]
    assert (await asked(wang, "PUT", place, body=body))["delay_id"] == delay_id
    await act(wang, delay_id, "send")
    assert (await wang.state(room, "m.room.topic"))["topic"] == "later"
    await asked(wang, "PUT", place, body={"content": {}}, expect=(400, "M_MISSING_PARAM"))
    for delay_ms in (-1, 0):
        await asked(wang, "PUT", place[:-1] + "2", body=body | {"delay_ms": delay_ms}, expect=(400, "M_INVALID_PARAM"))
    broken: list[dict[str, Any]] = [
        {"state_key": 7},
        {"state_key": "\x00"},
        {"content": []},
        {"delay_ms": "1"},
        {"delay_ms": 1.5},
        {"delay_ms": True},
    ]
    for wrong in broken:
        await asked(wang, "PUT", place[:-1] + "3", body=body | wrong, expect=(400, "M_BAD_JSON"))


async def test_limits(wang: Account, server: Homeserver) -> None:
    room = await wang.create_room()
    versions = await server.call("getVersions")
    assert versions["unstable_features"]["org.matrix.msc4140"] is True
    limits = (await wang.call("getCapabilities"))["capabilities"]["org.matrix.msc4140.delayed_events"]
    refusal = await later(wang, room, "x", limits["max_delay_ms"] + 1, expect=(400, "M_UNKNOWN"))
    assert refusal[ERRCODE] == "M_MAX_DELAY_EXCEEDED"
    assert refusal["org.matrix.msc4140.max_delay"] == limits["max_delay_ms"]
    await later(wang, room, "x", 0, expect=(400, "M_INVALID_PARAM"))
    for _ in range(limits["max_scheduled"]):
        await later(wang, room, "x", LONG_MS)
    refusal = await later(wang, room, "x", LONG_MS, expect=(400, "M_UNKNOWN"))
    assert refusal[ERRCODE] == "M_MAX_DELAYED_EVENTS_EXCEEDED"


async def test_what_could_never_be_sent_is_refused_at_once(wang: Account) -> None:
    room = await wang.create_room()
    place = f"{API}/rooms/{quote(room)}"
    for path, content, expect in (
        ("send/m.room.member/x1", {}, (400, "M_INVALID_PARAM")),
        ("send/m.room.message/x2", {"body": "x" * 70_000}, (413, "M_TOO_LARGE")),
        ("send/m.room.message/x3", {"body": 1.5}, (400, "M_BAD_JSON")),
        ("send/m.room.redaction/x4", {}, (400, "M_BAD_JSON")),
    ):
        await asked(wang, "PUT", f"{place}/{path}", body=content, query={DELAY: LONG_MS}, expect=expect)
    text = {"msgtype": "m.text", "body": "x"}
    await asked(
        wang,
        "PUT",
        f"{place}/send/m.room.message/x5",
        body=text,
        query={DELAY: "soon"},
        expect=(400, "M_INVALID_PARAM"),
    )
