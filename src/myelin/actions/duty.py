"""One import of who is on duty: one entry with the whole verified plan, which counts from then on."""

from __future__ import annotations

import msgspec

from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.entries.duty_plan import DutyPlan
from myelin.entries.entry import Draft
from myelin.entries.facts import DutyPlanned
from myelin.matrix.errors import NotFound


def plan_duty(plan: DutyPlan, source: str) -> Proposal[int]:
    """Propose a plan; the answer is its position. `NotFound` where somebody has left since it was verified."""
    facts = DutyPlanned(
        source=source,
        roles=tuple(role.role for role in plan.roles),
        rosters=tuple((roster.role, roster.begins, roster.ends) for roster in plan.rosters),
    )
    body = msgspec.json.encode(plan)

    def propose(turn: Turn) -> int:
        present = {user.user_id for user in turn.users(sorted(plan.people)) if user.active and user.post is not None}
        if gone := sorted(plan.people - present):
            raise NotFound(f"{gone[0]} has left the directory in this moment; import the file again")
        return turn.emit(Draft(facts=facts, body=body)).position

    return Proposal(propose)
