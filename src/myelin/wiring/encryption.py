"""What end-to-end encryption is served from."""

from __future__ import annotations

import asyncpg
import msgspec

from myelin.append.loading import Loading
from myelin.append.memory import Memory
from myelin.projections.published_keys import PublishedKeys
from myelin.stores.dehydrated_devices import DehydratedDevices
from myelin.stores.key_backup import KeyBackups
from myelin.stores.one_time_keys import OneTimeKeys
from myelin.stores.to_device import ToDeviceMessages
from myelin.sync.device_changes import DeviceChanges
from myelin.sync.device_lists import DeviceLists
from myelin.sync.sharing import SharingWaker
from myelin.sync.to_device import ToDevice
from myelin.sync.waiters import Waiters


class Encryption(msgspec.Struct, frozen=True, kw_only=True):
    """What end-to-end encryption is served from."""

    published: PublishedKeys
    keys: OneTimeKeys
    backups: KeyBackups
    changes: DeviceChanges
    sharing: SharingWaker
    device_lists: DeviceLists
    to_device: ToDevice
    messages: ToDeviceMessages
    dehydrated: DehydratedDevices


def encryption_of(reads: asyncpg.Pool, memory: Memory, loading: Loading, waiters: Waiters) -> Encryption:
    """Build the readers and queues of encryption; `changes` must hear of every entry from here on."""
    changes, messages = DeviceChanges(memory), ToDeviceMessages(reads)
    return Encryption(
        published=PublishedKeys(reads),
        keys=OneTimeKeys(reads),
        backups=KeyBackups(reads),
        changes=changes,
        sharing=SharingWaker(reads, memory, waiters),
        device_lists=DeviceLists(reads, loading, changes),
        to_device=ToDevice(messages),
        messages=messages,
        dehydrated=DehydratedDevices(reads),
    )
