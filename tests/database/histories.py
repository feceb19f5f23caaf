"""Random histories of a hospital's log: people, devices, rooms of all versions, and everything that is done in them.

An act is a function of the history that returns a proposal; what the rules refuse is part of the history.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from random import Random
from typing import Any, cast

from myelin.actions.acknowledgement import Wanted, acknowledge, remind, request_acknowledgement
from myelin.actions.aliases import delete_alias, publish_room, set_alias
from myelin.actions.create_room import InitialState, NewRoom, create_room
from myelin.actions.members import ban, forget, invite, join_room, kick, leave, unban
from myelin.actions.redact import redact
from myelin.actions.report import report
from myelin.actions.send_event import send_event
from myelin.actions.sender import Sender
from myelin.actions.servers_hand import make_hand
from myelin.actions.state import set_state
from myelin.actions.upgrade_room import Upgrade, upgrade_room
from myelin.append.collector import record_deliveries, record_receipts
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries import facts as kinds
from myelin.entries.entry import Draft
from myelin.entries.items import Delivery, Receipt
from myelin.matrix.errors import MatrixError
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import room_version
from myelin.rules.default_push_rules import default_ruleset
from myelin.rules.push import add_rule
from tests.database.directory_acts import DIRECTORY_ACTS, LAB
from tests.database.logs import OpenLog, emitted
from tests.servers import SERVER_NAME

PEOPLE = [f"@{name}:{SERVER_NAME}" for name in ("wang", "li", "chen", "zhou")]
STATION = f"@_station.ward:{SERVER_NAME}"
DEVICES = ["BED1", "BED2"]
ALIASES = [f"#{name}:{SERVER_NAME}" for name in ("ward", "icu")]
REPLACED_SHARE = 0.4
EVERYBODY_MAY: JsonObject = {"redact": 0, "state_default": 0, "events_default": 0, "kick": 0, "ban": 0}
STATE: list[tuple[str, JsonObject]] = [
    ("m.room.name", {"name": "ward"}),
    ("m.room.join_rules", {"join_rule": "public"}),
    ("m.room.join_rules", {"join_rule": "restricted", "allow": []}),
    ("m.room.history_visibility", {"history_visibility": "joined"}),
    ("m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"}),
]

AnyProposal = Proposal[Any]


class History:
    """What has happened so far, as far as the next act needs it."""

    def __init__(self, log: OpenLog, random: Random) -> None:
        self.log = log
        self.random = random
        self.count = 0
        self.rooms: list[str] = []
        self.events: list[tuple[str, str]] = []

    def one(self, *values: Any) -> Any:
        return self.random.choice(values)

    def number(self) -> int:
        self.count += 1
        return self.count

    @property
    def sender(self) -> Sender:
        return Sender(self.one(*PEOPLE), self.one(*DEVICES))

    @property
    def room_id(self) -> str:
        return self.random.choice(self.rooms)

    @property
    def event(self) -> tuple[str, str]:
        return self.random.choice(self.events)

    async def begin(self) -> None:
        """Everybody signs in on two devices, and there is a room of each version."""
        for user_id in PEOPLE:
            device = kinds.DeviceAdded("m.login.password")
            added = (Draft(facts=device, sender=user_id, device_id=name, body=b'"a phone"') for name in DEVICES)
            await self.log.emit(Draft(facts=kinds.AccountCreated(), sender=user_id), *added)
        for version in ("10", "11", "12"):
            new = NewRoom(
                version=room_version(version),
                preset="public_chat",
                invite=PEOPLE[1:2],
                initial_state=[InitialState("m.room.topic", {"topic": "rounds"})],
                power_level_content_override=EVERYBODY_MAY,
            )
            self.rooms.append(await self.log.pool.submit(create_room(Sender(PEOPLE[0], DEVICES[0]), new)))
        await self.log.emit(Draft(facts=kinds.AccountCreated("service"), sender=LAB))
        await self.log.emit(Draft(facts=kinds.AccountCreated("station", "d1"), sender=STATION))
        await self.log.pool.submit(make_hand())
        await self.act_all(joined_by(user_id, room_id) for user_id in PEOPLE[1:] for room_id in self.rooms[1:])

    async def go_on(self, acts: int) -> None:
        """Let this many things happen, several of them in one batch now and then."""
        while acts > 0:
            together = min(acts, self.random.choice([1, 2, 7, 25]))
            await self.act_all(self.one(*ACTS)(self) for _ in range(together))
            self.log.now_ms += self.random.choice([0, 3, 70_000])
            acts -= together

    async def act_all(self, proposals: Iterator[AnyProposal]) -> None:
        await asyncio.gather(*map(self.act, list(proposals)))

    async def act(self, proposal: AnyProposal) -> None:
        try:
            answer = await self.log.pool.submit(proposal)
        except MatrixError as refusal:
            assert refusal.status < 500, refusal
            return
        if isinstance(answer, str) and answer.startswith("!") and answer not in self.rooms:
            self.rooms.append(answer)
        if isinstance(answer, str) and answer.startswith("$"):
            event = (await self.log.loader.events([answer]))[answer].event
            assert event is not None
            self.events.append((event.room_id, answer))


def joined_by(user_id: str, room_id: str) -> AnyProposal:
    return join_room(Sender(user_id, DEVICES[0]), room_id)


def a_replacement(history: History) -> AnyProposal:
    # Hardly ever, or nobody could write anywhere any more.
    if history.random.random() > REPLACED_SHARE:
        return join_room(history.sender, history.room_id)
    upgrade = Upgrade(
        room_id=history.room_id,
        version=room_version(history.one("10", "11", "12")),
        aliases=ALIASES,
        listed=history.one(True, False),
    )
    return upgrade_room(history.sender, upgrade, None)


def an_acknowledgement(history: History) -> AnyProposal:
    room_id, event_id = history.event if history.events else (history.room_id, "$unknown")
    until = history.log.now_ms + history.one(1, 1_000_000)
    proposal: AnyProposal = history.one(
        request_acknowledgement(history.sender, room_id, event_id, Wanted(None, until)),
        acknowledge(history.sender, room_id, event_id),
        remind(history.sender, room_id, event_id),
    )
    return proposal


def a_report(history: History) -> AnyProposal:
    room_id, event_id = history.event if history.events else (history.room_id, None)
    reported = history.one(kinds.Reported(event_id=event_id), kinds.Reported(user_id=history.one(*PEOPLE)))
    return report(history.sender, reported, room_id if reported.user_id is None else None, "not a place for this")


# --- in rooms ---


def a_message(history: History) -> AnyProposal:
    content: JsonObject = {"msgtype": "m.text", "body": f"note {history.number()}"}
    if history.events and history.one(True, False):
        rel_type = history.one("m.thread", "m.annotation", "m.reference")
        content["m.relates_to"] = {"rel_type": rel_type, "event_id": history.event[1], "key": "+"}
    if history.one(True, False):
        content["m.mentions"] = {"user_ids": [history.one(*PEOPLE)]}
    txn_id = history.one("again", str(history.number()))
    return send_event(history.sender, history.room_id, "m.room.message", content, txn_id)


def a_redaction(history: History) -> AnyProposal:
    if not history.events:
        return a_message(history)
    room_id, event_id = history.event
    return redact(history.sender, room_id, event_id, {"reason": "mistaken"}, f"redact/{event_id}/{history.number()}")


def a_state_event(history: History) -> AnyProposal:
    event_type, content = history.one(*STATE)
    return set_state(history.sender, history.room_id, event_type, "", content)


def a_membership(history: History) -> AnyProposal:
    change = history.one(invite, kick, ban, unban, join_room, join_room, leave, forget)
    if change in (join_room, leave, forget):
        return change(history.sender, history.room_id)  # type: ignore[no-any-return]
    return change(history.sender, history.room_id, history.one(*PEOPLE), "as agreed")  # type: ignore[no-any-return]


def a_name_in_a_room(history: History) -> AnyProposal:
    sender = history.sender
    content: JsonObject = {"membership": "join", "displayname": history.one("W", "V")}
    return set_state(sender, history.room_id, "m.room.member", sender.user_id, content)


def an_alias(history: History) -> AnyProposal:
    alias = history.one(*ALIASES)
    if history.one(True, False):
        return delete_alias(history.sender, alias)
    return set_alias(history.sender, alias, history.room_id)


def a_listing(history: History) -> AnyProposal:
    return publish_room(history.sender, history.room_id, history.one(True, False))


# --- what was read and delivered ---


def a_receipt(history: History) -> Receipt:
    room_id, event_id = history.event
    sender = history.sender
    return Receipt(
        user_id=sender.user_id,
        device_id=sender.device_id,
        room_id=room_id,
        event_id=event_id,
        read_position=history.random.randrange(3, 8),
        at=history.log.now_ms + history.number(),
        thread=history.one(None, "main", event_id),
        private=history.one(True, False),
    )


def receipts(history: History) -> AnyProposal:
    if not history.events:
        return a_message(history)
    return record_receipts(tuple(a_receipt(history) for _ in range(history.one(1, 4))))


def deliveries(history: History) -> AnyProposal:
    head = history.log.memory.head
    items = (Delivery(history.one(2, 3), history.one(20, 30), head - 2, head, history.log.now_ms) for _ in range(2))
    return record_deliveries(tuple(items))


# --- of people ---


def of(history: History, facts: kinds.AnyFacts, body: bytes = b"null", room_id: str | None = None) -> AnyProposal:
    sender = history.sender
    draft = Draft(facts=facts, sender=sender.user_id, device_id=sender.device_id, body=body, room_id=room_id)
    return emitted(draft)


def account_data(history: History) -> AnyProposal:
    contents: dict[str, JsonObject] = {
        "m.fully_read": {"event_id": "$a"},
        "m.ignored_user_list": {"ignored_users": {history.one(*PEOPLE): {}}},
        "org.example.draft": {"text": str(history.number())},
        "m.push_rules": push_rules(history),
    }
    event_type = history.one(*contents)
    is_global = event_type in ("m.ignored_user_list", "m.push_rules")
    room_id = None if is_global else history.one(None, history.room_id)
    return of(history, kinds.AccountDataSet(event_type), json.dumps(contents[event_type]).encode(), room_id)


def push_rules(history: History) -> JsonObject:
    rules = default_ruleset("@wang:hospital.test")
    keyword = {
        "pattern": history.one("note", "no*"),
        "actions": history.one([], ["notify", {"set_tweak": "highlight"}]),
    }
    rules = add_rule(rules, "content", "keyword", keyword)
    return cast(JsonObject, add_rule(rules, "room", history.room_id, {"actions": history.one([], ["notify"])}))


def a_profile(history: History) -> AnyProposal:
    field = history.one("displayname", "avatar_url", "m.tz")
    return of(history, kinds.ProfileSet(field), history.one(b'"W"', b'"V"', b"null"))


def a_device(history: History) -> AnyProposal:
    sender = Sender(history.one(*PEOPLE), history.one(*DEVICES, "BED3"))

    def propose(turn: Turn) -> None:
        user = turn.user(sender.user_id)
        known = user is not None and sender.device_id in user.devices
        choices: list[kinds.AnyFacts] = [kinds.DeviceRenamed(), kinds.DeviceKeysSet(), kinds.DeviceRemoved("logout")]
        facts = history.one(*choices) if known else kinds.DeviceAdded(history.one("m.login.password", kinds.DEHYDRATED))
        turn.emit(Draft(facts=facts, sender=sender.user_id, device_id=sender.device_id, body=b'"{}"'))

    return Proposal(propose)


def keys(history: History) -> AnyProposal:
    user_id, device_id = history.one(*PEOPLE), history.one(*DEVICES)
    facts: list[kinds.AnyFacts] = [
        kinds.OneTimeKeysAdded(3),
        kinds.OneTimeKeysClaimed(((user_id, device_id, "signed_curve25519"),)),
        kinds.CrossSigningSet(("master", "self_signing")),
        kinds.SignaturesAdded((user_id,)),
        kinds.KeyBackupChanged("1", "created"),
        kinds.PusherSet(),
        kinds.PusherRemoved("unset"),
    ]
    return of(history, history.one(*facts), b"{}")


def to_device(history: History) -> AnyProposal:
    facts = kinds.ToDeviceSent("m.room_key", ((history.one(*PEOPLE), history.one(*DEVICES)),))
    sender, transaction = history.sender, f"to_device/m.room_key/{history.number()}"
    draft = Draft(facts=facts, sender=sender.user_id, device_id=sender.device_id, transaction=transaction)
    return emitted(draft)


def media(history: History) -> AnyProposal:
    digest = sha256(str(history.number()).encode()).hexdigest()
    media_id = digest[:24]
    if history.one(True, False):
        return of(history, kinds.MediaCreated(media_id, history.log.now_ms + history.one(50_000, 500_000)))
    sender = history.sender

    def propose(turn: Turn) -> None:
        user = turn.user(sender.user_id)
        pending = list(user.pending_media) if user is not None else []
        facts = kinds.MediaUploaded(history.one(media_id, *pending), digest, 17, "image/png")
        turn.emit(Draft(facts=facts, sender=sender.user_id, device_id=sender.device_id, body=b'"scan.png"'))

    return Proposal(propose)


def a_duty(history: History) -> AnyProposal:
    begins = history.log.now_ms + history.one(0, 50)
    roles = (history.one("ICU-1", "ICU-2"), "last")
    rosters = tuple((role, begins, begins + history.one(10, 100)) for role in roles[: history.one(0, 1, 2)])
    return of(history, kinds.DutyPlanned("duty.csv", roles, rosters), b'{"roles": [], "rosters": []}')


def a_closed_account(history: History) -> AnyProposal:
    def propose(turn: Turn) -> None:
        user = turn.user(PEOPLE[3])
        if user is not None and user.active and history.random.random() < 0.2:
            turn.emit(Draft(facts=kinds.AccountDeactivated(), sender=PEOPLE[3]))

    return Proposal(propose)


ACTS: list[Callable[[History], AnyProposal]] = [
    *[a_message] * 4,
    a_redaction,
    a_state_event,
    *[a_membership] * 3,
    a_name_in_a_room,
    an_alias,
    a_listing,
    a_replacement,
    *[receipts] * 2,
    deliveries,
    *[account_data] * 2,
    a_profile,
    *[a_device] * 2,
    keys,
    to_device,
    media,
    a_duty,
    a_closed_account,
    *DIRECTORY_ACTS,
    a_report,
    *[an_acknowledgement] * 2,
]
