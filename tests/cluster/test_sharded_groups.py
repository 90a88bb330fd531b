"""Groups from pairs that shards found, beside groups from the hashes; no Ray."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from shards_here import near

from hashmatch.cluster import ShardedIndex
from hashmatch.cluster.joining import pairs_of, self_joins
from hashmatch.clustering import Linkage, near_groups, pair_groups
from hashmatch.errors import InputError
from hashmatch.index import PairBlock

RADIUS = 20


def sorted_hashes(n: int) -> np.ndarray:
    rng = np.random.default_rng(12)
    centres = rng.integers(0, 256, (n // 6, 32), dtype=np.uint8)
    made: np.ndarray = np.unique(near(centres[rng.integers(0, len(centres), n)], rng, 14), axis=0)
    return made


def blocks_of(folder: Path, n_shards: int) -> Iterator[PairBlock]:
    for join in self_joins(folder, 1, n_shards):
        for block in pairs_of(join, RADIUS, 100):
            yield PairBlock(*block)


@pytest.mark.parametrize("linkage", list(Linkage))
def test_groups_are_those_of_the_hashes(linkage: Linkage, tmp_path: Path) -> None:
    hashes = sorted_hashes(600)
    ShardedIndex.build(tmp_path, hashes, n_shards=3)
    made = pair_groups(len(hashes), blocks_of(tmp_path, 3), linkage)
    expected = near_groups(hashes, RADIUS, linkage)
    assert np.array_equal(made.groups, expected.groups)
    assert (made.n_groups, made.n_pairs) == (expected.n_groups, expected.n_pairs)
    assert 1 < made.n_groups < made.n_distinct == len(hashes)


def test_wrong_pairs_and_none() -> None:
    ends = np.array([0, 1]), np.array([1, 5]), np.array([3, 3], np.uint16)
    with pytest.raises(InputError, match=r"0\.\.4"):
        pair_groups(5, [PairBlock(*ends)])
    with pytest.raises(InputError, match="linkage"):
        pair_groups(6, [PairBlock(*ends)], "average")
    assert pair_groups(4, []).groups.tolist() == [0, 1, 2, 3]
