"""Tokens of answers that did not hold all messages to the device."""

import pytest

from myelin.matrix.errors import InvalidParam
from myelin.sync.sync import held
from myelin.sync.token import SyncToken, TokenSeal, parse_token

SEAL, LEAF = TokenSeal(b"secret"), b"leaf"


def test_a_token_says_up_to_where_messages_came() -> None:
    usual = parse_token(SEAL.seal(SyncToken(70, 60, 20), 3, LEAF))
    assert usual.to_device_position == 70
    after = parse_token(SEAL.seal(held(usual, 65), 3, LEAF))
    assert (after.position, after.to_device_position) == (70, 65)
    assert SEAL.verifies(after, 3, LEAF)
    # What it held back it has not delivered: it speaks of no event.
    assert after.from_position == after.position


def test_nobody_else_can_move_the_messages_on() -> None:
    text = SEAL.seal(held(SyncToken(70, 60, 20), 65), 3, LEAF)
    forged = parse_token(text.replace(".65.", ".69."))
    assert forged.to_device_position == 69
    assert not SEAL.verifies(forged, 3, LEAF)


@pytest.mark.parametrize("text", ["70.60.20.0.x.tag", "70.60.20.0.-1.tag", "70.60.20.0.1.2.tag"])
def test_malformed_tokens_are_refused(text: str) -> None:
    with pytest.raises(InvalidParam):
        parse_token(text)
