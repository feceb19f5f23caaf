"""Everybody's bells, by person, and the places where they ring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from myelin.matrix.errors import MatrixError
from myelin.push.backoff import Backoff
from myelin.push.destinations import Destinations
from myelin.push.notes import Note
from myelin.push.outbox import Bell, Outbox, Ring, Rung
from myelin.stores.pushers import Pusher, Stand

Key = tuple[str, str, str]


class Switchboard:
    """Whom to ring where. An outbox is made for each place when it is first needed."""

    def __init__(
        self,
        destinations: Destinations,
        chance: Callable[[], float],
        ring: Ring,
        new_outbox: Callable[[Ring], Outbox],
    ) -> None:
        self.bells: dict[str, dict[Key, Bell]] = {}
        self._destinations = destinations
        self._chance = chance
        self._ring_once = ring
        self._new_outbox = new_outbox
        self._outboxes: dict[str, Outbox] = {}
        self._touched: set[Bell] = set()

    @property
    def waiting(self) -> int:
        """How many bells wait to be rung."""
        return sum(outbox.waiting for outbox in self._outboxes.values())

    def add(self, pusher: Pusher) -> Bell | None:
        """Return the bell of a pusher, None where the site does not allow its place any more."""
        try:
            place = self._destinations.of(pusher.pushkey, pusher.data)
        except MatrixError:
            return None
        bell = Bell(pusher, place, Backoff(self._chance))
        self.bells.setdefault(pusher.user_id, {})[pusher.key] = bell
        return bell

    def replace(self, user_id: str, pushers: Iterable[Pusher]) -> None:
        """Have a person rung by these pushers; what a pusher that stays has to tell stays."""
        before = self.bells.pop(user_id, {})
        for pusher in pushers:
            known = before.pop(pusher.key, None)
            bell = self.add(pusher)
            if known is not None:
                known.is_removed = True
                if bell is not None:
                    bell.notes, bell.kept, bell.failing_since = known.notes, known.kept, known.failing_since
                    self._ring(bell)
        for gone in before.values():
            gone.is_removed = True

    def others_with(self, pushers: Sequence[Pusher]) -> list[str]:
        """Return the other people who have a bell with the app and key of one of these."""
        keys = {pusher.key[1:] for pusher in pushers}
        own = {pusher.user_id for pusher in pushers}
        return [name for name, bells in self.bells.items() if name not in own and any(key[1:] in keys for key in bells)]

    def tell(self, user_id: str, note: Note) -> None:
        """Have a person's devices told of an event, as far as they were there before it."""
        for bell in self.bells.get(user_id, {}).values():
            if note.position > bell.pusher.since:
                bell.add(note)
                self._ring(bell)

    def owe_badge(self, user_id: str) -> None:
        """Have a person's devices told how much is unread."""
        for bell in self.bells.get(user_id, {}).values():
            bell.owe_badge()
            self._ring(bell)

    def changed_stands(self, exactly: bool) -> list[Stand]:
        """Return where the bells stand that moved since this was asked the last time.

        Who stays behind needs no newer cursor unless `exactly`: from an older one the same is found, and told again.
        """
        touched, self._touched = self._touched, set()
        moved = [bell for bell in touched if not bell.is_removed and (bell.has_turned or exactly)]
        stands = [bell.stand for bell in moved]
        for bell, stand in zip(moved, stands, strict=True):
            bell.kept = stand
        return stands

    def not_kept(self, stands: Iterable[Stand]) -> None:
        """Take note that these were not kept after all."""
        for stand in stands:
            bell = self.bells.get(stand.key[0], {}).get(stand.key)
            if bell is not None:
                bell.kept = None
                self._touched.add(bell)

    def _ring(self, bell: Bell) -> None:
        self._touched.add(bell)
        outbox = self._outboxes.get(bell.place.origin)
        if outbox is None:
            outbox = self._outboxes[bell.place.origin] = self._new_outbox(self._rung)
        outbox.put(bell)

    async def _rung(self, bell: Bell) -> Rung:
        try:
            return await self._ring_once(bell)
        finally:
            self._touched.add(bell)
