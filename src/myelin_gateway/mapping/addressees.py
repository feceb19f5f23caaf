"""Who is meant by news, in the hospital's words; and what no map knows, so that somebody can map it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from myelin_gateway.mapping.criticality import has_strange_unit
from myelin_gateway.model import (
    News,
    OperationChanged,
    Place,
    Report,
    ReportIssued,
    StaffReference,
    Visit,
    VisitChanged,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from myelin_gateway.mapping.maps import Maps

CodeKind = Literal["staff", "ward", "analyte", "flag", "unit"]


class Unmapped(msgspec.Struct, frozen=True):
    """A code of a partner's that no map knows; an empty one where a name came without its code."""

    kind: CodeKind
    code: str
    name: str = ""


class Addressees(msgspec.Struct, frozen=True):
    """Whom news is for: people by employee number, and the ward's department, nurses, station and ladder.

    `fallback_role` is there whenever somebody who was named is not known, or nobody is: so it is never for nobody.
    """

    employees: tuple[str, ...] = ()
    department: str = ""
    nurse_role: str = ""
    station: str = ""
    ladder: str = ""
    fallback_role: str = ""
    unmapped: tuple[Unmapped, ...] = ()


def who_is_meant(news: News, maps: Maps, fallback_role: str) -> Addressees:
    """Return whom news is for; the ordering doctors of a report, the team of an operation, the doctors of a visit."""
    staff, place = named_in(news)
    employees = tuple(dict.fromkeys(maps.staff[each.code] for each in staff if each.code in maps.staff))
    ward = maps.wards.get(place.ward)
    unmapped = (*unmapped_staff(staff, maps), *unmapped_ward(place, maps))
    return Addressees(
        employees=employees,
        department=ward.department if ward else "",
        nurse_role=ward.nurse_role if ward else "",
        station=ward.station if ward else "",
        ladder=ward.ladder if ward else "",
        fallback_role=fallback_role if unmapped or not employees else "",
        unmapped=unmapped,
    )


def named_in(news: News) -> tuple[tuple[StaffReference, ...], Place]:
    """Return the people and the place that news names; those who leave an operation are meant too."""
    match news:
        case ReportIssued():
            return news.report.orderers, place_in(news.report.visit)
        case OperationChanged():
            team = (*news.plan.staff, *news.removed)
            return tuple(person for _role, person in team), place_in(news.plan.visit)
        case VisitChanged():
            return news.visit.attending, news.visit.place
        case _:
            return (), Place()


def place_in(visit: Visit | None) -> Place:
    return visit.place if visit else Place()


def unmapped_staff(staff: Iterable[StaffReference], maps: Maps) -> list[Unmapped]:
    # A name is no person: two doctors may have one.
    return [Unmapped("staff", each.code, each.name) for each in staff if each.code not in maps.staff]


def unmapped_ward(place: Place, maps: Maps) -> list[Unmapped]:
    return [Unmapped("ward", place.ward)] if place.ward and place.ward not in maps.wards else []


def unmapped_codes(news: News, maps: Maps) -> tuple[Unmapped, ...]:
    """Return everything in news that the integration role could map, each once."""
    staff, place = named_in(news)
    people = [*unmapped_staff(staff, maps), *unmapped_ward(place, maps)]
    values = unmapped_values(news.report, maps) if isinstance(news, ReportIssued) else []
    return tuple(dict.fromkeys([*people, *values]))


def unmapped_values(report: Report, maps: Maps) -> list[Unmapped]:
    found: list[Unmapped] = []
    for result in report.results:
        if maps.analytes.limits_of(result.analyte) is None:
            found.append(Unmapped("analyte", result.analyte.code, result.analyte.name))
        if has_strange_unit(result, maps.analytes):
            found.append(Unmapped("unit", result.unit, result.analyte.code))
        found += [Unmapped("flag", flag) for flag in result.unknown_flags]
    return found
