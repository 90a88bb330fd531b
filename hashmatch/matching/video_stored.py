"""The frames of one statement about a known video, in its own order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.database import HashesAt, SnapshotView, StoredFrames, joined_frames
from hashmatch.matching.policy import MatchPolicy
from hashmatch.matching.video_near import FramesNear
from hashmatch.matching.video_timeline import Timeline, timeline

MOST_STATEMENTS = 200
"""Statements of lists whose frames are compared with a query in order."""

MOST_FRAMES = 500_000
"""Frames of them that are read: five hours of every frame."""
_READ_AT_ONCE = 20

TIMES, NUMBERS, NONE = "times", "numbers", "none"


@dataclass(frozen=True, slots=True, eq=False)
class StoredVideo:
    """What one list states of one medium.

    Attributes:
        clock: what gives the frames their order: "times", "numbers", "none".
        frames: in that order.
        line: in milliseconds; of numbers at the query's rate; None where there is no order.
        informative: (n,) whether a frame says enough, and is not crowded.
        near: the query's pairs with it; ``places``: (n,) of their stored frames.
    """

    statement_id: int
    media_id: int
    clock: str
    frames: StoredFrames
    line: Timeline | None
    informative: NDArray[np.bool_]
    near: FramesNear
    places: NDArray[np.int64]


def stored_videos(
    view: SnapshotView,
    hashes: HashesAt,
    near: FramesNear,
    policy: MatchPolicy,
    ms_per_frame: float | None,
) -> tuple[list[StoredVideo], tuple[str, ...]]:
    """The statements that a query is near to, those with most of its frames first, and gates."""
    ids, of_pair = np.unique(near.hash_ids, return_inverse=True)
    hit = view.frames_of_hashes(ids)
    enough = (hit.qualities < 0) | (hit.qualities >= policy.min_quality)
    gates: list[str] = []
    if not enough.all():
        gates.append(f"pdq: {int((~enough).sum())} near entries say too little and were left out")
    statement_of = np.full(len(ids), -1, np.int64)
    there = np.searchsorted(ids, hit.hash_ids)
    statement_of[there[enough]] = hit.statement_ids[enough]
    of_pair = statement_of[of_pair]
    near, of_pair = near.kept(of_pair >= 0), of_pair[of_pair >= 0]
    if not len(near):
        return [], tuple(gates)
    statements = _those_with_most_frames(of_pair, near)
    if len(statements) > MOST_STATEMENTS:
        gates.append(
            f"{len(statements)} entries share frames with it: the {MOST_STATEMENTS} that share "
            "most were compared in order"
        )
        statements = statements[:MOST_STATEMENTS]
    statements, frames = _read(view, statements, gates)
    made = _made(statements, frames, near, of_pair, hashes, policy, ms_per_frame)
    return list(made), tuple(gates)


def _read(
    view: SnapshotView, statements: NDArray[np.int64], gates: list[str]
) -> tuple[NDArray[np.int64], StoredFrames]:
    """All frames of the statements, of the first ones as many as may be read."""
    parts: list[StoredFrames] = []
    for start in range(0, len(statements), _READ_AT_ONCE):
        part = statements[start : start + _READ_AT_ONCE]
        parts.append(view.frames_of_statements(part))
        read = start + len(part)
        if sum(map(len, parts)) >= MOST_FRAMES and read < len(statements):
            gates.append(f"{len(statements) - read} entries with fewer shared frames were not read")
            return statements[:read], joined_frames(parts)
    return statements, joined_frames(parts)


def _those_with_most_frames(of_pair: NDArray[np.int64], near: FramesNear) -> NDArray[np.int64]:
    pairs = np.unique(np.stack([of_pair, near.frames]), axis=1)
    statements, counts = np.unique(pairs[0], return_counts=True)
    nearest = np.full(len(statements), 1 << 16, np.int64)
    np.minimum.at(nearest, np.searchsorted(statements, of_pair), near.distances)
    return statements[np.lexsort((statements, nearest, -counts))]


def _made(
    statements: NDArray[np.int64],
    frames: StoredFrames,
    near: FramesNear,
    of_pair: NDArray[np.int64],
    hashes: HashesAt,
    policy: MatchPolicy,
    ms_per_frame: float | None,
) -> Iterator[StoredVideo]:
    enough = frames.matchable & ((frames.qualities < 0) | (frames.qualities >= policy.min_quality))
    enough &= ~hashes.excludes(frames.hash_ids)
    frames_of, pairs_of = _Grouped(frames.statement_ids), _Grouped(of_pair)
    for statement in statements.tolist():
        mine = frames_of.places(statement)
        clock, times = _clock(frames.of(mine), ms_per_frame)
        if clock != NONE:
            placed = np.flatnonzero(~np.isnan(times))
            placed = placed[np.lexsort((frames.hash_ids[mine[placed]], times[placed]))]
            mine, times = mine[placed], times[placed]
        own, informative = frames.of(mine), enough[mine]
        pairs = near.kept(pairs_of.places(statement))
        by_id = np.argsort(own.hash_ids)
        at = np.searchsorted(own.hash_ids[by_id], pairs.hash_ids)
        at = np.minimum(at, max(len(own) - 1, 0))
        placed_at = by_id[at]
        known = own.hash_ids[placed_at] == pairs.hash_ids
        yield StoredVideo(
            statement_id=statement,
            media_id=int(own.media_ids[0]),
            clock=clock,
            frames=own,
            line=None if clock == NONE else timeline(times, None, informative),
            informative=informative,
            near=pairs.kept(known),
            places=placed_at[known],
        )


class _Grouped:
    """Places of each value."""

    def __init__(self, values: NDArray[np.int64]) -> None:
        self._order = np.argsort(values, kind="stable")
        self._sorted = values[self._order]

    def places(self, wanted: int) -> NDArray[np.int64]:
        """Ascending."""
        start, end = np.searchsorted(self._sorted, [wanted, wanted + 1])
        return self._order[start:end].astype(np.int64)


def _clock(frames: StoredFrames, ms_per_frame: float | None) -> tuple[str, NDArray[np.float64]]:
    """What most of the frames have: a time, else a number; and when that is, in milliseconds."""
    timed, numbered = ~np.isnan(frames.times_s), frames.numbers >= 0
    if 2 * timed.sum() >= len(frames) and timed.sum() >= numbered.sum():
        return TIMES, frames.times_s * 1000
    if 2 * numbered.sum() >= len(frames) and ms_per_frame is not None:
        return NUMBERS, np.where(numbered, frames.numbers, np.nan) * ms_per_frame
    if 2 * timed.sum() >= len(frames):
        return TIMES, frames.times_s * 1000
    return NONE, frames.times_s
