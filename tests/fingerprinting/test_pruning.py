"""Frames that stay: each one that was left out is near one that stayed, and the spans cover all."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.fingerprinting.pruning import (
    PRUNE_DISTANCE,
    SHOT_DISTANCE,
    HashedFrame,
    KeptFrames,
)

BASE = [np.random.default_rng(k).bytes(32) for k in range(4)]


def flipped(rows: bytes, n_bits: int) -> bytes:
    return (int.from_bytes(rows, "big") ^ ((1 << n_bits) - 1)).to_bytes(32, "big")


def distance(a: bytes, b: bytes) -> int:
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).bit_count()


FRAMES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 12), st.sampled_from([0, 100])), max_size=40
)


def frames_of(spec: list[tuple[int, int, int]]) -> list[HashedFrame]:
    return [
        HashedFrame(2 * k, 100 * k, flipped(BASE[shot], drift), quality)
        for k, (shot, drift, quality) in enumerate(spec)
    ]


@given(FRAMES, st.none() | st.integers(0, 12))
def test_what_was_left_out_is_near_what_stayed(
    spec: list[tuple[int, int, int]], radius: int | None
) -> None:
    taken = frames_of(spec)
    kept = KeptFrames(radius)
    for frame in taken:
        kept.add(frame)
    end = 100 * len(taken)
    n_informative = kept.n_informative
    made = kept.finish(end, dihedral=False)
    assert kept.n_sampled == len(taken)
    assert n_informative == sum(frame.informative for frame in taken)
    if not taken:
        assert len(made) == 0
        return
    assert made.spans_ms.sum() == end
    assert (made.spans_ms > 0).all()
    assert (np.diff(made.numbers) > 0).all()
    stayed = dict(zip(made.times_ms.tolist(), made.hashes, strict=True))
    last = taken[0]
    for frame in taken:
        if frame.time_ms in stayed:
            assert stayed[frame.time_ms].tobytes() == frame.rows
            last = frame
        elif frame.informative:
            assert radius is not None
            assert last.informative
            assert distance(frame.rows, last.rows) <= radius
        else:
            assert not last.informative
    if radius is None:
        assert len(stayed) == len(taken)


@given(FRAMES)
def test_the_first_and_the_last_of_a_shot_stay(spec: list[tuple[int, int, int]]) -> None:
    taken = frames_of([(shot, drift, 100) for shot, drift, _ in spec])
    kept = KeptFrames(PRUNE_DISTANCE)
    for frame in taken:
        kept.add(frame)
    times = set(kept.finish(0, dihedral=False).times_ms.tolist())
    for before, after in pairwise(taken):
        if distance(before.rows, after.rows) > SHOT_DISTANCE:
            assert {before.time_ms, after.time_ms} <= times
    if taken:
        assert {taken[0].time_ms, taken[-1].time_ms} <= times


def test_one_frame_for_each_run_that_says_too_little() -> None:
    qualities = [0, 49, 10, 100, 100, 0, 0, 0]
    kept = KeptFrames(PRUNE_DISTANCE)
    for k, quality in enumerate(qualities):
        kept.add(HashedFrame(k, 10 * k, BASE[k % 3], quality))
    assert kept.n_shots == 4
    assert kept.finish(80, dihedral=False).times_ms.tolist() == [0, 30, 40, 50]


@pytest.mark.parametrize("dihedral", [False, True])
def test_rows_within_the_borders(dihedral: bool) -> None:
    kept = KeptFrames(None)
    rows = [BASE[0] * 8, BASE[1] * 8, BASE[2] * 8]
    kept.add(HashedFrame(0, 0, rows[0], 100))
    kept.add(HashedFrame(1, 10, rows[1], 100))
    kept.add(HashedFrame(2, 20, rows[2], 100, inside=BASE[3] * 8))
    kept.set_inside(0, rows[1])
    made = kept.finish(30, dihedral=dihedral)
    assert made.trimmed is not None
    assert [row.tobytes() for row in made.trimmed] == [rows[1], rows[1], BASE[3] * 8]
    assert (made.dihedral is not None) is dihedral
    assert made.hashes.tobytes() == b"".join(BASE[:3])
