"""Which rows an entry changes by itself, without any state: every kind but a room event's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from myelin.entries import facts as kinds
from myelin.entries.entry import Entry
from myelin.entries.items import Delivery, Receipt
from myelin.state import deltas as rows
from myelin.state.deltas import Delta


def entry_deltas(entry: Entry) -> Iterable[Delta]:
    """Return the rows that this entry changes; room events are folded on their room."""
    change = ENTRY_DELTAS.get(type(entry.facts))
    return change(entry) if change is not None else ()


def receipts(entry: Entry) -> Iterable[Delta]:
    for receipt in cast("tuple[Receipt, ...]", entry.items):
        yield rows.ReceiptSet(
            user_id=receipt.user_id,
            device_id=receipt.device_id,
            room_id=receipt.room_id,
            thread=receipt.thread or "",
            private=receipt.private,
            event_id=receipt.event_id,
            read_position=receipt.read_position,
            at=receipt.at,
            position=entry.position,
        )


def deliveries(entry: Entry) -> Iterable[Delta]:
    for item in cast("tuple[Delivery, ...]", entry.items):
        yield rows.DeliverySet(item.device_number, item.room_number, item.from_position, item.to_position, item.at)


def account_created(entry: Entry) -> Iterable[Delta]:
    facts = cast("kinds.AccountCreated", entry.facts)
    yield rows.AccountSet(sender(entry), facts.account, True, entry.position, entry.at)
    if facts.department_id is not None:
        yield rows.StationSet(sender(entry), facts.department_id, entry.position)


def account_deactivated(entry: Entry) -> Iterable[Delta]:
    yield rows.AccountSet(sender(entry), "", False, entry.position, entry.at)
    yield rows.AccountEnded(sender(entry), entry.position)
    yield rows.DeviceListChanged(sender(entry), entry.position)


def device_added(entry: Entry) -> Iterable[Delta]:
    dehydrated = cast("kinds.DeviceAdded", entry.facts).dehydrated
    yield rows.DeviceSet(sender(entry), device(entry), entry.position, False, True, entry.at, dehydrated)


def device_renamed(entry: Entry) -> Iterable[Delta]:
    yield rows.DeviceSet(sender(entry), device(entry), entry.position, removed=False, added=False, at=entry.at)


def device_removed(entry: Entry) -> Iterable[Delta]:
    yield rows.DeviceSet(sender(entry), device(entry), entry.position, removed=True, added=False, at=entry.at)
    yield rows.DeviceListChanged(sender(entry), entry.position)


def account_data(entry: Entry) -> Iterable[Delta]:
    facts = cast("kinds.AccountDataSet", entry.facts)
    yield rows.AccountDataChanged(sender(entry), entry.room_id or "", facts.type, entry.position)


def profile(entry: Entry) -> Iterable[Delta]:
    yield rows.ProfileChanged(sender(entry), cast("kinds.ProfileSet", entry.facts).field, entry.position)


def forgotten(entry: Entry) -> Iterable[Delta]:
    yield rows.RoomForgottenBy(sender(entry), entry.room_id or "", entry.position)


def device_keys(entry: Entry) -> Iterable[Delta]:
    yield rows.DeviceKeysChanged(sender(entry), device(entry), entry.position)
    yield rows.DeviceKeysUploaded(sender(entry), device(entry), entry.position)
    yield rows.DeviceListChanged(sender(entry), entry.position)


def cross_signing(entry: Entry) -> Iterable[Delta]:
    for usage in cast("kinds.CrossSigningSet", entry.facts).usages:
        yield rows.CrossSigningChanged(sender(entry), usage, entry.position)
    yield rows.DeviceListChanged(sender(entry), entry.position)


def signatures(entry: Entry) -> Iterable[Delta]:
    for target in cast("kinds.SignaturesAdded", entry.facts).targets:
        yield rows.SignaturesChanged(target, sender(entry), entry.position)
        # Whom a person has verified is nobody else's business.
        seen_by = None if target == sender(entry) else sender(entry)
        yield rows.DeviceListChanged(target, entry.position, seen_by)


def to_device(entry: Entry) -> Iterable[Delta]:
    key = entry.transaction_key
    if key is not None:
        yield rows.TransactionDone(key.hex(), entry.position)


def media_created(entry: Entry) -> Iterable[Delta]:
    facts = cast("kinds.MediaCreated", entry.facts)
    yield rows.MediaAnnounced(facts.media_id, sender(entry), entry.at, facts.expires_at, entry.position)


def media(entry: Entry) -> Iterable[Delta]:
    facts = cast("kinds.MediaUploaded", entry.facts)
    yield rows.MediaStored(
        facts.media_id, sender(entry), facts.sha256, facts.size_bytes, facts.content_type, entry.position
    )


def alias(entry: Entry) -> Iterable[Delta]:
    facts = cast("kinds.AliasSet", entry.facts)
    room_id = "" if facts.removed else (entry.room_id or "")
    yield rows.AliasChanged(facts.alias, room_id, sender(entry), entry.position)


def published(entry: Entry) -> Iterable[Delta]:
    facts = cast("kinds.RoomPublished", entry.facts)
    yield rows.RoomListed(entry.room_id or "", facts.listed, entry.position)


def activation(entry: Entry) -> Iterable[Delta]:
    yield rows.ActivationChanged(sender(entry), entry.position, is_open=True)


def password(entry: Entry) -> Iterable[Delta]:
    yield rows.ActivationChanged(sender(entry), entry.position, is_open=False)


def department(entry: Entry) -> Iterable[Delta]:
    facts = cast("kinds.DepartmentSet", entry.facts)
    yield rows.DepartmentChanged(facts.department_id, facts.parent_id, removed=False, position=entry.position)


def department_removed(entry: Entry) -> Iterable[Delta]:
    facts = cast("kinds.DepartmentRemoved", entry.facts)
    yield rows.DepartmentChanged(facts.department_id, None, removed=True, position=entry.position)


def person(entry: Entry) -> Iterable[Delta]:
    facts = cast("kinds.PersonSet", entry.facts)
    yield rows.PersonChanged(
        user_id=sender(entry),
        directory_id=facts.directory_id,
        departments=(facts.department_id, *facts.further),
        removed=False,
        position=entry.position,
    )


def person_removed(entry: Entry) -> Iterable[Delta]:
    yield rows.PersonChanged(sender(entry), None, (), removed=True, position=entry.position)


def directory_planned(entry: Entry) -> Iterable[Delta]:
    yield rows.DirectoryPlanChanged(entry.position, None)


def directory_carried_out(entry: Entry) -> Iterable[Delta]:
    yield rows.DirectoryPlanChanged(cast("kinds.DirectoryCarriedOut", entry.facts).plan, entry.position)


def duty(entry: Entry) -> Iterable[Delta]:
    facts = cast("kinds.DutyPlanned", entry.facts)
    for role in facts.roles:
        yield rows.DutyRoleChanged(role, entry.position)
    for role, begins, ends in facts.rosters:
        yield rows.DutyRosterReplaced(role, begins, ends, entry.position)


def erased(entry: Entry) -> Iterable[Delta]:
    for target in cast("kinds.Erased", entry.facts).positions:
        yield rows.BodyErased(target)


def sender(entry: Entry) -> str:
    assert entry.sender is not None
    return entry.sender


def device(entry: Entry) -> str:
    assert entry.device_id is not None
    return entry.device_id


ENTRY_DELTAS: Mapping[type, Callable[[Entry], Iterable[Delta]]] = {
    kinds.ReceiptsRecorded: receipts,
    kinds.DeliveriesRecorded: deliveries,
    kinds.AccountCreated: account_created,
    kinds.AccountDeactivated: account_deactivated,
    kinds.DeviceAdded: device_added,
    kinds.DeviceRenamed: device_renamed,
    kinds.DeviceRemoved: device_removed,
    kinds.AccountDataSet: account_data,
    kinds.ProfileSet: profile,
    kinds.RoomForgotten: forgotten,
    kinds.DeviceKeysSet: device_keys,
    kinds.CrossSigningSet: cross_signing,
    kinds.SignaturesAdded: signatures,
    kinds.ToDeviceSent: to_device,
    kinds.MediaCreated: media_created,
    kinds.MediaUploaded: media,
    kinds.AliasSet: alias,
    kinds.RoomPublished: published,
    kinds.Erased: erased,
    kinds.DepartmentSet: department,
    kinds.DepartmentRemoved: department_removed,
    kinds.ActivationIssued: activation,
    kinds.PasswordChanged: password,
    kinds.PersonSet: person,
    kinds.PersonRemoved: person_removed,
    kinds.DirectoryPlanned: directory_planned,
    kinds.DirectoryCarriedOut: directory_carried_out,
    kinds.DutyPlanned: duty,
}
