"""Frames of videos as arrays: what thousands of hits of one search stand for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.algorithms import get_algorithm
from hashmatch.errors import DatabaseError

FRAME_COLUMNS = "hash.id, hash.opinion_id, {media}, value, quality, frame, time_s, matchable"
"""What ``stored_frames`` takes; ``media``: the column of the media."""
NOT_KNOWN = -1
"""A quality or a frame number that is not stated."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredFrames:
    """Hashes of one algorithm that active statements assert, in the order of their ids.

    Attributes:
        hash_ids, statement_ids, media_ids: int64 (n,).
        values: uint8 (n, bytes of the algorithm).
        qualities: int64 (n,), 0..100; ``NOT_KNOWN``.
        numbers: int64 (n,), of the frame, from 0; ``NOT_KNOWN``.
        times_s: float64 (n,), from the video's beginning; NaN where it is not known.
        matchable: (n,) whether a search may give it: others say too little.
    """

    hash_ids: NDArray[np.int64]
    statement_ids: NDArray[np.int64]
    media_ids: NDArray[np.int64]
    values: NDArray[np.uint8]
    qualities: NDArray[np.int64]
    numbers: NDArray[np.int64]
    times_s: NDArray[np.float64]
    matchable: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.hash_ids)

    def of(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> StoredFrames:
        """Some of them: places, or a mask."""
        return StoredFrames(
            self.hash_ids[which],
            self.statement_ids[which],
            self.media_ids[which],
            self.values[which],
            self.qualities[which],
            self.numbers[which],
            self.times_s[which],
            self.matchable[which],
        )


def joined_frames(parts: Sequence[StoredFrames]) -> StoredFrames:
    """One after the other; of one algorithm, at least one part."""
    return StoredFrames(
        np.concatenate([part.hash_ids for part in parts]),
        np.concatenate([part.statement_ids for part in parts]),
        np.concatenate([part.media_ids for part in parts]),
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.qualities for part in parts]),
        np.concatenate([part.numbers for part in parts]),
        np.concatenate([part.times_s for part in parts]),
        np.concatenate([part.matchable for part in parts]),
    )


def stored_frames(rows: Iterable[Sequence[Any]], algorithm: str) -> StoredFrames:
    """The frames that rows of ``FRAME_COLUMNS`` tell.

    Raises:
        DatabaseError: a value has not the algorithm's length.
    """
    ordered = sorted(rows, key=_by_id)
    width = get_algorithm(algorithm).n_bytes
    packed = np.frombuffer(b"".join([row[3] for row in ordered]), dtype=np.uint8)
    if len(packed) != width * len(ordered):
        raise DatabaseError(
            f"{algorithm} hashes: expected {width} bytes each, got {len(packed)} for {len(ordered)}"
        )
    return StoredFrames(
        hash_ids=_whole(ordered, 0),
        statement_ids=_whole(ordered, 1),
        media_ids=_whole(ordered, 2),
        values=packed.reshape(len(ordered), width),
        qualities=_whole(ordered, 4),
        numbers=_whole(ordered, 5),
        times_s=np.array([np.nan if row[6] is None else row[6] for row in ordered], np.float64),
        matchable=np.array([bool(row[7]) for row in ordered], np.bool_),
    )


def _by_id(row: Sequence[Any]) -> int:
    return int(row[0])


def _whole(rows: Sequence[Sequence[Any]], place: int) -> NDArray[np.int64]:
    found = [NOT_KNOWN if row[place] is None else row[place] for row in rows]
    return np.array(found, dtype=np.int64)
