"""What was sent, accepted and seen: the judge of lost, doubled and reordered messages, and the keeper of delays.

It knows no protocol. A message has a number, given by the sender, and an identity, given by the server.
"""

from __future__ import annotations

from array import array
from collections import Counter
from itertools import pairwise

import msgspec


class Verdict(msgspec.Struct, frozen=True):
    """How the seats' views of their rooms differ from what was accepted."""

    lost: int
    doubled: int
    reordered: int


class Seat:
    """One member's place in one room: the identities he saw, in the order in which he saw them."""

    __slots__ = ("room", "seen")

    def __init__(self, room: int) -> None:
        self.room = room
        self.seen: list[str] = []


class Record:
    """One window of measurement over rooms and their seats."""

    def __init__(self) -> None:
        self.seats: list[Seat] = []
        self.due_s: dict[int, float] = {}
        self.accepted: dict[int, set[str]] = {}
        self.delays_s = array("d")
        self._awaited = 0
        self._number = 0

    def seat(self, room: int) -> Seat:
        seat = Seat(room)
        self.seats.append(seat)
        self.accepted.setdefault(room, set())
        return seat

    def begin(self) -> None:
        """Forget the last window; only after `settled`, or its stragglers would count here."""
        self.due_s.clear()
        self.delays_s = array("d")
        for identities in self.accepted.values():
            identities.clear()
        for seat in self.seats:
            seat.seen.clear()

    def next_number(self, due_s: float) -> int:
        self._number += 1
        self.due_s[self._number] = due_s
        return self._number

    def accept(self, room: int, identity: str) -> None:
        self.accepted[room].add(identity)

    def deliver(self, seat: Seat, identity: str, number: int, now_s: float, *, own: bool) -> None:
        due_s = self.due_s.get(number)
        if due_s is None:
            return
        seat.seen.append(identity)
        if not own:
            self.delays_s.append(now_s - due_s)

    def accepted_count(self) -> int:
        return sum(map(len, self.accepted.values()))

    def settled(self) -> bool:
        return all(len(seat.seen) >= len(self.accepted[seat.room]) for seat in self.seats)

    def verdict(self) -> Verdict:
        orders = {room: self._order(room) for room in self.accepted}
        views = [(seat.seen, orders[seat.room], self.accepted[seat.room]) for seat in self.seats]
        return Verdict(
            lost=sum(len(accepted.difference(seen)) for seen, _, accepted in views),
            doubled=sum(sum(Counter(seen).values()) - len(set(seen)) for seen, _, _ in views),
            reordered=sum(misplaced(seen, order) for seen, order, _ in views),
        )

    def _order(self, room: int) -> dict[str, int]:
        """The room's order as its best informed seat saw it."""
        longest = max((seat.seen for seat in self.seats if seat.room == room), key=len)
        return {identity: place for place, identity in enumerate(dict.fromkeys(longest))}


def misplaced(seen: list[str], order: dict[str, int]) -> int:
    """How many messages came after one that the room's order has later."""
    places = [order[identity] for identity in dict.fromkeys(seen) if identity in order]
    return sum(later < earlier for earlier, later in pairwise(places))


def percentile_ms(delays_s: array[float], share: float) -> float:
    """The delay that `share` of the deliveries did not exceed."""
    ordered = sorted(delays_s)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else float("nan")
