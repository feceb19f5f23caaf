import inspect
import json
from collections.abc import Callable

import pytest

from myelin.matrix import errors
from myelin.matrix.errors import (
    Forbidden,
    LimitExceeded,
    MatrixError,
    NotAuthorized,
    UnknownToken,
    WrongRoomKeysVersion,
)

CLASSES = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, MatrixError)]
# Raised with a value that the standard asks for beside the message.
MAKERS: dict[type[MatrixError], Callable[[], MatrixError]] = {
    LimitExceeded: lambda: LimitExceeded(retry_after_ms=1),
    WrongRoomKeysVersion: lambda: WrongRoomKeysVersion(current_version="1"),
}


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_has_a_sentence_a_status_and_an_errcode(kind: type[MatrixError]) -> None:
    fields = MAKERS.get(kind, kind)().fields()
    assert fields["errcode"] == kind.errcode and kind.errcode.startswith("M_")
    assert 400 <= kind.status < 600
    assert isinstance(fields["error"], str) and fields["error"] == kind.__doc__ and "\n" not in fields["error"]


def test_the_tree_names_every_class() -> None:
    assert errors.__doc__ is not None
    assert [kind.__name__ for kind in CLASSES if kind.__name__ not in errors.__doc__] == []


def test_message_and_extra_fields_reach_the_body() -> None:
    body = json.loads(LimitExceeded("wait a second", retry_after_ms=1000).body())
    assert body == {"errcode": "M_LIMIT_EXCEEDED", "error": "wait a second", "retry_after_ms": 1000}


def test_an_unknown_token_says_whether_the_session_may_go_on() -> None:
    assert UnknownToken().fields()["soft_logout"] is False
    assert UnknownToken(soft_logout=True).fields()["soft_logout"] is True


def test_a_refusal_by_the_rules_is_a_refusal() -> None:
    assert issubclass(NotAuthorized, Forbidden) and NotAuthorized.errcode == "M_FORBIDDEN"
