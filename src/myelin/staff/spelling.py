"""How names are written and spelled when somebody looks for them: folded, and in pinyin without tones.

`pypinyin` knows the readings of characters; which of them a surname takes is `surnames`' affair.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain, islice, product

from myelin.staff.surnames import COMPOUND, SINGLE

Syllables = tuple[str, ...]

# Rarer readings than these are found in dictionaries, not in names.
READINGS_OF_A_CHARACTER = 3
READINGS_OF_A_NAME = 8
READINGS_OF_WORDS = 6
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
UNITS = re.compile(f"[{HAN}]|[^{HAN}\\W_]+")


def fold(text: str) -> str:
    """Return text as it is compared: letters and digits, without their width, case and tone marks."""
    wide = unicodedata.normalize("NFKC", text).casefold().replace("ü", "v")
    bare = "".join(each for each in unicodedata.normalize("NFD", wide) if each.isalnum())
    return unicodedata.normalize("NFC", bare)


class Spelling:
    """Spells names and words. The dictionary of readings is loaded with the first Chinese character."""

    def __init__(self) -> None:
        self._readings = cache(readings_of_character)

    def load(self) -> None:
        """Load the dictionary now: it takes a while, which a thread can spend beside others."""
        self._readings("一")

    def of_name(self, name: str) -> Sequence[Syllables]:
        """Return the readings of a person's name, the likeliest first; its surname is read as one."""
        units = units_of(name)
        readings = chain.from_iterable(self._with_surname(surname, units) for surname in surnames_of(units))
        return list(islice(dict.fromkeys(readings), READINGS_OF_A_NAME))

    def of_words(self, words: str) -> Sequence[Syllables]:
        """Return the readings of a department or a title: the likeliest, then with one character read otherwise."""
        choices = [self._readings(unit) for unit in units_of(words)]
        usual = tuple(readings[0] for readings in choices)
        others = (
            (*usual[:place], reading, *usual[place + 1 :])
            for place, readings in enumerate(choices)
            for reading in readings[1:]
        )
        return [usual, *islice(others, READINGS_OF_WORDS - 1)]

    def _with_surname(self, surname: Sequence[str], units: Sequence[str]) -> Iterator[Syllables]:
        # A surname that is no exception has its character's commonest reading.
        begin = [spelled(each) for each in surname] or [self._readings(unit)[:1] for unit in units[:1]]
        return product(*begin, *map(self._readings, units[len(begin) :]))


def units_of(text: str) -> list[str]:
    """Return Chinese characters one by one, and what is between them as words."""
    return [folded for unit in UNITS.findall(unicodedata.normalize("NFKC", text)) if (folded := fold(unit))]


def surnames_of(units: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield what may be the surname, the readings of each character with a blank between; empty where it has no own."""
    compound = COMPOUND.get("".join(units[:2]))
    # 单于洋 is somebody called 单于, or somebody called 单.
    if compound is not None and len(units) > 2:
        yield compound.split()
    yield [SINGLE[units[0]]] if units and units[0] in SINGLE else []


def readings_of_character(unit: str) -> Syllables:
    """Return the common readings of a character, the commonest first; what is no character is read as it is."""
    if not re.fullmatch(f"[{HAN}]", unit):
        return (unit,)
    # Phrases would tell nothing about names, and cost 45 MB; pypinyin can be told so only in this way.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import Style, pinyin

    found = pinyin(unit, style=Style.NORMAL, heteronym=True, errors="ignore")
    readings = found[0][:READINGS_OF_A_CHARACTER] if found else [unit]
    return tuple(dict.fromkeys(typed for reading in readings for typed in as_typed(reading)))


def spelled(readings: str) -> Syllables:
    return tuple(typed for reading in readings.split() for typed in as_typed(reading))


def as_typed(reading: str) -> Sequence[str]:
    """Return a syllable as people type it: 吕 is lv, lu in older documents, and lyu in passports."""
    if "v" not in reading:
        return (reading,)
    return (reading, reading.replace("v", "u"), reading.replace("v", "yu"))
