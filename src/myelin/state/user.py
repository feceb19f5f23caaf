"""A person's account as the fold leaves it: devices, rooms, and what the server itself must know of settings."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Device(msgspec.Struct, frozen=True, gc=False):
    """A device. `number` is the position of the entry that made it.

    `keys_position` is that of its latest identity keys (-1: none), `key_count_position` that of the last
    change of its one-time keys, `to_device_position` that of the last message sent to it. One that is `dehydrated`
    is nobody's session: it collects messages for a device to come (MSC3814).
    """

    number: int
    keys_position: int = -1
    key_count_position: int = -1
    to_device_position: int = -1
    dehydrated: bool = False


class UserRoom(msgspec.Struct, frozen=True, gc=False):
    """A person's present relation to a room: membership, where it began, its latest member event."""

    membership: str
    since: int
    position: int
    forgotten: bool = False


class Post(msgspec.Struct, frozen=True):
    """A person's place in the hospital: the department they belong to, others they work for, and as what.

    `plan` is the position of the plan that said so.
    """

    department_id: str
    profession: str
    further: tuple[str, ...] = ()
    plan: int = -1

    @property
    def departments(self) -> tuple[str, ...]:
        """Every department that the person works for, their own first."""
        return (self.department_id, *self.further)


class User(msgspec.Struct, frozen=True, kw_only=True):
    """What the server knows of a person. `number` is the position of the account's first entry.

    `post` is None for whoever the directory does not know; of the others the server writes the name.
    `pending_media` are the media ids that wait for their content, and until when; `media_bytes` is what was uploaded.
    In `muted` rooms only what is said to the person notifies, in `silenced` ones nothing does. `rooms_position`
    is that of the last change of `rooms`, `activation_position` that of a code for a first password.
    """

    user_id: str
    number: int
    account: str = "person"
    active: bool = True
    displayname: str | None = None
    avatar_url: str | None = None
    post: Post | None = None
    devices: Mapping[str, Device] = {}
    rooms: Mapping[str, UserRoom] = {}
    ignored: frozenset[str] = frozenset()
    muted: frozenset[str] = frozenset()
    silenced: frozenset[str] = frozenset()
    all_silenced: bool = False
    activation_position: int | None = None
    pending_media: Mapping[str, int] = {}
    media_bytes: int = 0
    rooms_position: int = -1
    cross_signing_position: int = -1
    account_data_position: int = -1
    push_rules_position: int = -1
    as_of: int = -1

    @property
    def is_named_by_hospital(self) -> bool:
        """Whether the name is the hospital's to write: that of people in its directory, and of its services."""
        return self.post is not None or self.account != "person"

    def rooms_with(self, membership: str) -> list[str]:
        """Return the rooms in which the person has this membership."""
        return [room_id for room_id, room in self.rooms.items() if room.membership == membership]
