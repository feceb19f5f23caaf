import re
import time

from hypothesis import example, given
from hypothesis import strategies as st

from myelin.rules.globs import whole_glob, word_glob

PATTERNS = st.text("ab.?*_ 心", max_size=8)
TEXTS = st.text("aAbB._ 心", max_size=14)


def as_expression(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")


@given(PATTERNS, TEXTS)
def test_a_whole_text_matches_as_a_regular_expression_says(pattern: str, text: str) -> None:
    expected = re.fullmatch(as_expression(pattern), text, re.IGNORECASE | re.DOTALL) is not None
    assert whole_glob(pattern)(text.lower()) == expected


@given(PATTERNS, TEXTS)
@example("a*", "ba b")
@example("*b", "ab_ab")
def test_words_match_as_a_regular_expression_says(pattern: str, text: str) -> None:
    bounded = rf"(?<![A-Za-z0-9_])(?:{as_expression(pattern)})(?![A-Za-z0-9_])"
    assert word_glob(pattern)(text.lower()) == (re.search(bounded, text, re.IGNORECASE | re.DOTALL) is not None)


def test_no_pattern_takes_long() -> None:
    text, begun = "a" * 10_000, time.process_time()
    for pattern in ("*a" * 200 + "b", "a*" * 200 + "b", "?" * 500 + "b", "*" * 500 + "b"):
        assert not whole_glob(pattern)(text)
        assert not word_glob(pattern)(text)
    # A pattern that tries again from the start needs hours.
    assert time.process_time() - begun < 5
