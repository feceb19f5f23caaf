from collections.abc import Iterator

import pytest

from myelin.actions import refused_sign_ins
from myelin.actions.refused_sign_ins import RefusedSignIns
from myelin.append.proposal import Lane, Proposal
from myelin.entries.entry import Draft
from myelin.entries.facts import SignInRefused
from myelin.matrix.errors import ResourceUnavailable

WANG = "@wang:hospital.test"


class Record:
    """Stands for the pool, and for the turn of each proposal."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []

    def emit(self, draft: Draft) -> None:
        self.drafts.append(draft)

    async def submit(self, proposal: Proposal[None]) -> None:
        assert proposal.lane is Lane.BULK
        proposal.propose(self)  # type: ignore[arg-type]

    def counts(self) -> Iterator[tuple[str | None, bytes, int]]:
        for draft in self.drafts:
            assert isinstance(draft.facts, SignInRefused)
            yield draft.sender, draft.body, draft.facts.count


async def test_many_refusals_are_one_entry_for_each_account_and_address() -> None:
    refusals, record = RefusedSignIns(), Record()
    for user_id, address in [(WANG, "192.0.2.1")] * 3 + [(WANG, "192.0.2.2"), (None, "192.0.2.1")]:
        refusals.count(user_id, address)
    await refusals.record(record.submit)
    assert list(record.counts()) == [
        (WANG, b'{"address":"192.0.2.1"}', 3),
        (WANG, b'{"address":"192.0.2.2"}', 1),
        (None, b'{"address":"192.0.2.1"}', 1),
    ]


async def test_what_was_recorded_is_not_recorded_again() -> None:
    refusals, record = RefusedSignIns(), Record()
    refusals.count(WANG, "192.0.2.1")
    await refusals.record(record.submit)
    await refusals.record(record.submit)
    assert len(record.drafts) == 1


async def test_a_flood_of_names_is_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refused_sign_ins, "COUNTED_LIMIT", 2)
    refusals, record = RefusedSignIns(), Record()
    for number in range(5):
        refusals.count(None, f"192.0.2.{number}")
    await refusals.record(record.submit)
    assert [count for _, _, count in record.counts()] == [1, 1, 3]


async def test_a_database_that_is_away_stops_nothing() -> None:
    refusals = RefusedSignIns()
    refusals.count(WANG, "192.0.2.1")

    async def away(proposal: Proposal[None]) -> None:
        raise ResourceUnavailable

    await refusals.record(away)
