"""What a fold changes in the projections: rows by table. The database's `write_<table>` functions apply them."""

from __future__ import annotations

from typing import ClassVar

import msgspec


class Delta(msgspec.Struct, frozen=True, gc=False):
    """One row for one projection."""

    table: ClassVar[str]


class RoomCreated(Delta, frozen=True, gc=False):
    """A room; `position` is that of its create entry, which is also its number."""

    table: ClassVar[str] = "rooms"
    room_id: str
    version: str
    position: int


class RoomDesignated(Delta, frozen=True, gc=False):
    """The room that serves one purpose, such as that of a department (see `designations`)."""

    table: ClassVar[str] = "designated_rooms"
    designation: str
    room_id: str
    position: int


class StateChanged(Delta, frozen=True, gc=False):
    """From `position` on, this event is the state of (type, state_key)."""

    table: ClassVar[str] = "state_deltas"
    room_id: str
    type: str
    state_key: str
    position: int
    event_id: str


class MembershipChanged(Delta, frozen=True, gc=False):
    """From `from_position` on, the person has this membership; an interval that was open before ends there."""

    table: ClassVar[str] = "memberships"
    user_id: str
    room_id: str
    membership: str
    from_position: int
    position: int
    event_id: str


class Named(Delta, frozen=True, gc=False):
    """A person is highlighted by an event that names them in clear."""

    table: ClassVar[str] = "highlights"
    user_id: str
    room_id: str
    position: int


class PersonallyNoticed(Delta, frozen=True, gc=False):
    """By a person's own push rules the event is something else to them (see `rules.outcomes`)."""

    table: ClassVar[str] = "personal_notices"
    user_id: str
    room_id: str
    position: int
    outcome: int


class EventRedacted(Delta, frozen=True, gc=False):
    """The event is redacted by the entry at `position`, and no longer notifies anybody."""

    table: ClassVar[str] = "redactions"
    event_id: str
    position: int


class EventRelated(Delta, frozen=True, gc=False):
    """Something relates to this event of its room, be it bundled with it or not."""

    table: ClassVar[str] = "related_events"
    room_id: str
    event_id: str
    bundled: bool


class ThreadContinued(Delta, frozen=True, gc=False):
    """The thread that begins with `root` has its latest message at `position`."""

    table: ClassVar[str] = "threads"
    room_id: str
    root: str
    position: int


class ReceiptSet(Delta, frozen=True, gc=False):
    """A receipt: the latest of its person, room, thread and kind, and one more row of history."""

    table: ClassVar[str] = "receipts"
    user_id: str
    device_id: str
    room_id: str
    thread: str
    private: bool
    event_id: str
    read_position: int
    at: int
    position: int


class DeliverySet(Delta, frozen=True, gc=False):
    """A device has received a room's events in `(from_position, to_position]`."""

    table: ClassVar[str] = "deliveries"
    device_number: int
    room_number: int
    from_position: int
    to_position: int
    at: int


class AccountSet(Delta, frozen=True, gc=False):
    """An account; `number` is the position of its first entry."""

    table: ClassVar[str] = "accounts"
    user_id: str
    account: str
    active: bool
    position: int
    at: int


class StationSet(Delta, frozen=True, gc=False):
    """The department that a station stands in."""

    table: ClassVar[str] = "stations"
    user_id: str
    department_id: str
    position: int


class AccountEnded(Delta, frozen=True, gc=False):
    """The account is closed: its devices and keys are gone."""

    table: ClassVar[str] = "ended_accounts"
    user_id: str
    position: int


class DeviceSet(Delta, frozen=True, gc=False):
    """A device, or its end (`removed`), or its new name (the body of the entry at `position`)."""

    table: ClassVar[str] = "devices"
    user_id: str
    device_id: str
    position: int
    removed: bool
    added: bool
    at: int
    dehydrated: bool = False


class AccountDataChanged(Delta, frozen=True, gc=False):
    """The content of this type is the body of the entry at `position`; room_id is empty for global data."""

    table: ClassVar[str] = "account_data"
    user_id: str
    room_id: str
    type: str
    position: int


class ProfileChanged(Delta, frozen=True, gc=False):
    """The field's value is the body of the entry at `position`."""

    table: ClassVar[str] = "profiles"
    user_id: str
    field: str
    position: int


class RoomForgottenBy(Delta, frozen=True, gc=False):
    """The person forgot the room at `position`."""

    table: ClassVar[str] = "forgotten"
    user_id: str
    room_id: str
    position: int


class TransactionDone(Delta, frozen=True, gc=False):
    """The idempotency key of an entry that is no event."""

    table: ClassVar[str] = "transactions"
    transaction_key: str
    position: int


class DeviceListChanged(Delta, frozen=True, gc=False):
    """A person's device or cross-signing keys changed; `seen_by` is the only one who can see it, None for everybody."""

    table: ClassVar[str] = "device_list_changes"
    user_id: str
    position: int
    seen_by: str | None = None


class DeviceSharingChanged(Delta, frozen=True, gc=False):
    """From `position` on, the room's members see each other's device lists, or do not."""

    table: ClassVar[str] = "device_sharing"
    room_id: str
    position: int
    shares: bool


class DeviceKeysChanged(Delta, frozen=True, gc=False):
    """The identity keys of a device are the body of the entry at `position`."""

    table: ClassVar[str] = "device_keys"
    user_id: str
    device_id: str
    position: int


class DeviceKeysUploaded(Delta, frozen=True, gc=False):
    """A device can be reached from `position` on, for as long as it is there."""

    table: ClassVar[str] = "device_key_uploads"
    user_id: str
    device_id: str
    position: int


class CrossSigningChanged(Delta, frozen=True, gc=False):
    """The person's key of this usage is in the body of the entry at `position`."""

    table: ClassVar[str] = "cross_signing_keys"
    user_id: str
    usage: str
    position: int


class SignaturesChanged(Delta, frozen=True, gc=False):
    """Signatures over keys of `user_id` are in the body of the entry at `position`."""

    table: ClassVar[str] = "key_signatures"
    user_id: str
    signer: str
    position: int


class MediaAnnounced(Delta, frozen=True, gc=False):
    """A media id that waits for its content until `expires_at`."""

    table: ClassVar[str] = "media_created"
    media_id: str
    user_id: str
    at: int
    expires_at: int
    position: int


class MediaStored(Delta, frozen=True, gc=False):
    """A blob by its media id; the file name is the body of the entry at `position`."""

    table: ClassVar[str] = "media"
    media_id: str
    user_id: str
    sha256: str
    size_bytes: int
    content_type: str
    position: int


class AliasChanged(Delta, frozen=True, gc=False):
    """The alias points to the room, or to nothing (`room_id` empty)."""

    table: ClassVar[str] = "aliases"
    alias: str
    room_id: str
    creator: str
    position: int


class RoomListed(Delta, frozen=True, gc=False):
    """Whether the room appears in the list of public rooms."""

    table: ClassVar[str] = "public_rooms"
    room_id: str
    listed: bool
    position: int


class BodyErased(Delta, frozen=True, gc=False):
    """The body of the entry at `target` is gone; nothing is left to erase there."""

    table: ClassVar[str] = "erasures"
    target: int


class DepartmentChanged(Delta, frozen=True, gc=False):
    """A department in its place of the tree; its name is the body of the entry at `position`."""

    table: ClassVar[str] = "departments"
    department_id: str
    parent_id: str | None
    removed: bool
    position: int


class PersonChanged(Delta, frozen=True, gc=False):
    """A person of the directory, their own department first; the rest is the body of the entry at `position`."""

    table: ClassVar[str] = "people"
    user_id: str
    directory_id: str | None
    departments: tuple[str, ...]
    removed: bool
    position: int


class DirectoryPlanChanged(Delta, frozen=True, gc=False):
    """The plan at this position waits, or was carried out at the other."""

    table: ClassVar[str] = "directory_plans"
    position: int
    carried_out: int | None


class ActivationChanged(Delta, frozen=True, gc=False):
    """The person may set a first password by the code issued at `position`, or may no longer."""

    table: ClassVar[str] = "activations"
    user_id: str
    position: int
    is_open: bool


class DutyRoleChanged(Delta, frozen=True, gc=False):
    """A role as the body of the entry at `position` says it is."""

    table: ClassVar[str] = "duty_roles"
    role: str
    position: int


class DutyRosterReplaced(Delta, frozen=True, gc=False):
    """From `begins` to `ends` (ms), a role's shifts are those of the body of the entry at `position`, and no others."""

    table: ClassVar[str] = "duty_rosters"
    role: str
    begins: int
    ends: int
    position: int
