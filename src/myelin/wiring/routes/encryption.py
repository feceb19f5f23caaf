"""Keys, signatures, messages to devices, key backups."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.api.encryption.backup_keys import BackupKeys
from myelin.api.encryption.backup_versions import BackupVersions
from myelin.api.encryption.cross_signing import CrossSigning
from myelin.api.encryption.dehydrated_devices import DehydratedDevices
from myelin.api.encryption.find_keys import FindKeys
from myelin.api.encryption.send_to_device import SendToDevice
from myelin.api.encryption.upload_keys import UploadKeys
from myelin.http.routes import Route
from myelin.wiring.foundation import Foundation


def encryption_routes(built: Foundation) -> Iterator[Route]:
    """Yield keys, signatures, messages to devices, key backups."""
    pool, loading, parts = built.pool, built.loading, built.encryption
    yield from UploadKeys(pool, loading, parts.published, parts.keys).routes()
    yield from FindKeys(pool, built.memory, loading, parts.published, parts.keys, parts.device_lists).routes()
    yield from CrossSigning(pool, loading, parts.published, built.sign_ins.interactive).routes()
    yield from SendToDevice(pool).routes()
    yield from DehydratedDevices(pool, loading, parts.published, parts.dehydrated, parts.messages).routes()
    yield from BackupVersions(pool, parts.backups).routes()
    yield from BackupKeys(parts.backups).routes()
