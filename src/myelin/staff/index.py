"""Everybody who can be looked up, in memory, found by a scan; best match first.

A scan is quick (20,000 names take a millisecond), finds every part of a name, and a change is one line. There are two
texts of everybody, in characters and in letters, each in two parts: what the person is called, and where they work,
which is one string for all who share it. The table stands in the order of names, so equal matches come sorted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, product, repeat

import msgspec

from myelin.matrix.identifiers import localpart_of
from myelin.projections.directory import PATH_SEPARATOR, Department, Person
from myelin.projections.known_people import Known
from myelin.staff.spelling import Spelling, Syllables, fold

# What a field begins with; folded text has no control characters, so nobody can type one.
NUMBER, NAME, INITIALS, LATER_NAME, DEPARTMENT, END = "\x01", "\x02", "\x03", "\x04", "\x05", "\x00"
# What is best first: where this stands before and after the word, in what people are called, and in their posts.
NAME_RANKS: Sequence[tuple[str, str]] = (
    (NUMBER, END),
    (NAME, END),
    (INITIALS, END),
    (NAME, ""),
    (INITIALS, ""),
    (NUMBER, ""),
    (LATER_NAME, ""),
)
POST_RANKS: Sequence[tuple[str, str]] = ((DEPARTMENT, END), (DEPARTMENT, ""))
WORDS_LIMIT = 8

Place = tuple[str, str]


class Texts(msgspec.Struct, frozen=True, gc=False):
    """A text in characters, and as that is spelled in letters."""

    written: str
    spelled: str


class Column:
    """One kind of text of everybody: what they are called, and where they work."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.posts: list[str] = []
        self._sharing: Counter[str] = Counter()

    def insert(self, index: int, name: str, post: str) -> None:
        self.names.insert(index, name)
        self.posts.insert(index, post)
        self._sharing[post] += 1

    def delete(self, index: int) -> None:
        post = self.posts.pop(index)
        del self.names[index]
        self._sharing[post] -= 1
        if not self._sharing[post]:
            del self._sharing[post]

    def posts_with(self, text: str) -> frozenset[str]:
        return frozenset(post for post in self._sharing if text in post)


class Term(msgspec.Struct, frozen=True):
    """What somebody looks for: all these words. `ranked` are the words that decide who comes first."""

    words: tuple[str, ...]
    ranked: tuple[str, ...]


class PeopleIndex:
    """Finds people. `departments` are those that their posts name."""

    def __init__(self, spelling: Spelling) -> None:
        self._spelling = spelling
        self.departments: Mapping[str, Department] = {}
        self._department_texts = cache(self._texts_of_department)
        self._post_texts = cache(self._texts_of_post)
        # Columns of one table, sorted by the first.
        self._places: list[Place] = []
        self._known: list[Known] = []
        self._written = Column()
        self._spelled = Column()
        self._place_of: dict[str, Place] = {}

    def __len__(self) -> int:
        return len(self._known)

    def __iter__(self) -> Iterator[Known]:
        return iter(self._known)

    def get(self, user_id: str) -> Known | None:
        """Return somebody, None for whoever cannot be looked up."""
        place = self._place_of.get(user_id)
        return self._known[bisect_left(self._places, place)] if place is not None else None

    def put(self, known: Known) -> None:
        """Take somebody up, or what has changed of them."""
        self.drop(known.user_id)
        name, post = self._name_texts(known), self._post_texts(*post_of(known))
        # The likeliest reading of the name stands first in what is spelled.
        place = (name.spelled[name.spelled.find(NAME) :].partition(END)[0], known.user_id)
        index = bisect_left(self._places, place)
        self._places.insert(index, place)
        self._known.insert(index, known)
        self._written.insert(index, name.written, post.written)
        self._spelled.insert(index, name.spelled, post.spelled)
        self._place_of[known.user_id] = place

    def drop(self, user_id: str) -> None:
        """Forget somebody."""
        place = self._place_of.pop(user_id, None)
        if place is not None:
            index = bisect_left(self._places, place)
            del self._places[index], self._known[index]
            self._written.delete(index)
            self._spelled.delete(index)

    def set_departments(self, departments: Mapping[str, Department]) -> frozenset[str]:
        """Take up the tree; return who works in a department that is called otherwise now, and must be put again."""
        changed = {
            department_id
            for department_id in self.departments.keys() | departments.keys()
            if self.departments.get(department_id) != departments.get(department_id)
        }
        self.departments = departments
        self._department_texts.cache_clear()
        self._post_texts.cache_clear()
        return frozenset(
            known.user_id
            for known in self._known
            if known.person is not None and not changed.isdisjoint(departments_of(known.person))
        )

    def matches(self, term: Term) -> Iterator[Known]:
        """Yield whoever all words fit, best first, nobody without a word; nothing may be put meanwhile."""
        remaining: Iterable[int] = range(len(self._known) if term.words else 0)
        for word in term.words:
            remaining = self._fitting(word, remaining)
        for found in self._ranked(term.ranked, list(remaining)):
            yield from (self._known[index] for index in found)

    def _fitting(self, word: str, indices: Iterable[int]) -> list[int]:
        column = self._column(word)
        names, posts, fitting = column.names, column.posts, column.posts_with(word)
        return [index for index in indices if word in names[index] or posts[index] in fitting]

    def _ranked(self, words: Sequence[str], remaining: list[int]) -> Iterator[Sequence[int]]:
        """Yield the lines of each rank in turn, and at last those that fit in no better way."""
        for (before, after), word in product(NAME_RANKS, words):
            wanted, names = f"{before}{word}{after}", self._column(word).names
            found = [index for index in remaining if wanted in names[index]]
            yield found
            remaining = without(remaining, found)
        for (before, after), word in product(POST_RANKS, words):
            column = self._column(word)
            posts, fitting = column.posts, column.posts_with(f"{before}{word}{after}")
            found = [index for index in remaining if posts[index] in fitting]
            yield found
            remaining = without(remaining, found)
        yield remaining

    def _column(self, word: str) -> Column:
        return self._spelled if word.isascii() else self._written

    def _name_texts(self, known: Known) -> Texts:
        person = known.person
        name = person.name if person is not None else known.display_name or ""
        number = field(NUMBER, fold(person.employee_number if person is not None else localpart_of(known.user_id)))
        folded = fold(name)
        written = (field(NAME, folded), *(field(LATER_NAME, folded[start:]) for start in range(1, len(folded))))
        spelled = dict.fromkeys(chain.from_iterable(map(spelled_name, self._spelling.of_name(name))))
        return Texts(number + "".join(written), number + "".join(spelled))

    def _texts_of_post(self, departments: tuple[str, ...], title: str) -> Texts:
        texts = [self._department_texts(department_id) for department_id in departments]
        spelled = "".join(self._spelling.of_words(title)[0])
        return Texts(
            "".join((*(each.written for each in texts), field("", fold(title)))),
            "".join((*(each.spelled for each in texts), field("", spelled))),
        )

    def _texts_of_department(self, department_id: str) -> Texts:
        """Return the fields of a department: its own name marked, those above it not."""
        department = self.departments.get(department_id)
        if department is None:
            return Texts("", "")
        names = list(
            zip(chain((DEPARTMENT,), repeat("")), reversed(department.path.split(PATH_SEPARATOR)), strict=False)
        )
        written = "".join(field(mark, fold(name)) for mark, name in names) + field("", fold(department.path))
        spelled = dict.fromkeys(
            field(mark, text)
            for mark, name in names
            for reading in self._spelling.of_words(name)
            for text in ("".join(reading), initials(reading))
        )
        return Texts(written, "".join(spelled))


def term_of(text: str) -> Term:
    """Return what somebody means who types this; no words where there is no letter and no digit."""
    text = text.strip()
    if text.startswith("@"):
        text = text[1:].partition(":")[0]
    words = tuple(dict.fromkeys(folded for word in text.split() if (folded := fold(word))))[:WORDS_LIMIT]
    joined = "".join(words)
    # 欧阳 is typed "ou yang", too; words of two kinds are never one name.
    together = joined if all(word.isascii() == joined.isascii() for word in words) else ""
    return Term(words, tuple(dict.fromkeys(filter(None, (together, *words[:1])))))


def departments_of(person: Person) -> tuple[str, ...]:
    """Return every department that a person works for, their own first."""
    return (person.department_id, *(department_id for department_id, _ in person.further))


def post_of(known: Known) -> tuple[tuple[str, ...], str]:
    """Return where somebody works, and as what."""
    return (departments_of(known.person), known.person.title) if known.person is not None else ((), "")


def without(indices: list[int], found: Sequence[int]) -> list[int]:
    if not found:
        return indices
    gone = frozenset(found)
    return [index for index in indices if index not in gone]


def spelled_name(reading: Syllables) -> Iterator[str]:
    """Yield the fields of one reading: whole and its initials, and both from each later syllable on."""
    if reading:
        yield field(NAME, "".join(reading))
        yield field(INITIALS, initials(reading))
        for start in range(1, len(reading)):
            yield field(LATER_NAME, "".join(reading[start:]))
            yield field(LATER_NAME, initials(reading[start:]))


def initials(reading: Syllables) -> str:
    return "".join(syllable[0] for syllable in reading)


def field(mark: str, text: str) -> str:
    return f"{mark}{text}{END}" if text else ""
