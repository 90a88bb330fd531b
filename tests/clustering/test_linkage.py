"""Each linkage against a slow obvious one, in every order of pairs; chains stay apart."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hashmatch.clustering import complete_linkage, components, medoid_clusters

Ids = NDArray[np.int64]
Pairs = tuple[Ids, Ids, NDArray[np.uint16]]


def pairs_of(points: NDArray[np.float64], radius: float, steps: int) -> Pairs:
    """Pairs of points in the plane within a radius; few steps make many equal distances."""
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    first, second = np.triu_indices(len(points), 1)
    near = apart[first, second] <= radius
    distances = (apart[first, second][near] * steps).astype(np.uint16)
    return first[near].astype(np.int64), second[near].astype(np.int64), distances


def slow_complete(n: int, pairs: Pairs) -> list[int]:
    clusters = {node: {node} for node in range(n)}
    home = list(range(n))
    seen: set[tuple[int, int]] = set()
    for _, a, b in sorted(zip(*(column.tolist() for column in pairs[::-1]), strict=True), key=_key):
        a, b = min(a, b), max(a, b)
        seen.add((a, b))
        one, two = home[a], home[b]
        crossing = itertools.product(clusters[one], clusters[two])
        if one != two and all((min(c), max(c)) in seen for c in crossing):
            clusters[one] |= clusters.pop(two)
            for node in clusters[one]:
                home[node] = one
    return [min(clusters[home[node]]) for node in range(n)]


def _key(row: tuple[int, int, int]) -> tuple[int, int, int]:
    distance, second, first = row
    return distance, first, second


def slow_medoids(n: int, pairs: Pairs) -> list[int]:
    near: dict[int, set[int]] = {node: set() for node in range(n)}
    for a, b in zip(pairs[0].tolist(), pairs[1].tolist(), strict=True):
        near[a].add(b)
        near[b].add(a)
    free, medoids = set(range(n)), [-1] * n
    while free:
        best = max(free, key=lambda node: (len(near[node] & free), -node))
        for member in ({best} | near[best]) & free:
            medoids[member] = best
        free -= {best} | near[best]
    return medoids


def slow_components(n: int, pairs: Pairs) -> list[int]:
    names = list(range(n))
    for _ in range(n):
        for a, b in zip(pairs[0].tolist(), pairs[1].tolist(), strict=True):
            names[a] = names[b] = min(names[a], names[b])
    return names


@settings(max_examples=60)
@given(st.integers(1, 40), st.floats(0.1, 2), st.sampled_from([2, 10, 1000]), st.integers(0, 2**32))
def test_as_the_slow_ones_in_any_order_of_pairs(
    n: int, radius: float, steps: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    pairs = pairs_of(rng.normal(size=(n, 2)), radius, steps)
    order = rng.permutation(len(pairs[0]))
    first, second = pairs[0][order], pairs[1][order]
    distances = pairs[2][order]
    assert complete_linkage(n, first, second, distances).tolist() == slow_complete(n, pairs)
    names, medoids = medoid_clusters(n, first, second)
    assert medoids.tolist() == slow_medoids(n, pairs)
    assert [names[node] for node in medoids] == names.tolist()
    cuts = np.sort(rng.integers(0, len(first) + 1, 2))
    blocks: list[tuple[Ids, Ids]] = list(
        zip(np.split(first, cuts), np.split(second, cuts), strict=True)
    )
    assert components(n, blocks).tolist() == slow_components(n, pairs)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_three_in_a_row(order: tuple[int, ...]) -> None:
    """A and B, B and C are 30 apart, A and C 60: the same two in whatever order pairs come."""
    first, second = np.array([0, 1]), np.array([1, 2])
    distances = np.array([30, 30], np.uint16)
    chosen = [k for k in order if k < 2]
    groups = complete_linkage(3, first[chosen], second[chosen], distances[chosen])
    assert groups.tolist() == [0, 0, 2]
    assert components(3, [(first[chosen], second[chosen])]).tolist() == [0, 0, 0]


def test_a_chain_falls_into_pieces() -> None:
    """Fifty hashes, each 20 bits from the next: one component, but no cluster beyond two."""
    first = np.arange(49)
    groups = complete_linkage(50, first, first + 1, np.full(49, 20, np.uint16))
    assert np.bincount(groups).max() == 2
    assert set(components(50, [(first, first + 1)]).tolist()) == {0}
    _, medoids = medoid_clusters(50, first, first + 1)
    assert np.bincount(medoids).max() == 3


def test_many_that_are_all_near() -> None:
    first, second = np.triu_indices(700, 1)
    groups = complete_linkage(700, first, second, np.zeros(len(first), np.uint16))
    assert set(groups.tolist()) == {0}


def test_no_pairs_and_no_nodes() -> None:
    nothing = np.empty(0, np.int64)
    for n in (0, 5):
        assert complete_linkage(n, nothing, nothing, nothing.astype(np.uint16)).tolist() == list(
            range(n)
        )
        assert components(n, []).tolist() == list(range(n))
        assert medoid_clusters(n, nothing, nothing)[1].tolist() == list(range(n))
