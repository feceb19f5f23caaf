"""Which thumbnail answers a request: one of few, and none that is smaller than what was asked for."""

from hypothesis import given
from hypothesis import strategies as st

from myelin.media.sizes import CROPPED, SCALED, STEPS, standard

LENGTHS = st.integers(1, 10_000)


@given(LENGTHS, LENGTHS, st.booleans())
def test_no_thumbnail_is_smaller_than_asked(width: int, height: int, crops: bool) -> None:
    ask = standard(width, height, crops, animated=False)
    assert ask.width == 0 or (ask.width >= width and ask.height >= height)


@given(LENGTHS, LENGTHS)
def test_a_cropped_one_keeps_its_proportions(width: int, height: int) -> None:
    ask = standard(width, height, crops=True, animated=False)
    if ask.width:
        asked, given = sorted((width, height)), sorted((ask.width, ask.height))
        assert 0 <= given[0] / given[1] - asked[0] / asked[1] <= 1 / STEPS


def test_there_are_few() -> None:
    every = range(1, 2000, 7)
    scaled = {standard(width, height, False, False).name for width in every for height in every}
    cropped = {standard(width, height, True, False).name for width in every for height in every}
    assert len(scaled) == len(SCALED) + 1
    assert len(cropped) <= len(CROPPED) * STEPS * 2 + 1


def test_those_of_the_specification_are_made() -> None:
    assert standard(32, 32, True, False).name == "crop-32x32"
    assert standard(96, 96, True, False).name == "crop-96x96"
    assert [standard(*size, False, False).name for size in ((320, 240), (640, 480), (800, 600))] == [
        "scale-320x240",
        "scale-640x480",
        "scale-800x600",
    ]
    assert standard(100, 100, False, True).name == "scale-320x240-animated"
