"""Messages from device to device (client-server API, "Send-to-Device messaging")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.entry import Draft, transaction_key
from myelin.entries.facts import ToDeviceSent
from myelin.state.user import Device, User

EVERY_DEVICE = "*"

# The content, as JSON, by user and device; "*" is every device.
Messages = Mapping[str, Mapping[str, str]]


class Letter(msgspec.Struct, frozen=True):
    """One message to one device; `content` is JSON."""

    user_id: str
    device_id: str
    device: Device
    content: str


def send_to_device(sender: Sender, event_type: str, messages: Messages, txn_id: str) -> Proposal[None]:
    """Propose messages to devices, once for each transaction id; people and devices that are unknown get none."""
    transaction = f"to_device/{event_type}/{txn_id}"

    def propose(turn: Turn) -> None:
        letters = [letter for user in turn.users(messages) for letter in letters_to(user, messages[user.user_id])]
        if not letters:
            return
        draft = Draft(
            facts=ToDeviceSent(event_type, tuple((letter.user_id, letter.device_id) for letter in letters)),
            sender=sender.user_id,
            device_id=sender.device_id,
            transaction=transaction,
        )
        post(turn, letters, sender.user_id, event_type, turn.emit(draft).position)

    key = transaction_key(sender.user_id, sender.device_id, "", transaction)
    return Proposal(propose, key=key, again=lambda _: None)


def letters_to(user: User, contents: Mapping[str, str]) -> Iterator[Letter]:
    """Yield one message for each device that is meant; one named by itself goes before that for all."""
    for device_id, device in user.devices.items():
        content = contents.get(device_id, contents.get(EVERY_DEVICE))
        if content is not None:
            yield Letter(user.user_id, device_id, device, content)


def post(turn: Turn, letters: list[Letter], sender: str, event_type: str, position: int) -> None:
    for letter in letters:
        turn.write(
            "to_device_messages",
            device_number=letter.device.number,
            position=position,
            sender=sender,
            type=event_type,
            content=letter.content,
        )
