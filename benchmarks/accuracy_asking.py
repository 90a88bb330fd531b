"""Queries of the accuracy benchmark: made, asked through the public interface, written down."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from PIL import Image

import hashmatch as hm
from benchmarks.accuracy_base import HALVES, hashed
from benchmarks.accuracy_edits import EDITS, edited, generator
from benchmarks.accuracy_photographs import loaded
from benchmarks.accuracy_processes import in_processes
from benchmarks.accuracy_text import Rng

NOBODY = -1


@dataclass(frozen=True)
class Found:
    """One match: the entry's row, and what is said of it; why it is only POSSIBLE, if it is.

    Attributes:
        adjusted: distance in bits that was judged, and ``placement`` in words, where the query was
            registered.
    """

    entry: int
    distance: int
    status: str
    expected_false_matches: float | None
    reason: str | None = None
    adjusted: float | None = None
    placement: str | None = None


@dataclass(frozen=True)
class Answer:
    """What came of one query.

    Attributes:
        name: of the edit or the set.
        photo: photograph that was edited.
        background: photograph that it was set into, or ``NOBODY``.
        seconds: of the whole check, from the file's bytes.
        comparisons: of hashes, in all.
        reason: what is said of the answer as a whole.
        quality: of the query's PDQ.
        hashes: of the query as it stands, by algorithm.
    """

    name: str
    photo: int
    background: int
    status: str
    found: tuple[Found, ...]
    seconds: float
    comparisons: int
    reason: str | None
    quality: int
    hashes: dict[str, bytes]


@dataclass(frozen=True)
class Question:
    """One query of an edit, made in a worker process; the generator is the question's own."""

    edit: str
    number: int
    photo: int
    background: int


@dataclass(frozen=True)
class Setting:
    """What a worker process needs.

    Attributes:
        databases: one for the queries of each half of the photographs, or one for all.
        level: the policy's.
    """

    databases: tuple[Path, ...]
    level: str
    paths: tuple[Path, ...] = ()
    longest: int = 1024
    seed: int = 0


class Asker:
    """A checker over each database, kept open in its process."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._open = [hm.open_database(path, read_only=True) for path in setting.databases]
        policy = hm.MatchPolicy(level=hm.Level(setting.level))
        self._checkers = [hm.Checker(db, policy=policy, audit=False) for db in self._open]
        for checker in self._checkers:
            checker.check_hash("pdq", bytes(range(32)))  # opens the lookups, untimed

    def ask(self, data: bytes, name: str, photo: int, background: int = NOBODY) -> Answer:
        checker = self._checkers[photo % len(self._checkers)]
        start = time.perf_counter()
        result = checker.check(data)
        seconds = time.perf_counter() - start
        found = tuple(
            Found(
                int(match.opinions[0].record_key),
                match.distance,
                match.status.value,
                match.expected_false_matches,
                match.reason,
                match.adjusted_distance,
                match.placement.describe() if match.placement else None,
            )
            for match in result.matches
        )
        with Image.open(io.BytesIO(data)) as opened:
            hashes, quality = hashed(np.asarray(opened.convert("RGB")))
        return Answer(
            name=name,
            photo=photo,
            background=background,
            status=result.status.value,
            found=found,
            seconds=seconds,
            comparisons=result.n_comparisons,
            reason=result.reason,
            quality=quality,
            hashes=hashes,
        )

    def photograph(self, number: int) -> Image.Image:
        return _kept(self.setting.paths[number], self.setting.longest)

    def close(self) -> None:
        for db in self._open:
            db.close()


_kept = lru_cache(maxsize=64)(loaded)
_ASKERS: list[Asker] = []


def prepare(setting: Setting) -> None:
    """Opens the database of this process."""
    close()
    _ASKERS.append(Asker(setting))


def close() -> None:
    """Closes it, where this process is the one that asks; the others end."""
    while _ASKERS:
        _ASKERS.pop().close()


def answer(question: Question) -> Answer:
    asker = _ASKERS[0]
    rng = generator(asker.setting.seed, question.edit, question.number)
    other = None if question.background == NOBODY else asker.photograph(question.background)
    data = edited(rng, EDITS[question.edit], asker.photograph(question.photo), other)
    return asker.ask(data, question.edit, question.photo, question.background)


def questions(edits: Sequence[str], count: int, usable: Sequence[int], seed: int) -> list[Question]:
    """``count`` of each edit; every usable photograph is taken before one is taken again.

    A background is of the photograph's own half, so that no part of it is an entry either.
    """
    made = []
    for edit in edits:
        rng = generator(seed, "photographs", edit)
        for number, photo in enumerate(_drawn(rng, usable, count)):
            background = NOBODY
            if EDITS[edit].onto is not None:
                alike = [n for n in usable if n != photo and (n - photo) % HALVES == 0]
                background = int(rng.choice(alike))
            made.append(Question(edit, number, photo, background))
    return made


def _drawn(rng: Rng, usable: Sequence[int], count: int) -> list[int]:
    rounds = -(-count // len(usable))
    drawn = np.concatenate([rng.permutation(usable) for _ in range(rounds)])
    return [int(number) for number in drawn[:count]]


def answers(asked: Sequence[Question], setting: Setting, processes: int) -> Iterator[Answer]:
    """Answers in the order of the questions."""
    yield from in_processes(answer, asked, processes, partial(prepare, setting))
    close()
