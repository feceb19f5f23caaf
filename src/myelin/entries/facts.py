"""The facts of an entry, one frozen class for each kind.

Facts are what folds read and what stays when a body is erased; they never hold a secret,
the text of a message or a name. The class is chosen by the entry's `kind`, which is the tag, so facts
can be read alone.
Receipts and deliveries keep their items in the body, so that one item can be shown alone.
"""

from __future__ import annotations

import msgspec

# The method of a device that came by no sign-in.
DEHYDRATED = "dehydrated"


class Facts(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, tag_field="kind"):
    """What every kind has in common: a tag, and nothing else."""


class LogOpened(Facts, frozen=True, gc=False, omit_defaults=True, tag="log"):
    """Entry 0: the name of the log and the version of its format."""

    server_name: str
    format: int = 1


class EventAppended(Facts, frozen=True, gc=False, omit_defaults=True, tag="event"):
    """A room event. `notice` is its class by the default push rules: 0 none, 1 notify, 2 highlight everybody.

    `personal` are those to whose own rules it is something else, and what (see `rules.outcomes`).
    A redaction takes the edits of what it redacts along (`redacts_edits`).
    """

    notice: int = 0
    named: tuple[str, ...] = ()
    personal: tuple[tuple[str, int], ...] = ()
    rel_type: str | None = None
    relates_to: str | None = None
    thread: str | None = None
    redacts: str | None = None
    redacts_edits: tuple[str, ...] = ()

    @property
    def redacted(self) -> tuple[str, ...]:
        """Every event that this one redacts."""
        return (self.redacts, *self.redacts_edits) if self.redacts is not None else ()


class ReceiptsRecorded(Facts, frozen=True, gc=False, omit_defaults=True, tag="receipts"):
    """A batch of read receipts; the items are in the body."""

    count: int


class DeliveriesRecorded(Facts, frozen=True, gc=False, omit_defaults=True, tag="deliveries"):
    """A batch of deliveries; the items are in the body."""

    count: int


class AccountCreated(Facts, frozen=True, gc=False, omit_defaults=True, tag="account_created"):
    """A new account; `account` is person, service, station or server. A station has the department it stands in."""

    account: str = "person"
    department_id: str | None = None


class AccountDeactivated(Facts, frozen=True, gc=False, omit_defaults=True, tag="account_deactivated"):
    """The account may never sign in again; its sessions and keys are gone."""

    erase: bool = False


class PasswordChanged(Facts, frozen=True, gc=False, omit_defaults=True, tag="password"):
    """The hash of a password was replaced (the hash itself is no part of the log)."""


class DeviceAdded(Facts, frozen=True, gc=False, omit_defaults=True, tag="device_added"):
    """A sign-in that made a device, or a device that was uploaded (MSC3814). The display name is the body."""

    method: str

    @property
    def dehydrated(self) -> bool:
        """Whether nobody is signed in on the device."""
        return self.method == DEHYDRATED


class SignedIn(Facts, frozen=True, gc=False, omit_defaults=True, tag="signed_in"):
    """A sign-in or a refresh on a device that was there already."""

    method: str


class DeviceRenamed(Facts, frozen=True, gc=False, omit_defaults=True, tag="device_renamed"):
    """A new display name, which is the body."""


class DeviceRemoved(Facts, frozen=True, gc=False, omit_defaults=True, tag="device_removed"):
    """A device with its keys and tokens is gone: by logout, deletion or an administrator."""

    reason: str


class SignInRefused(Facts, frozen=True, gc=False, omit_defaults=True, tag="sign_in_refused"):
    """Refused sign-ins to one account from one address, counted over at most a minute."""

    count: int


class AccountDataSet(Facts, frozen=True, gc=False, omit_defaults=True, tag="account_data"):
    """Global account data, or that of the entry's room. The content is the body."""

    type: str


class ProfileSet(Facts, frozen=True, gc=False, omit_defaults=True, tag="profile"):
    """A profile field; its value is the body, `null` when it was removed."""

    field: str


class DeviceKeysSet(Facts, frozen=True, gc=False, omit_defaults=True, tag="device_keys"):
    """The identity keys of a device; the signed object is the body."""


class OneTimeKeysAdded(Facts, frozen=True, gc=False, omit_defaults=True, tag="one_time_keys"):
    """How many one-time keys a device added, and whether fallback keys came with them."""

    count: int
    fallback: bool = False


class OneTimeKeysClaimed(Facts, frozen=True, gc=False, omit_defaults=True, tag="keys_claimed"):
    """Somebody took keys of these devices (user, device, algorithm)."""

    claimed: tuple[tuple[str, str, str], ...]


class CrossSigningSet(Facts, frozen=True, gc=False, omit_defaults=True, tag="cross_signing"):
    """New cross-signing keys; the signed objects by usage are the body."""

    usages: tuple[str, ...]


class SignaturesAdded(Facts, frozen=True, gc=False, omit_defaults=True, tag="signatures"):
    """Signatures over keys of these people; the signatures are the body."""

    targets: tuple[str, ...]


class ToDeviceSent(Facts, frozen=True, gc=False, omit_defaults=True, tag="to_device"):
    """Messages to devices (user, device); the bodies are outside the log."""

    type: str
    targets: tuple[tuple[str, str], ...]


class KeyBackupChanged(Facts, frozen=True, gc=False, omit_defaults=True, tag="key_backup"):
    """A key backup version was created, changed or deleted."""

    backup_version: str
    change: str


class PusherSet(Facts, frozen=True, gc=False, omit_defaults=True, tag="pusher"):
    """A device has set where it is rung; where that is, is outside the log."""


class PusherRemoved(Facts, frozen=True, gc=False, omit_defaults=True, tag="pusher_removed"):
    """A pusher of the sender's ended: because they said so, or because nobody is reached by it any more."""

    reason: str


class MediaCreated(Facts, frozen=True, gc=False, omit_defaults=True, tag="media_created"):
    """A media id whose content the sender may upload until this time (ms)."""

    media_id: str
    expires_at: int


class MediaUploaded(Facts, frozen=True, gc=False, omit_defaults=True, tag="media"):
    """A blob outside the log, found by its hash. The file name is the body."""

    media_id: str
    sha256: str
    size_bytes: int
    content_type: str


class RoomForgotten(Facts, frozen=True, gc=False, omit_defaults=True, tag="forgotten"):
    """The sender no longer wants to see a room that they left."""


class AliasSet(Facts, frozen=True, gc=False, omit_defaults=True, tag="alias"):
    """A room alias points to the entry's room, or to nothing any more."""

    alias: str
    removed: bool = False


class RoomPublished(Facts, frozen=True, gc=False, omit_defaults=True, tag="room_published"):
    """The entry's room appears in the list of public rooms from now on, or no longer."""

    listed: bool


class Reported(Facts, frozen=True, gc=False, omit_defaults=True, tag="reported"):
    """The sender finds an event of the entry's room, that room, or a person inappropriate; the reason is the body."""

    event_id: str | None = None
    user_id: str | None = None


class Erased(Facts, frozen=True, gc=False, omit_defaults=True, tag="erased"):
    """Bodies and salts at these positions are destroyed."""

    positions: tuple[int, ...]
    reason: str


class ActivationIssued(Facts, frozen=True, gc=False, omit_defaults=True, tag="activation"):
    """The sender was given a code to set a first password with (the code itself is no part of the log)."""


class DirectoryPlanned(Facts, frozen=True, gc=False, omit_defaults=True, tag="directory_plan"):
    """A verified change of the directory, whole, before any of it is carried out; the plan is the body."""

    source: str
    departments: int
    people: int
    leaving: int


class DirectoryCarriedOut(Facts, frozen=True, gc=False, omit_defaults=True, tag="directory_done"):
    """Everything of the plan at this position has happened."""

    plan: int


class DepartmentSet(Facts, frozen=True, gc=False, omit_defaults=True, tag="department"):
    """A department with its place in the tree, by a plan; its name is the body."""

    department_id: str
    parent_id: str | None
    plan: int


class DepartmentRemoved(Facts, frozen=True, gc=False, omit_defaults=True, tag="department_removed"):
    """A department that is no more."""

    department_id: str
    plan: int


class PersonSet(Facts, frozen=True, gc=False, omit_defaults=True, tag="person"):
    """The sender's place in the hospital: primary and further departments; name, title and phone are the body.

    `directory_id` is the immutable id that the source of the directory gives, where it has one.
    """

    department_id: str
    profession: str
    plan: int
    further: tuple[str, ...] = ()
    directory_id: str | None = None


class PersonRemoved(Facts, frozen=True, gc=False, omit_defaults=True, tag="person_removed"):
    """The sender is no longer in the directory."""

    plan: int


class DutyPlanned(Facts, frozen=True, gc=False, omit_defaults=True, tag="duty"):
    """Who is on duty, as a file said: `roles` as they are from now on, `rosters` (role, from, to in ms) replaced whole.

    People, fallbacks and shifts are the body.
    """

    source: str
    roles: tuple[str, ...]
    rosters: tuple[tuple[str, int, int], ...] = ()


AnyFacts = (
    LogOpened
    | EventAppended
    | ReceiptsRecorded
    | DeliveriesRecorded
    | AccountCreated
    | AccountDeactivated
    | PasswordChanged
    | DeviceAdded
    | SignedIn
    | DeviceRenamed
    | DeviceRemoved
    | SignInRefused
    | AccountDataSet
    | ProfileSet
    | DeviceKeysSet
    | OneTimeKeysAdded
    | OneTimeKeysClaimed
    | CrossSigningSet
    | SignaturesAdded
    | ToDeviceSent
    | KeyBackupChanged
    | PusherSet
    | PusherRemoved
    | MediaCreated
    | MediaUploaded
    | RoomForgotten
    | AliasSet
    | RoomPublished
    | Reported
    | Erased
    | ActivationIssued
    | DirectoryPlanned
    | DirectoryCarriedOut
    | DepartmentSet
    | DepartmentRemoved
    | PersonSet
    | PersonRemoved
    | DutyPlanned
)
