"""What arrives between 0x0B and 0x1C, and what else arrives."""

from __future__ import annotations

import pytest

from myelin_gateway.hl7v2 import Frames, FrameTooLarge, framed

HEADER = b"MSH|^~\\&|LIS"


def fed(*pieces: bytes, limit: int = 1000) -> tuple[list[bytes], Frames]:
    frames = Frames(limit)
    return [frame for piece in pieces for frame in frames.feed(piece)], frames


def test_several_messages_in_one_piece_and_one_in_many() -> None:
    whole = framed(b"one") + framed(b"two")
    assert fed(whole)[0] == fed(*(bytes([byte]) for byte in whole))[0] == [b"one", b"two"]


def test_junk_outside_is_skipped_and_counted() -> None:
    found, frames = fed(b"hello" + framed(b"one") + b"\r\n\n" + framed(b"two") + b"bye")
    assert found == [b"one", b"two"] and frames.junk_bytes == len(b"hellobye")


def test_an_end_needs_no_carriage_return() -> None:
    assert fed(b"\x0bone\x1c\x0btwo\x1c")[0] == [b"one", b"two"]


def test_empty_frames_are_signs_of_life() -> None:
    assert fed(framed(b"") + framed(b"one"))[0] == [b"one"]


def test_a_message_begun_anew_counts_once() -> None:
    found, frames = fed(b"\x0b" + HEADER + b"|half", framed(HEADER + b"|whole"))
    assert found == [HEADER + b"|whole"] and frames.abandoned == 1


def test_a_vertical_tab_inside_a_text_is_no_start() -> None:
    found, frames = fed(framed(HEADER + b"\rOBX|1|TX|||a\x0bb"))
    assert found == [HEADER + b"\rOBX|1|TX|||a\x0bb"] and frames.abandoned == 0


def test_what_is_too_large_says_how_it_began_and_frees_the_rest() -> None:
    frames = Frames(1000)
    with pytest.raises(FrameTooLarge) as refused:
        list(frames.feed(b"\x0b" + HEADER + b"A" * 2000))
    assert refused.value.beginning.startswith(HEADER) and not frames.is_inside


def test_junk_never_piles_up() -> None:
    found, frames = fed(*[b"noise" * 100] * 100, framed(b"one"), limit=1000)
    assert found == [b"one"] and frames.junk_bytes == 50_000
