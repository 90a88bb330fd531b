"""What crosses processes arrives as it was, small or large."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.cluster.merging import Part
from hashmatch.cluster.wire import packed, received, sent, unpacked

COUNTS = st.tuples(*[st.integers(0, 2**62)] * 4)


@given(
    counts=st.lists(st.integers(0, 30), max_size=20),
    work=st.none() | COUNTS,
    seed=st.integers(0, 2**32 - 1),
)
def test_answers(counts: list[int], work: tuple[int, int, int, int] | None, seed: int) -> None:
    rng = np.random.default_rng(seed)
    offsets = np.concatenate([[0], np.cumsum(np.array(counts, np.int64))]).astype(np.int64)
    ids = rng.integers(-(2**63), 2**63 - 1, offsets[-1])
    distances = rng.integers(0, 2**16, offsets[-1], dtype=np.uint16)
    answer = packed((offsets, ids, distances, work))
    assert isinstance(answer, bytes)
    assert_same(unpacked(answer), (offsets, ids, distances, work))


def assert_same(found: Part, expected: Part) -> None:
    for place in (0, 1, 2):
        mine, theirs = np.asarray(found[place]), np.asarray(expected[place])
        assert mine.dtype == theirs.dtype
        assert np.array_equal(mine, theirs)
    assert found[3] == expected[3]


def test_a_large_answer_is_left_as_it_is() -> None:
    ids = np.arange(10_000)
    part = (np.array([0, 10_000]), ids, np.zeros(10_000, np.uint16), None)
    assert packed(part) is part
    assert unpacked(part) is part


@pytest.mark.parametrize("n", [0, 1, 7, 2048])
def test_small_queries(n: int) -> None:
    queries = np.random.default_rng(n).integers(0, 256, (n, 32), dtype=np.uint8)
    arrived = received(sent(queries), 32)
    assert arrived.shape == queries.shape
    assert np.array_equal(arrived, queries)
