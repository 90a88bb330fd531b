"""The entropy of a PhotoDNA value and its eight orientations. All values here are made up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray
from reference import vectors as reference

from hashmatch.hashing import ORIENTATIONS
from hashmatch.hashing.turns import TURNS
from hashmatch.index import VectorIndex, entropy, photodna_orientations
from hashmatch.index.photodna import DIRECTIONS, MIN_ENTROPY

Rows = NDArray[np.uint8]


def values(n: int, seed: int) -> Rows:
    return np.random.default_rng(seed).integers(0, 256, (n, 144), dtype=np.uint8)


def test_entropy_counts_neighbours_that_differ() -> None:
    rows = np.concatenate([values(20, 1), values(20, 2) & 1, np.zeros((1, 144), np.uint8)])
    rows[20, :] = np.arange(144)
    rows[21, :] = np.arange(144) // 2
    found = entropy(rows)
    assert found.dtype == np.float64
    assert found.tolist() == [reference.entropy(row) for row in rows]
    assert found[20] == 1.0
    assert found[21] == 71 / 143
    assert found[-1] == 0.0
    # A value and its neighbour byte, not the bytes that it has: two values in turn are full.
    assert entropy(np.tile(np.array([3, 9], np.uint8), 72)[None]).tolist() == [1.0]
    assert entropy(np.empty((0, 144), np.uint8)).tolist() == []


def with_entropy(pairs: int) -> Rows:
    """One value of which this many of the 143 neighbouring pairs differ."""
    return np.minimum(np.arange(144), pairs).astype(np.uint8)[None]


@pytest.mark.parametrize(("pairs", "found"), [(143, 1), (101, 1), (100, 0), (0, 0)])
def test_the_entropy_gate(pairs: int, found: int) -> None:
    """100 of 143 is 0.6993, 101 is 0.7063."""
    index = VectorIndex()
    index.add(with_entropy(pairs), np.array([8]))
    query = with_entropy(pairs)
    result = index.range_search(query, 0, min_entropy=MIN_ENTROPY)
    assert result.ids.tolist() == [8] * found
    assert result.searched.tolist() == [found]
    assert result.orientations is None
    assert index.range_search(query, 0).ids.tolist() == [8]
    exact = index.range_search(query, 0, min_entropy=pairs / 143)
    assert exact.ids.tolist() == [8]


def test_the_gate_drops_queries_and_keeps_the_places_of_the_others() -> None:
    rows = np.concatenate([with_entropy(n) for n in (120, 5, 130, 99, 140)])
    index = VectorIndex()
    index.add(rows, np.array([10, 11, 12, 13, 14]))
    result = index.range_search(rows, 0, min_entropy=0.7)
    assert result.searched.tolist() == [1, 0, 1, 0, 1]
    assert result.offsets.tolist() == [0, 1, 1, 2, 2, 3]
    assert result.ids.tolist() == [10, 12, 14]
    assert result.distances.tolist() == [0, 0, 0]


def test_orientations_form_the_dihedral_group() -> None:
    """Composing two of the eight gives the one that composing the turns of a picture gives."""
    probe = np.arange(6, dtype=np.uint8).reshape(2, 3)
    looks = [(turn(probe).shape, turn(probe).tobytes()) for turn in TURNS]
    value = np.arange(144, dtype=np.uint8)[None]
    once = photodna_orientations(value)[:, 0]
    assert once.shape == (8, 144) == (len(ORIENTATIONS), 144)
    assert np.array_equal(once[0], value[0])
    assert len({row.tobytes() for row in once}) == 8
    assert all(np.array_equal(np.sort(row), value[0]) for row in once)
    twice = photodna_orientations(once)
    for first, turn in enumerate(TURNS):
        for second, again in enumerate(TURNS):
            both = again(turn(probe))
            expected = looks.index((both.shape, both.tobytes()))
            assert np.array_equal(twice[second, first], once[expected]), (first, second)
    assert len(set(looks)) == 8


@pytest.mark.parametrize("directions", sorted(permutations(DIRECTIONS)))
def test_orientations_are_those_of_the_turned_picture(directions: tuple[str, ...]) -> None:
    """A model with the symmetries of directional sums over 6 x 6 cells, really turned."""
    picture = np.random.default_rng(3).integers(0, 12, (24, 24))

    def ordered(shown: NDArray[np.int64]) -> Rows:
        sums = np.array(reference.directional_sums(shown), np.uint8).reshape(36, 4)
        return sums[:, [DIRECTIONS.index(name) for name in directions]].reshape(144)

    turns: list[Callable[[NDArray[np.int64]], NDArray[np.int64]]] = list(TURNS)  # type: ignore[arg-type]
    expected = [ordered(turn(picture)) for turn in turns]
    found = photodna_orientations(ordered(picture)[None], directions=directions)
    assert found.dtype == np.uint8
    assert found.flags.c_contiguous
    assert np.array_equal(found[:, 0], np.stack(expected))
    assert ordered(picture).max() > ordered(picture).min()


@pytest.mark.parametrize(
    "names", [("right", "left", "down", "up"), ("right", "left", "up", "down")]
)
def test_what_an_order_decides(names: Sequence[str]) -> None:
    """Four orientations need only the pairs of opposites; the others their common sense."""
    value = values(1, 4)
    same = photodna_orientations(value) == photodna_orientations(value, directions=names)
    agree = same.all(axis=(1, 2)).tolist()
    both_reversed = names[3] == "up"
    straight = [True, both_reversed, True, both_reversed, True, True]
    assert agree == [*straight, both_reversed, both_reversed]


def brute_force(
    stored: Rows, ids: NDArray[np.int64], query: Rows, radius: int
) -> list[tuple[int, ...]]:
    """(distance, id, orientation) of every stored value, its nearest orientation only."""
    turned = photodna_orientations(query[None])[:, 0]
    hits = []
    for value, id_ in zip(stored, ids, strict=True):
        distances = [int(reference.distances(one, value[None])[0]) for one in turned]
        best = min(distances)
        if best <= radius:
            hits.append((best, int(id_), distances.index(best)))
    return sorted(hits)


@pytest.mark.parametrize("threads", [1, 3])
def test_search_over_orientations(threads: int, isa: str) -> None:
    base = values(6, 7)
    rng = np.random.default_rng(9)
    stored = photodna_orientations(base).reshape(-1, 144)[rng.permutation(48)]
    stored = np.clip(stored + rng.integers(-3, 4, stored.shape), 0, 255).astype(np.uint8)
    stored = np.concatenate([stored, values(30, 8)])
    ids = rng.permutation(np.arange(-40, 38))
    queries = np.concatenate([base, np.full((1, 144), 77, np.uint8)])  # the last: eight ties
    index = VectorIndex()
    index.add(stored, ids)
    for radius in (0, 700, 40000, 1_500_000, 10**8):
        result = index.range_search(queries, radius, orientations=True, threads=threads)
        assert result.orientations is not None
        assert result.orientations.dtype == np.uint8
        assert result.searched.tolist() == [8] * 7
        columns = zip(result.distances, result.ids, result.orientations, strict=True)
        rows = [tuple(int(v) for v in row) for row in columns]
        for i, query in enumerate(queries):
            found = rows[result.offsets[i] : result.offsets[i + 1]]
            assert found == brute_force(stored, ids, query, radius), radius
    assert len(rows) == 7 * 78
    assert {row[2] for row in rows[: 6 * 78]} == set(range(8))
    assert {row[2] for row in rows[6 * 78 :]} == {0}
    assert isa


def test_each_orientation_passes_the_gate_by_itself() -> None:
    """Moving bytes changes which are neighbours."""
    query = np.zeros((36, 4), np.uint8)
    query[:, :] = np.arange(36)[:, None]  # every cell four equal sums
    query[:30, 1] += 100
    row = query.reshape(1, 144)
    shares = entropy(photodna_orientations(row)[:, 0])
    limit = float(np.median(shares))
    passing = shares >= limit
    assert 0 < passing.sum() < 8
    index = VectorIndex()
    index.add(photodna_orientations(row)[:, 0])
    result = index.range_search(row, 0, min_entropy=limit, orientations=True)
    assert result.searched.tolist() == [int(passing.sum())]
    assert result.orientations is not None
    for id_, orientation in zip(result.ids, result.orientations, strict=True):
        assert passing[orientation]
        assert shares[id_] >= limit
    assert len(result.ids) == passing.sum()
