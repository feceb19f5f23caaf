"""`device_one_time_keys_count` and `device_unused_fallback_key_types`: how many keys the viewer's device has left.

Both are in every answer: a client that does not find them takes the count for 0 and uploads more.
"""

from __future__ import annotations

import msgspec

from myelin.stores.one_time_keys import OneTimeKeys
from myelin.sync.reading import Reading
from myelin.sync.section import SectionFields

# What every client asks for; its count is told also when it is 0.
USUAL_ALGORITHM = "signed_curve25519"
REMEMBERED_LIMIT = 100_000


class Remembered(msgspec.Struct, frozen=True, gc=False):
    """A device's counts, as of the change of its keys at `position`."""

    position: int
    one_time: dict[str, int]
    unused_fallback: list[str]


class OneTimeKeyCounts:
    """Reads the counts; asks the database when the device's keys have changed."""

    def __init__(self, keys: OneTimeKeys) -> None:
        self._keys = keys
        self._remembered: dict[int, Remembered] = {}

    async def read(self, reading: Reading) -> SectionFields:
        """Return the counts; they are news where they changed since the last answer."""
        device = reading.user.devices.get(reading.viewer.device_id)
        if device is None:
            return fields_of({}, [], is_news=False)
        counts = self._remembered.get(device.number)
        if counts is None or counts.position != device.key_count_position:
            counts = await self._read(device.number, device.key_count_position)
        is_news = device.key_count_position > reading.since
        return fields_of(counts.one_time, counts.unused_fallback, is_news=is_news)

    async def _read(self, device_number: int, position: int) -> Remembered:
        found = await self._keys.counts(device_number)
        counts = Remembered(position, found.one_time, found.unused_fallback)
        if len(self._remembered) >= REMEMBERED_LIMIT:
            self._remembered.clear()
        self._remembered[device_number] = counts
        return counts


def fields_of(one_time: dict[str, int], unused_fallback: list[str], is_news: bool) -> SectionFields:
    fields = {
        "device_one_time_keys_count": {USUAL_ALGORITHM: 0, **one_time},
        "device_unused_fallback_key_types": unused_fallback,
    }
    return SectionFields(fields, is_news)
