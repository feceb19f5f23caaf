"""History visibility: the sentences of the specification as examples, and its definition as an oracle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myelin.rules.visibility import (
    HISTORY_VISIBILITIES,
    HistoryVisibility,
    MembershipInterval,
    history_visibility_of,
    membership_after,
    membership_before,
    visible,
)

STRICTER_LAST: tuple[HistoryVisibility, ...] = ("world_readable", "shared", "invited", "joined")

# Invited at 10, joined at 20, left at 30, joined again at 40.
LI = (
    MembershipInterval("invite", 10, 20),
    MembershipInterval("join", 20, 30),
    MembershipInterval("leave", 30, 40),
    MembershipInterval("join", 40),
)


@pytest.mark.parametrize(
    ("visibility", "seen"),
    [
        ("world_readable", [5, 10, 15, 20, 25, 30, 35, 40, 45]),
        ("shared", [5, 10, 15, 20, 25, 30, 35, 40, 45]),
        ("invited", [10, 15, 20, 25, 30, 40, 45]),
        ("joined", [20, 25, 30, 40, 45]),
    ],
)
def test_a_member_sees_what_each_visibility_allows(visibility: HistoryVisibility, seen: list[int]) -> None:
    assert [at for at in range(5, 50, 5) if visible(at, (visibility,), LI)] == seen


@pytest.mark.parametrize("visibility", ["shared", "invited", "joined"])
def test_who_left_sees_up_to_the_leave_and_nothing_after(visibility: HistoryVisibility) -> None:
    left = (MembershipInterval("join", 20, 30), MembershipInterval("leave", 30))
    assert visible(25, (visibility,), left)
    assert visible(30, (visibility,), left)
    assert not visible(31, (visibility,), left)
    assert visible(10, (visibility,), left) is (visibility == "shared")


@pytest.mark.parametrize("membership", ["invite", "knock", "leave", "ban"])
@pytest.mark.parametrize("visibility", STRICTER_LAST[1:])
def test_who_never_joined_sees_nothing(membership: str, visibility: HistoryVisibility) -> None:
    for memberships in ((), (MembershipInterval(membership, 10),)):
        assert not any(visible(at, (visibility,), memberships) for at in (5, 10, 15))
        assert visible(15, STRICTER_LAST[:1], memberships)


def test_a_visibility_event_is_seen_if_the_old_or_the_new_value_allows() -> None:
    assert visible(15, ("world_readable", "joined"), ())
    assert visible(15, ("joined", "world_readable"), ())
    assert visible(5, ("joined", "shared"), LI)
    assert not visible(5, ("joined", "invited"), LI)


@pytest.mark.parametrize("content", [None, {}, {"history_visibility": "secret"}, {"history_visibility": ["joined"]}])
def test_what_is_absent_or_not_understood_is_shared(content: dict[str, object] | None) -> None:
    assert history_visibility_of(content) == "shared"


@pytest.mark.parametrize("visibility", HISTORY_VISIBILITIES)
def test_a_known_visibility_is_itself(visibility: HistoryVisibility) -> None:
    assert history_visibility_of({"history_visibility": visibility}) == visibility


# --- the definition, played event by event ---

MEMBERSHIPS = st.sampled_from(["invite", "join", "leave", "ban", "knock"])
# Each event of a room is somebody else's (None) or sets the viewer's membership.
ROOMS = st.lists(st.none() | MEMBERSHIPS, min_size=1, max_size=12)
VISIBILITIES = st.sampled_from(STRICTER_LAST)


def intervals(room: list[str | None]) -> list[MembershipInterval]:
    changes = [(position, membership) for position, membership in enumerate(room) if membership is not None]
    ends: list[int | None] = [position for position, _ in changes[1:]]
    return [MembershipInterval(m, start, end) for (start, m), end in zip(changes, [*ends, None], strict=False)]


def played(room: list[str | None], position: int) -> tuple[str, str]:
    before = [each for each in room[:position] if each is not None]
    after = [each for each in room[: position + 1] if each is not None]
    return (before or ["leave"])[-1], (after or ["leave"])[-1]


@given(ROOMS, VISIBILITIES)
def test_every_event_is_visible_exactly_by_the_five_rules(
    room: list[str | None], visibility: HistoryVisibility
) -> None:
    for position in range(len(room)):
        around = played(room, position)
        memberships = intervals(room)
        assert (membership_before(position, memberships), membership_after(position, memberships)) == around
        joined_later = "join" in room[position + 1 :]
        expected = {
            "world_readable": True,
            "shared": "join" in around or joined_later,
            "invited": "join" in around or ("invite" in around and joined_later),
            "joined": "join" in around,
        }[visibility]
        assert visible(position, (visibility,), memberships) is expected


@given(ROOMS)
def test_a_stricter_visibility_never_shows_more(room: list[str | None]) -> None:
    memberships = intervals(room)
    for position in range(len(room)):
        seen = [visible(position, (each,), memberships) for each in STRICTER_LAST]
        assert seen == sorted(seen, reverse=True)


@given(ROOMS, st.lists(MEMBERSHIPS, max_size=4), VISIBILITIES)
def test_what_was_once_visible_stays_visible(
    room: list[str | None], later: list[str], visibility: HistoryVisibility
) -> None:
    now, then = intervals([*room, *later]), intervals(room)
    assert all(visible(at, (visibility,), now) for at in range(len(room)) if visible(at, (visibility,), then))
