"""The people of the stories: what one signed-in person does, one short call each.

Every call goes through `Contract`, so that each answer is checked whatever the story is about.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.contract.contract import Answer, Contract, Expected, Query

Event = dict[str, Any]
SPOKEN = {"王护士": "wang", "李医生": "li", "赵主任": "zhao", "陈药师": "chen"}


@dataclass
class Account:
    """One person on one device."""

    contract: Contract
    user_id: str
    access_token: str
    device_id: str
    password: str
    transactions: "itertools.count[int]" = field(default_factory=itertools.count)

    async def call(self, operation_id: str, **arguments: Any) -> Answer:
        return await self.contract.call(operation_id, token=self.access_token, **arguments)

    async def confirmed(self, operation_id: str, *, body: Event | None = None, **arguments: Any) -> Answer:
        """The answer after the person has given the password that the server asks for."""
        challenge = await self.call(operation_id, body=body or {}, **arguments, expect=401)
        auth = {
            "type": "m.login.password",
            "identifier": identifier(self.user_id),
            "password": self.password,
            "session": challenge["session"],
        }
        return await self.call(operation_id, body={**(body or {}), "auth": auth}, **arguments)

    async def create_room(self, *invited: "Account", **wishes: Any) -> str:
        """A room of one's own; the invited have joined it when this returns."""
        body = {"preset": "private_chat", "invite": [person.user_id for person in invited], **wishes}
        room_id: str = (await self.call("createRoom", body=body))["room_id"]
        for person in invited:
            await person.join(room_id)
        return room_id

    async def join(self, room_id: str, expect: Expected = 200) -> Answer:
        return await self.call("joinRoomById", roomId=room_id, body={}, expect=expect)

    async def leave(self, room_id: str) -> Answer:
        return await self.call("leaveRoom", roomId=room_id, body={})

    async def invite(self, room_id: str, person: "Account", expect: Expected = 200) -> Answer:
        return await self.call("inviteUser", roomId=room_id, body={"user_id": person.user_id}, expect=expect)

    async def send(
        self,
        room_id: str,
        content: Event,
        event_type: str = "m.room.message",
        transaction: str | None = None,
        expect: Expected = 200,
    ) -> Answer:
        return await self.call(
            "sendMessage",
            roomId=room_id,
            eventType=event_type,
            txnId=transaction or f"t{next(self.transactions)}",
            body=content,
            expect=expect,
        )

    async def say(self, room_id: str, text: str, **extra: Any) -> str:
        """The id of a text message that was accepted."""
        answer = await self.send(room_id, {"msgtype": "m.text", "body": text, **extra})
        event_id: str = answer["event_id"]
        return event_id

    async def set_state(
        self, room_id: str, event_type: str, content: Event, state_key: str = "", expect: Expected = 200
    ) -> Answer:
        return await self.call(
            "setRoomStateWithKey",
            roomId=room_id,
            eventType=event_type,
            stateKey=state_key,
            body=content,
            expect=expect,
        )

    async def state(self, room_id: str, event_type: str, state_key: str = "", **arguments: Any) -> Answer:
        return await self.call(
            "getRoomStateWithKey", roomId=room_id, eventType=event_type, stateKey=state_key, **arguments
        )

    async def redact(self, room_id: str, event_id: str, **arguments: Any) -> Answer:
        return await self.call(
            "redactEvent",
            roomId=room_id,
            eventId=event_id,
            txnId=f"t{next(self.transactions)}",
            body={},
            **arguments,
        )

    async def sync(self, since: str | None = None, timeout_ms: int = 0, **query: Any) -> Answer:
        wishes: Query = {"timeout": timeout_ms, **({"since": since} if since else {}), **query}
        return await self.call("sync", query=wishes)

    async def position(self) -> str:
        """The `next_batch` of a sync made now: what comes after it is what happened since."""
        token: str = (await self.sync())["next_batch"]
        return token

    async def messages(self, room_id: str, expect: Expected = 200, **query: Any) -> Answer:
        return await self.call("getRoomEvents", roomId=room_id, query={"dir": "b", **query}, expect=expect)


def identifier(user: str) -> dict[str, str]:
    return {"type": "m.id.user", "user": user}


def joined(answer: Answer, room_id: str) -> Any:
    """The room's part of a sync; it must be there."""
    return answer["rooms"]["join"][room_id]


def timeline(answer: Answer, room_id: str) -> list[Event]:
    """The room's timeline in a sync; none where the sync does not mention the room."""
    room = answer.body.get("rooms", {}).get("join", {}).get(room_id, {})
    events: list[Event] = room.get("timeline", {}).get("events", [])
    return events


def ephemeral(answer: Answer, room_id: str, event_type: str) -> list[Event]:
    room = answer.body.get("rooms", {}).get("join", {}).get(room_id, {})
    return [event for event in room.get("ephemeral", {}).get("events", []) if event["type"] == event_type]


def of_type(events: Iterable[Event], event_type: str) -> list[Event]:
    return [event for event in events if event["type"] == event_type]


def bodies(events: Iterable[Event]) -> list[str]:
    return [event["content"]["body"] for event in events if "body" in event["content"]]


def event_ids(events: Iterable[Event]) -> list[str]:
    return [event["event_id"] for event in events]
