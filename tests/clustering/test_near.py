"""Hashes to groups: against all distances, in any order, with few pairs in memory at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hashmatch.clustering import Linkage, complete_linkage, linking, near_groups
from hashmatch.errors import InputError, InputTypeError

Hashes = NDArray[np.uint8]


def flipped(value: Hashes, n_bits: int, rng: np.random.Generator) -> Hashes:
    bits = np.unpackbits(value)
    bits[rng.choice(len(bits), n_bits, replace=False)] ^= 1
    return np.packbits(bits)


def families(seed: int, n_families: int) -> Hashes:
    """Hashes with near and equal copies, which chain here and there."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(n_families):
        value = rng.integers(0, 256, 32, dtype=np.uint8)
        for _ in range(int(rng.integers(1, 7))):
            made.append(value)
            value = flipped(value, int(rng.integers(0, 14)), rng)
    return np.stack(made)


def distances_of(hashes: Hashes) -> NDArray[np.int64]:
    apart: NDArray[np.int64] = np.bitwise_count(hashes[:, None] ^ hashes[None]).sum(
        axis=2, dtype=np.int64
    )
    return apart


def same_groups(a: NDArray[np.int64], b: NDArray[np.int64]) -> bool:
    return bool(((a[:, None] == a[None]) == (b[:, None] == b[None])).all())


@settings(max_examples=25)
@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(0, 30), st.sampled_from(Linkage))
def test_groups_keep_their_promise_in_any_order(
    seed: int, n_families: int, radius: int, linkage: Linkage
) -> None:
    hashes = families(seed, n_families)
    made = near_groups(hashes, radius, linkage)
    apart = distances_of(hashes)
    for group in range(made.n_groups):
        members = np.flatnonzero(made.groups == group)
        within = apart[np.ix_(members, members)]
        if linkage is Linkage.COMPLETE:
            assert within.max() <= radius
        elif linkage is Linkage.MEDOID:
            assert within.max(axis=1).min() <= radius
    assert (made.groups[:, None] == made.groups[None])[apart == 0].all()
    if linkage is Linkage.SINGLE:
        assert (made.groups[:, None] == made.groups[None])[apart <= radius].all()
    order = np.random.default_rng(seed).permutation(len(hashes))
    again = near_groups(hashes[order], radius, linkage)
    assert again.groups.tolist() == made.groups[order].tolist()
    assert (again.n_groups, again.n_pairs) == (made.n_groups, made.n_pairs)


def test_complete_linkage_over_all_distances() -> None:
    hashes = families(8, 60)
    _, firsts = np.unique(hashes, axis=0, return_index=True)
    distinct = hashes[firsts]  # in the order of their bytes
    apart = distances_of(distinct)
    first, second = np.triu_indices(len(distinct), 1)
    near_ones = apart[first, second] <= 20
    expected = complete_linkage(
        len(distinct),
        first[near_ones],
        second[near_ones],
        apart[first, second][near_ones].astype(np.uint16),
    )
    made = near_groups(distinct, 20)
    assert same_groups(made.groups, expected)
    assert made.n_pairs == near_ones.sum()


@pytest.mark.parametrize("linkage", list(Linkage))
@pytest.mark.parametrize("pairs_at_once", [1, 7, 100])
def test_few_pairs_in_memory_at_a_time(
    monkeypatch: pytest.MonkeyPatch, linkage: Linkage, pairs_at_once: int
) -> None:
    hashes = families(9, 80)
    expected = near_groups(hashes, 24, linkage)
    monkeypatch.setattr(linking, "PAIRS_AT_ONCE", pairs_at_once)
    assert near_groups(hashes, 24, linkage).groups.tolist() == expected.groups.tolist()


def test_a_chain() -> None:
    """Steps of 20 bits: one group by single linkage only."""
    rng = np.random.default_rng(1)
    value = rng.integers(0, 256, 32, dtype=np.uint8)
    chain = [value]
    for step in range(12):  # of bits that were not flipped before, so that distances add up
        bits = np.unpackbits(chain[-1])
        bits[20 * step : 20 * step + 20] ^= 1
        chain.append(np.packbits(bits))
    hashes = np.stack(chain)
    assert near_groups(hashes, 20, "single").n_groups == 1
    assert np.bincount(near_groups(hashes, 20).groups).max() == 2


def test_nothing_to_group() -> None:
    made = near_groups(np.empty((0, 32), np.uint8), 20)
    assert (len(made.groups), made.n_groups, made.n_distinct, made.n_pairs) == (0, 0, 0, 0)


def test_many_equal_hashes_are_one_node() -> None:
    hashes = np.repeat(families(3, 2), 20_000, axis=0)
    made = near_groups(hashes, 0)
    assert made.n_pairs == 0
    assert made.n_groups == made.n_distinct == len(np.unique(hashes, axis=0))


def test_arguments() -> None:
    with pytest.raises(InputTypeError, match="uint8"):
        near_groups(np.zeros((3, 32)), 20)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="uint8"):
        near_groups(np.zeros(32, np.uint8), 20)
    with pytest.raises(InputError, match="linkage: expected one of complete, medoid, single"):
        near_groups(np.zeros((3, 32), np.uint8), 20, "average")
    with pytest.raises(InputError, match="max_distance"):
        near_groups(np.zeros((3, 32), np.uint8), -1)
