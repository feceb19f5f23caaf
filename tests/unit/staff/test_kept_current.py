"""What is held in memory follows the log, also where something changes, or fails, while it is read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import cast

import pytest

from myelin.entries import facts as kinds
from myelin.entries.duty_plan import DutyPlan, DutyRole, Roster, Shift
from myelin.entries.entry import Draft, Entry, seal
from myelin.matrix.errors import InvalidParam
from myelin.projections.directory import Department, DirectoryReader
from myelin.projections.duty import DutyReader
from myelin.projections.known_people import Known, KnownPeople
from myelin.staff.index import term_of
from myelin.staff.on_duty import REACH_BACK_MS, Duty
from myelin.staff.people import People

NOW_MS = 1_800_000_000_000


def nothing() -> None:
    return


def entry(facts: kinds.AnyFacts, sender: str | None = None) -> Entry:
    return seal(Draft(facts=facts, sender=sender), 1, NOW_MS, b"s" * 32)


class Site:
    """Stands for the projections: who is called what, which duties there are. `meanwhile` happens during each read."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.plans_made: list[DutyPlan] = []
        self.left: set[str] = set()
        self.meanwhile: Callable[[], None] = nothing
        self.people = People(cast("KnownPeople", self), cast("DirectoryReader", self))
        self.duty = Duty(cast("DutyReader", self), lambda: NOW_MS, "last")

    def rename(self, user_id: str, name: str) -> None:
        self.names[user_id] = name
        self.people.published([entry(kinds.ProfileSet("displayname"), user_id)])

    def plan(self, *roles: DutyRole, shifts: Sequence[Shift] = ()) -> None:
        rosters = (Roster("ICU", NOW_MS, NOW_MS + 100, tuple(shifts)),) if shifts else ()
        self.plans_made.append(DutyPlan(roles, rosters))
        self.duty.published([entry(kinds.DutyPlanned("file", ("ICU",)))])

    def let_go(self, user_id: str) -> None:
        self.left.add(user_id)
        self.duty.published([entry(kinds.PersonRemoved(1), user_id)])

    def happen(self) -> None:
        happening, self.meanwhile = self.meanwhile, nothing
        happening()

    async def user_ids(self) -> Sequence[str]:
        found = list(self.names)
        self.happen()
        return found

    async def departments(self) -> Sequence[Department]:
        return []

    async def known(self, user_ids: Collection[str], _departments: Mapping[str, Department]) -> Sequence[Known]:
        found = {user_id: self.names[user_id] for user_id in user_ids if user_id in self.names}
        self.happen()
        return [
            Known(user_id=user_id, is_service=False, display_name=name, avatar_url=None, person=None)
            for user_id, name in found.items()
        ]

    async def plans(self, _since: int) -> Sequence[DutyPlan]:
        found = list(self.plans_made)
        self.happen()
        return found

    async def gone(self, user_ids: Collection[str]) -> frozenset[str]:
        found = frozenset(user_ids) & self.left
        self.happen()
        return found

    async def found(self, text: str) -> list[str]:
        return [known.user_id for known in (await self.people.current()).matches(term_of(text))]

    async def on_duty(self, at: int = NOW_MS) -> str | None:
        return (await self.duty.resolve("ICU", at)).user_id


def fail() -> None:
    raise ConnectionResetError


async def test_whoever_changes_while_they_are_read_is_read_again() -> None:
    site = Site()
    site.names = {f"@{number:03}:hospital.test": f"People {number}" for number in range(250)}
    site.meanwhile = lambda: site.rename("@007:hospital.test", "Somebody else")
    assert await site.found("people 7") != []
    assert await site.found("somebody") == ["@007:hospital.test"]
    site.rename("@007:hospital.test", "Once more")
    site.meanwhile = lambda: site.rename("@007:hospital.test", "At last")
    assert await site.found("once") == []
    assert await site.found("atlast") == ["@007:hospital.test"]
    del site.names["@007:hospital.test"]
    site.people.published([entry(kinds.AccountDeactivated(), "@007:hospital.test")])
    assert await site.found("atlast") == []


async def test_what_could_not_be_read_is_read_the_next_time() -> None:
    site = Site()
    site.names = {"@1:hospital.test": "One"}
    for _ in range(2):
        site.meanwhile = fail
        with pytest.raises(ConnectionResetError):
            await site.found("one")
    site.meanwhile = nothing
    assert await site.found("one") == ["@1:hospital.test"]
    site.rename("@1:hospital.test", "Two")
    site.meanwhile = fail
    with pytest.raises(ConnectionResetError):
        await site.found("two")
    assert await site.found("two") == ["@1:hospital.test"]


async def test_several_who_look_at_once_wait_for_one_reading() -> None:
    site = Site()
    site.names = {f"@{number}:hospital.test": "Name" for number in range(300)}
    found = await asyncio.gather(*(site.found("name") for _ in range(5)))
    assert [len(each) for each in found] == [300] * 5


async def test_duties_follow_plans_and_those_who_leave() -> None:
    site = Site()
    assert await site.on_duty() is None
    site.plan(DutyRole("ICU", standing="@last:h"), shifts=[Shift("@wang:h", NOW_MS, NOW_MS + 100)])
    assert await site.on_duty() == "@wang:h"
    site.let_go("@wang:h")
    assert await site.on_duty() == "@last:h"
    site.meanwhile = lambda: site.plan(shifts=[Shift("@li:h", NOW_MS, NOW_MS + 50)])
    site.plan(DutyRole("ICU", standing="@first:h"))
    assert await site.on_duty() == "@li:h"
    assert await site.on_duty(NOW_MS + 50) == "@first:h"
    site.plan(DutyRole("ICU", standing="@new:h"))
    site.meanwhile = lambda: site.let_go("@li:h")
    assert await site.on_duty() == "@new:h"
    site.plan(shifts=[Shift("@zhao:h", NOW_MS, NOW_MS + 100)])
    site.meanwhile = fail
    with pytest.raises(ConnectionResetError):
        await site.on_duty()
    assert await site.on_duty() == "@zhao:h"


async def test_what_is_long_past_is_not_answered_wrongly() -> None:
    with pytest.raises(InvalidParam):
        await Site().on_duty(NOW_MS - REACH_BACK_MS - 1)
