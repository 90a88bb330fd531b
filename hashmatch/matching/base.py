"""What a checker asks: the lookups of one database, brought to one revision for each answer.

Most checks find nothing, and that is answered from the lookups alone: they hold everything that is
active at their revision, so what they lack is in no row. Only a hit is a question to the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hashmatch.algorithms import get_algorithm
from hashmatch.database import (
    AlgorithmsLookup,
    Database,
    DigestLookup,
    DigestsAt,
    HashesAt,
    HashLookup,
    KnownAt,
    KnownLookup,
    LookupMaker,
    SnapshotView,
    VectorLookup,
    VectorsAt,
)
from hashmatch.matching.calibration import Calibration
from hashmatch.matching.policy import MatchPolicy
from hashmatch.matching.question import Question
from hashmatch.matching.result import Match
from hashmatch.matching.search import Near, match_digests, match_hashes, near_entries, one_per_media
from hashmatch.matching.stages import Stages
from hashmatch.matching.thresholds import PDQ, PHOTODNA
from hashmatch.matching.widening import widened
from hashmatch.types import Digests


@dataclass(frozen=True, slots=True)
class Found:
    """What the database says, all of it at one revision.

    Attributes:
        problems: known sets that could not be asked.
        n_variants: forms of the query's hashes that were compared.
        n_entries, n_excluded: hashes that were compared with, or were not because they are
            crowded; 0 where no hash was compared.
        n_comparisons: comparisons of one variant with one entry.
        gates: entries that were left out, and why.
    """

    revision: int
    matches: tuple[Match, ...]
    known_sets: tuple[str, ...]
    problems: tuple[str, ...]
    n_variants: int = 0
    n_entries: int = 0
    n_excluded: int = 0
    n_comparisons: int = 0
    gates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """An answer and what it was made of, at one revision that is open for reading.

    Attributes:
        entries: by algorithm, what there is to be compared with.
        near: what was near.
        widens: whether the level has a wider search for such a question; also where it was left
            out, because a digest is known or a plain hash is a match.
    """

    view: SnapshotView
    entries: Mapping[str, HashesAt | VectorsAt]
    near: Near
    found: Found
    widens: bool


@dataclass(frozen=True, slots=True)
class State:
    """All that one question needs of the lookups, at one revision."""

    stated: DigestsAt
    known: KnownAt
    entries: Mapping[str, HashesAt | VectorsAt]
    gates: tuple[str, ...]


class CheckedBase:
    """Digests, hashes and known sets of one database. Usable from several threads."""

    def __init__(
        self,
        db: Database,
        policy: MatchPolicy,
        calibration: Calibration | None = None,
        hash_lookup: LookupMaker = HashLookup,
    ) -> None:
        self._db = db
        self._hash_lookup = hash_lookup
        self._calibration = calibration or Calibration.default()
        self._policy = policy
        self._others = [n for n in policy.compared[1:] if get_algorithm(n).computed]
        self._digests = DigestLookup(db)
        self._known = KnownLookup(db)
        self._algorithms = AlgorithmsLookup(db)
        self._entries: dict[str, HashLookup | VectorLookup] = {
            policy.algorithm: hash_lookup(db, policy.algorithm)
        }

    def computed(self) -> tuple[str, ...]:
        """The algorithms to compute of a picture: the policy's own, and what else there is
        something to compare with; none at level digest."""
        compared = self._policy.compared
        if not self._others:
            return compared[:1]
        if self._algorithms.state.revision != self._db.revision:
            with self._db.snapshot() as view:
                # With it what will be asked next, so that a new revision is read once.
                self._catch_up_all(view)
                for lookup in list(self._entries.values()):
                    if lookup.state.revision >= 0:
                        lookup.catch_up(view)
        there = self._algorithms.state.names
        return (compared[0], *(name for name in self._others if name in there))

    def _catch_up_all(self, view: SnapshotView) -> None:
        """What any medium is asked of; hashes that were asked for are followed besides."""
        self._digests.catch_up(view)
        self._known.catch_up(view)
        self._algorithms.catch_up(view)

    def answer(self, question: Question) -> Found:
        """The answer at the database's newest revision."""
        revision, near = self._db.revision, None
        state = self._held(question, revision)
        if state is not None:
            near = self._near(state, question, revision)
            nothing = not near and not state.stated.may_hold(question.digests)
            asked = state.known.problems or state.known.names_of(question.digests)
            if nothing and not asked:
                return self._found(question, near, gates=(*state.gates, *near.limits))
        while True:
            with self._db.snapshot() as view:
                state = self._at(view, question)
                if state is None:
                    continue  # another thread has gone further: ask a newer state
                if near is None or near.revision != view.revision:
                    near = self._near(state, question, view.revision)
                return self._read(view, state, near, question)

    @contextmanager
    def opened(self, question: Question, stages: Stages) -> Iterator[Opened]:
        """The same answer as ``answer`` gives, with what it was made of.

        Args:
            stages: is told what the steps cost.
        """
        while True:
            with self._db.snapshot() as view:
                with stages.timed("lookups"):
                    state = self._at(view, question)
                if state is None:
                    continue
                with stages.timed("plain hashes"):
                    near = self._plain(state, question, view.revision)
                with stages.timed("wide radius and registration"):
                    near = self._wider(near, state, question)
                with stages.timed("store and verdicts"):
                    found = self._read(view, state, near, question)
                widens = self._registered_in(state, question) is not None
                yield Opened(view, state.entries, near, found, widens)
                return

    def _read(self, view: SnapshotView, state: State, near: Near, question: Question) -> Found:
        """The answer, with what the store says of everything that is near."""
        by_digest = (
            match_digests(view, question.digests, self._policy)
            if state.stated.may_hold(question.digests)
            else []
        )
        by_hash, gates = match_hashes(view, near, question, self._policy)
        return self._found(
            question,
            near,
            matches=tuple(one_per_media(by_digest, by_hash)),
            known_sets=state.known.names_of(question.digests),
            problems=state.known.problems if question.digests else (),
            gates=(*state.gates, *gates),
        )

    def suspects(self, name: str, digests: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], Found]:
        """Which of many digests the store has to be asked for; and what holds for the others."""
        stated, known = self._digests.state, self._known.state
        while not stated.revision == known.revision == self._db.revision:
            with self._db.snapshot() as view:
                at = self._at(view, _NO_HASH)
            if at is not None:
                stated, known = at.stated, at.known
                break
        found = stated.may_hold_many(name, digests) | known.may_hold_many(name, digests)
        return found, Found(stated.revision, (), (), known.problems)

    def _near(self, state: State, question: Question, revision: int) -> Near:
        """Entries near the question, by everything that the policy's level tries."""
        return self._wider(self._plain(state, question, revision), state, question)

    def _plain(self, state: State, question: Question, revision: int) -> Near:
        near = near_entries(revision, state.entries, question, self._policy)
        return replace(near, calibration=self._calibration)

    def _wider(self, near: Near, state: State, question: Question) -> Near:
        hashes = self._registered_in(state, question)
        if hashes is None or state.stated.may_hold(question.digests):
            return near
        return widened(near, hashes, question, self._policy)

    def _registered_in(self, state: State, question: Question) -> HashesAt | None:
        """The entries that the level's wider search is in; None where the question has none."""
        hashes = state.entries.get(PDQ)
        return hashes if question.views and isinstance(hashes, HashesAt) else None

    def _held(self, question: Question, revision: int) -> State | None:
        """What the lookups hold, if all of it is of the revision."""
        stated, known = self._digests.state, self._known.state
        algorithms = self._algorithms.state
        names = self._names(question, algorithms.names)
        entries = {name: self._lookup(name).state for name in names}
        held = [stated.revision, known.revision, *(one.revision for one in entries.values())]
        missing: list[str] = []
        if self._needs_names(question):
            held.append(algorithms.revision)
            missing = self._missing(question, algorithms.names)
        gates = tuple(f"{name}: in the database, and not computed of the query" for name in missing)
        return State(stated, known, entries, gates) if set(held) == {revision} else None

    def _at(self, view: SnapshotView, question: Question) -> State | None:
        """Everything at the view's revision; None where a lookup is beyond it already."""
        self._digests.catch_up(view)
        self._known.catch_up(view)
        if self._needs_names(question):
            self._algorithms.catch_up(view)
        for name in self._names(question, self._algorithms.state.names):
            self._lookup(name).catch_up(view)
        return self._held(question, view.revision)

    def _needs_names(self, question: Question) -> bool:
        is_picture = question.of_medium and bool(question.values and self._others)
        return is_picture or bool(set(question.variants) - {self._policy.algorithm, PHOTODNA})

    def _missing(self, question: Question, there: frozenset[str]) -> list[str]:
        """What should have been computed of a picture: it is too small, it came with another
        tool's hashes, or a list brought the algorithm meanwhile."""
        asked = {value.algorithm for value in question.values}
        wanted = self._others if question.of_medium and question.values else []
        return [name for name in wanted if name in there and name not in asked]

    def _names(self, question: Question, there: frozenset[str]) -> list[str]:
        """The question's algorithms that there may be entries of.

        The main one is always asked; PhotoDNA values are rare enough in questions to be looked for.
        """
        always = (self._policy.algorithm, PHOTODNA)
        return [name for name in question.variants if name in always or name in there]

    def _lookup(self, name: str) -> HashLookup | VectorLookup:
        if name not in self._entries:
            make = (lambda db, _: VectorLookup(db)) if name == PHOTODNA else self._hash_lookup
            self._entries.setdefault(name, make(self._db, name))  # another thread may be faster
        return self._entries[name]

    def _found(
        self,
        question: Question,
        near: Near,
        *,
        matches: tuple[Match, ...] = (),
        known_sets: tuple[str, ...] = (),
        problems: tuple[str, ...] = (),
        gates: tuple[str, ...] = (),
    ) -> Found:
        return Found(
            revision=near.revision,
            matches=matches,
            known_sets=known_sets,
            problems=problems,
            n_variants=sum(len(question.variants[name]) for name in near.n_entries),
            n_entries=sum(near.n_entries.values()),
            n_excluded=near.n_excluded,
            n_comparisons=near.n_comparisons(question),
            gates=gates,
        )


_NO_HASH = Question(Digests())
