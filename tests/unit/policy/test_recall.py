"""Until when people may take back what they said."""

import pytest

from myelin.matrix.errors import Forbidden
from myelin.policy.policy import Policy

DAY_MS = 24 * 60 * 60 * 1000


def test_recall_ends_after_the_limit() -> None:
    policy = Policy(recall_limit_ms=DAY_MS)
    policy.check_recall(DAY_MS)
    with pytest.raises(Forbidden, match="too old to be recalled"):
        policy.check_recall(DAY_MS + 1)


def test_without_a_limit_it_never_ends() -> None:
    Policy(recall_limit_ms=None).check_recall(1000 * DAY_MS)
