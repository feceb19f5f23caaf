"""Pushers (client-server API, "Push Notifications"): set, removed, gone with the session that set them."""

from __future__ import annotations

import msgspec
import orjson

from myelin.actions.device_keys import device_of
from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft
from myelin.entries.facts import PusherRemoved, PusherSet
from myelin.matrix.json import JsonObject


class NewPusher(msgspec.Struct, frozen=True, kw_only=True):
    """A pusher as a client wants it; `exclusive`: other people's pushers with the same key go."""

    app_id: str
    pushkey: str
    app_display_name: str
    device_display_name: str
    lang: str
    data: JsonObject
    profile_tag: str = ""
    exclusive: bool = True


def set_pusher(sender: Sender, pusher: NewPusher) -> Proposal[None]:
    """Propose a pusher of the sender's device, in place of that with the same app and key."""

    def propose(turn: Turn) -> None:
        device_of(turn, sender)
        entry = turn.emit(Draft(facts=PusherSet(), sender=sender.user_id, device_id=sender.device_id))
        fields = {name: getattr(pusher, name) for name in pusher.__struct_fields__}
        turn.write(
            "pushers",
            **{**fields, "data": orjson.dumps(pusher.data).decode()},
            change="set",
            user_id=sender.user_id,
            device_id=sender.device_id,
            set_at=entry.at,
            since=entry.position,
        )

    return Proposal(propose)


def remove_pusher(user_id: str, app_id: str, pushkey: str, reason: str, device_id: str | None = None) -> Proposal[None]:
    """Propose that a pusher ends: its owner does not want it, or nobody can be reached by it."""

    def propose(turn: Turn) -> None:
        turn.emit(Draft(facts=PusherRemoved(reason), sender=user_id, device_id=device_id))
        turn.write("pushers", change="removed", user_id=user_id, app_id=app_id, pushkey=pushkey)

    return Proposal(propose)


def drop_pushers(turn: Turn, user_id: str, device_id: str) -> None:
    """Have the pushers that a device set end with it."""
    turn.write("pushers", change="removed", user_id=user_id, device_id=device_id)
