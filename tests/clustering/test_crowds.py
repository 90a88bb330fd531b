"""Thousands of frames of one scene: bounded memory, and still no two of a group too far apart."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from hashmatch.clustering import Faces, Linkage, crowds, face_groups
from hashmatch.matching.variants import turned_rows

Hashes = NDArray[np.uint8]
RADIUS = 20


def around(value: Hashes, n: int, n_bits: int, rng: np.random.Generator) -> Hashes:
    """Hashes with up to so many bits of this one flipped."""
    bits = np.tile(np.unpackbits(value), (n, 1))
    for row in bits:
        row[rng.choice(256, int(rng.integers(0, n_bits + 1)), replace=False)] ^= 1
    return np.packbits(bits, axis=1)


def crowded(rng: np.random.Generator, n_bits: int) -> tuple[Hashes, int]:
    """Two crowds, ordinary families, and singles; where the crowds end."""
    values = rng.integers(0, 256, (62, 32), dtype=np.uint8)
    parts = [around(value, 150, n_bits, rng) for value in values[:2]]
    parts += [around(value, 3, 6, rng) for value in values[2:42]]
    return np.concatenate([*parts, values[42:]]), 300


@pytest.fixture(params=["all pairs", "cut off"])
def small_limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Crowds are met when all pairs are known, or before."""
    monkeypatch.setattr(crowds, "LEAST_CROWD", 30)
    monkeypatch.setattr(crowds, "MOST_OF_ONE", 500)
    monkeypatch.setattr(crowds, "MOST_PAIRS", 10**9 if request.param == "all pairs" else 2000)


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("linkage", list(Linkage))
@pytest.mark.parametrize("n_bits", [5, 10, 18])
def test_crowds_keep_the_promise(linkage: Linkage, n_bits: int) -> None:
    rng = np.random.default_rng(n_bits)
    hashes, end = crowded(rng, n_bits)
    faces = Faces.of(turned_rows(hashes))
    made = face_groups(faces, RADIUS, linkage)
    apart = np.bitwise_count(hashes[:, None] ^ hashes[None]).sum(axis=2, dtype=np.int64)
    for group in range(made.n_groups):
        within = apart[np.ix_(*[np.flatnonzero(made.groups == group)] * 2)]
        if linkage is Linkage.COMPLETE:
            assert within.max() <= RADIUS
        elif linkage is Linkage.MEDOID:
            assert within.max(axis=1).min() <= RADIUS
    if n_bits <= 10:  # all of a crowd are within the radius of each other
        assert [len(set(made.groups[:150])), len(set(made.groups[150:300]))] == [1, 1]
    families = made.groups[end : end + 120].reshape(40, 3)
    assert (families == families[:, :1]).all()
    assert len(set(made.groups[end:])) == 60
    assert (made.n_crowded > 0) == (linkage is not Linkage.SINGLE or crowds.MOST_PAIRS == 2000)
    order = rng.permutation(len(hashes))
    again = face_groups(Faces.of(faces.turned[order]), RADIUS, linkage)
    assert again.groups.tolist() == made.groups[order].tolist()


@pytest.mark.usefixtures("small_limits")
def test_decided_ones_are_not_taken_out() -> None:
    hashes, _ = crowded(np.random.default_rng(1), 8)
    apart = np.array([[0, 1], [2, 200]])
    made = face_groups(Faces.of(hashes), RADIUS, apart=apart)
    assert made.groups[0] != made.groups[1]


def test_many_pairs_without_a_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    values = rng.integers(0, 256, (40, 32), dtype=np.uint8)
    hashes = np.concatenate([around(value, 12, 8, rng) for value in values])
    expected = face_groups(Faces.of(hashes), RADIUS)
    monkeypatch.setattr(crowds, "MOST_PAIRS", 100)
    made = face_groups(Faces.of(hashes), RADIUS)
    assert made.groups.tolist() == expected.groups.tolist()
    assert (made.n_crowded, made.n_groups) == (0, 40)


def test_a_group_that_is_taken_out_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left is grouped like all others."""
    hashes, _ = crowded(np.random.default_rng(1), 6)
    monkeypatch.setattr(crowds, "MOST_OF_ONE", 500)
    monkeypatch.setattr(crowds, "MOST_TAKEN", 100)
    distinct = np.unique(hashes[:150], axis=0)
    made = face_groups(Faces.of(distinct), RADIUS)
    assert sorted(np.bincount(made.groups).tolist()) == [len(distinct) - 100, 100]
