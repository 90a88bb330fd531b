"""What a checker asks: the lookups of one database, brought to one revision for each answer.

Most checks find nothing, and that is answered from the lookups alone: they hold everything that is
active at their revision, so what they lack is in no row. Only a hit is a question to the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.database import (
    Database,
    DigestLookup,
    DigestsAt,
    HashesAt,
    HashLookup,
    KnownAt,
    KnownLookup,
    SnapshotView,
)
from hashmatch.matching.policy import MatchPolicy
from hashmatch.matching.result import Match
from hashmatch.matching.search import match_digests, match_hashes, near_hashes, one_per_media
from hashmatch.matching.variants import Variant
from hashmatch.types import Digests


@dataclass(frozen=True, slots=True)
class Found:
    """What the database says, all of it at one revision.

    Attributes:
        n_entries, n_excluded: hashes that each variant was compared with, or was not because they
            are crowded; 0 where no hash was compared.
        problems: known sets that could not be asked.
    """

    revision: int
    matches: tuple[Match, ...]
    known_sets: tuple[str, ...]
    problems: tuple[str, ...]
    n_entries: int
    n_excluded: int


class CheckedBase:
    """Digests, hashes and known sets of one database. Usable from several threads."""

    def __init__(self, db: Database, policy: MatchPolicy) -> None:
        self._db = db
        self._policy = policy
        self._digests = DigestLookup(db)
        self._hashes = HashLookup(db, policy.algorithm)
        self._known = KnownLookup(db)

    def nothing(self, digests: Digests, variants: Sequence[Variant]) -> Found | None:
        """The answer where nothing is found; None where the store has to be asked."""
        stated, hashes, known = self._digests.state, self._hashes.state, self._known.state
        revision = self._db.revision
        if stated.revision != revision or known.revision != revision or known.problems:
            return None
        if known.names_of(digests) or stated.may_hold(digests):
            return None
        if not variants:
            return Found(revision, (), (), (), 0, 0)
        if hashes.revision != revision or len(near_hashes(hashes, variants, self._policy).ids):
            return None
        return Found(revision, (), (), (), len(hashes), hashes.n_excluded)

    def suspects(self, name: str, digests: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], Found]:
        """Which of many digests the store has to be asked for; and what holds for the others."""
        stated, known = self._digests.state, self._known.state
        while not stated.revision == known.revision == self._db.revision:
            with self._db.snapshot() as view:
                at = self._at(view, with_hashes=False)
            if at is not None:
                stated, _, known = at
                break
        found = stated.may_hold_many(name, digests) | known.may_hold_many(name, digests)
        return found, Found(stated.revision, (), (), known.problems, 0, 0)

    def search(self, digests: Digests, variants: Sequence[Variant]) -> Found:
        """The answer from the store, at its newest revision."""
        while True:
            with self._db.snapshot() as view:
                at = self._at(view, with_hashes=bool(variants))
                if at is None:
                    continue  # another thread has gone further: ask a newer state
                stated, hashes, known = at
                by_digest = (
                    match_digests(view, digests, self._policy) if stated.may_hold(digests) else []
                )
                by_hash = match_hashes(view, hashes, variants, self._policy)
                return Found(
                    revision=view.revision,
                    matches=tuple(one_per_media(by_digest, by_hash)),
                    known_sets=known.names_of(digests),
                    problems=known.problems if digests else (),
                    n_entries=len(hashes) if variants else 0,
                    n_excluded=hashes.n_excluded if variants else 0,
                )

    def _at(
        self, view: SnapshotView, *, with_hashes: bool
    ) -> tuple[DigestsAt, HashesAt, KnownAt] | None:
        """Everything at the view's revision; None where a lookup is beyond it already."""
        self._digests.catch_up(view)
        self._known.catch_up(view)
        if with_hashes:
            self._hashes.catch_up(view)
        stated, hashes, known = self._digests.state, self._hashes.state, self._known.state
        wanted = [stated.revision, known.revision, *([hashes.revision] if with_hashes else [])]
        return (stated, hashes, known) if set(wanted) == {view.revision} else None
