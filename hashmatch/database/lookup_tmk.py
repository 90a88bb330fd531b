"""Level-1 features of the TMK+PDQF fingerprints in the database, kept up with its revision."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.algorithms import get_algorithm
from hashmatch.database.following import FollowingLookup
from hashmatch.database.opened import OpenedStore
from hashmatch.database.reading import SnapshotView
from hashmatch.database.segments import narrow_rows
from hashmatch.store import run, stream

_BYTES = get_algorithm("tmk").n_bytes
_BLOCK = 4096
_FEATURES = """
SELECT hash.id, value FROM hash JOIN opinion ON opinion.id = hash.opinion_id
WHERE hash.id >= ? AND algorithm = 'tmk' AND matchable AND withdrawn_revision IS NULL
ORDER BY hash.id"""
# Only these bring whole fingerprints, and to look for them among millions of rows takes seconds.
_MAY_BE_THERE = """
SELECT EXISTS (SELECT 1 FROM snapshot WHERE format IS NULL OR format IN ('tmk', 'jsonl'))"""


def _no_ids() -> NDArray[np.int64]:
    return np.empty(0, np.int64)


def _no_features() -> NDArray[np.float32]:
    return np.empty((0, _BYTES // 4), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class TmkAt:
    """The features at one revision; it never changes.

    Attributes:
        revision: of the database; -1 where nothing was read yet.
        history_from: of the database; a purge moves it.
        ids: int64 (n,), of table ``hash``, ascending.
        features: float32 (n, 256), of unit length or zero.
    """

    revision: int
    history_from: int = -1
    ids: NDArray[np.int64] = field(default_factory=_no_ids)
    features: NDArray[np.float32] = field(default_factory=_no_features)

    def __len__(self) -> int:
        return len(self.ids)

    def near(
        self, average: NDArray[np.float32], least: float
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Ids and cosines of the features that are at least so near, in the order of ids.

        Args:
            average: float32 (256,), a level-1 feature.
            least: -1..1, inclusive.
        """
        cosines = self.features.astype(np.float64) @ _units(average[None])[0].astype(np.float64)
        near = cosines >= least - 1e-7  # of float32
        return self.ids[near], cosines[near]


class TmkLookup(FollowingLookup[TmkAt]):
    """Features of active statements; nothing is read before it is asked for. Usable from several
    threads."""

    def __init__(self, db: OpenedStore) -> None:
        super().__init__(db, TmkAt(-1))

    def _followed(self, view: SnapshotView) -> TmkAt:
        connection, before = view.connection, self._state
        history_from = narrow_rows.history_of(connection)
        if before.history_from != history_from:
            before = TmkAt(-1)  # a purge deleted rows, and may have freed their ids
        first, kept = 0, np.empty(0, np.bool_)
        if before.revision >= 0:
            first = narrow_rows.marks_after(connection, before.revision).next_hash_id
            end = int(before.ids[-1]) + 1 if len(before) else 0
            gone = narrow_rows.withdrawn_hashes(connection, before.revision, end)
            kept = (before.ids < first) & ~np.isin(before.ids, gone.get("tmk", _no_ids()))
        rows: list[tuple[Any, ...]] = []
        if run(connection, _MAY_BE_THERE).scalar_one():
            for block in stream(connection, _FEATURES, (first,), block=_BLOCK):
                rows += block
        values = np.frombuffer(b"".join(row[1] for row in rows), "<f4").reshape(-1, _BYTES // 4)
        new = np.array([row[0] for row in rows], np.int64)
        return TmkAt(
            revision=view.revision,
            history_from=history_from,
            ids=np.concatenate([before.ids[kept], new]),
            features=np.concatenate([before.features[kept], _units(values)]),
        )


def _units(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each of length 1; zero where it is zero or no number."""
    values = np.nan_to_num(features.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return (values / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
