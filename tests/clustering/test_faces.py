"""Pictures in eight orientations and with borders: against every distance, in any order."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hashmatch.clustering import Distances, Faces, Linkage, face_groups, linking
from hashmatch.clustering.faces import INVERSE, TURNS
from hashmatch.errors import InputError, InputTypeError
from hashmatch.matching.variants import turned_rows

Hashes = NDArray[np.uint8]
Ids = NDArray[np.int64]


def noisy(values: Hashes, n_bits: int, rng: np.random.Generator) -> Hashes:
    """Each hash with some of its bits flipped."""
    bits = np.unpackbits(values, axis=1)
    for row in bits:
        row[rng.choice(bits.shape[1], int(rng.integers(0, n_bits + 1)), replace=False)] ^= 1
    return np.packbits(bits, axis=1)


def pictures(seed: int, n: int) -> Faces:
    """Copies of few pictures, turned, near and equal, some of them within borders."""
    rng = np.random.default_rng(seed)
    sources = turned_rows(rng.integers(0, 256, (max(1, n // 4), 32), dtype=np.uint8))
    chosen, orientations = rng.integers(0, len(sources), n), rng.integers(0, 8, n)
    shown = noisy(sources[chosen, orientations], 9, rng)
    turned = turned_rows(shown)
    for orientation in range(1, 8):  # as hashes of really turned pictures, which are not exact
        turned[:, orientation] = noisy(turned[:, orientation], 3, rng)
    owners = np.sort(rng.integers(0, n, n // 3))
    parts = turned_rows(noisy(sources[rng.integers(0, len(sources), n // 3), 0], 9, rng))
    return Faces.of(turned, parts, owners)


def bits(a: Hashes, b: Hashes) -> int:
    return int(np.bitwise_count(a ^ b).sum())


def slow_apart(faces: Faces, a: int, b: int) -> int:
    def looks(row: int) -> list[Hashes]:
        return [faces.turned[row], *faces.parts[faces.owners == row]]

    found = [bits(faces.turned[a, 0], faces.turned[b, 0])]
    for turn in TURNS:
        found.append(bits(faces.turned[a, 0], faces.turned[b, turn]))
        found.append(bits(faces.turned[b, 0], faces.turned[a, turn]))
    for one, other in ((a, b), (b, a)):
        for part in looks(other)[1:]:
            found += [bits(look[0], turned) for look in looks(one) for turned in part]
    return min(found)


def all_apart(faces: Faces) -> Ids:
    n = len(faces)
    made = np.zeros((n, n), np.int64)
    for a in range(n):
        for b in range(a):
            made[a, b] = made[b, a] = slow_apart(faces, a, b)
    return made


def same(groups: Ids) -> NDArray[np.bool_]:
    equal: NDArray[np.bool_] = groups[:, None] == groups[None]
    return equal


@settings(max_examples=15)
@given(st.integers(0, 2**32), st.integers(1, 24), st.sampled_from(Linkage), st.integers(0, 5))
def test_groups_keep_their_promise_in_any_order(
    seed: int, n: int, linkage: Linkage, n_apart: int
) -> None:
    faces, radius = pictures(seed, n), 20
    rng = np.random.default_rng(seed)
    distances = all_apart(faces)
    apart = rng.integers(0, n, (n_apart, 2))
    apart = apart[apart[:, 0] != apart[:, 1]]
    made = face_groups(faces, radius, linkage, apart=apart)
    together = same(made.groups)
    assert not together[apart[:, 0], apart[:, 1]].any()
    for group in range(made.n_groups):
        members = np.flatnonzero(made.groups == group)
        within = distances[np.ix_(members, members)]
        if linkage is Linkage.COMPLETE:
            assert within.max() <= radius
        elif linkage is Linkage.MEDOID:
            assert within.max(axis=1).min() <= radius
    if linkage is Linkage.SINGLE and not len(apart):
        assert together[distances <= radius].all()
    order = rng.permutation(n)
    place = np.argsort(order)
    owners = place[faces.owners]
    moved = np.argsort(owners, kind="stable")
    again = face_groups(
        Faces.of(faces.turned[order], faces.parts[moved], owners[moved]),
        radius,
        linkage,
        apart=place[apart],
        threads=3,
    )
    assert (same(again.groups) == together[np.ix_(order, order)]).all()


def test_complete_linkage_of_turned_pictures_loses_none() -> None:
    """A picture in all orientations is one group; one decision takes two of them apart."""
    rng = np.random.default_rng(4)
    sources = rng.integers(0, 256, (30, 32), dtype=np.uint8)
    turned = turned_rows(np.concatenate(turned_rows(sources)))
    groups = face_groups(Faces.of(turned), 0)
    assert groups.n_groups == 30
    assert face_groups(Faces.of(turned[:, :1]), 0).n_groups == 240
    for linkage in Linkage:
        made = face_groups(Faces.of(turned), 0, linkage, apart=np.array([[3, 1]]))
        assert made.groups[3] != made.groups[1]
        assert made.n_groups == 31


def test_equal_pictures_are_one_node() -> None:
    faces = pictures(1, 12)
    many = Faces.of(
        np.tile(faces.turned, (4000, 1, 1)),
        np.tile(faces.parts, (4000, 1, 1)),
        (faces.owners[None] + 12 * np.arange(4000)[:, None]).reshape(-1),
    )
    made = face_groups(many, 20)
    assert made.n_distinct == 12
    assert (made.groups.reshape(4000, 12) == face_groups(faces, 20).groups).all()


@pytest.mark.parametrize("linkage", list(Linkage))
def test_few_pairs_in_memory_at_a_time(monkeypatch: pytest.MonkeyPatch, linkage: Linkage) -> None:
    faces = pictures(5, 60)
    expected = face_groups(faces, 20, linkage, apart=np.array([[0, 1], [2, 3]]))
    monkeypatch.setattr(linking, "PAIRS_AT_ONCE", 3)
    made = face_groups(faces, 20, linkage, apart=np.array([[0, 1], [2, 3]]))
    assert made.groups.tolist() == expected.groups.tolist()


@settings(max_examples=8)
@given(st.integers(0, 2**32), st.integers(1, 16))
def test_distances(seed: int, n: int) -> None:
    faces = pictures(seed, n)
    distances, apart = Distances(faces), all_apart(faces)
    rows = np.arange(n)
    cut = np.array([0, n // 2, n])
    spans = list(itertools.pairwise(cut.tolist()))
    expected = [apart[a:b, a:b].max(initial=0) for a, b in spans]
    assert distances.diameters(rows, cut, n).tolist() == expected
    from_first = [apart[a, a:b].max(initial=0) for a, b in spans]
    bounds = distances.diameters(rows, cut, 0).tolist()
    for exact, bound, least in zip(expected, bounds, from_first, strict=True):
        assert least <= bound <= exact
    for one in range(n):
        bits_of, orientations = distances.between(np.full(n, one), rows)
        assert bits_of.tolist() == apart[one].tolist()
        assert orientations[one] == 0
    if n > 2:
        nearest = distances.nearest(rows, rows[: n // 2])
        assert nearest.tolist() == apart[:, : n // 2].argmin(axis=1).tolist()


@pytest.mark.parametrize("orientation", range(8))
def test_orientation_of_a_copy(orientation: int) -> None:
    """The copy, turned by what is said, is the picture; seen from the copy it is the way back."""
    picture = turned_rows(np.random.default_rng(2).integers(0, 256, (1, 32), dtype=np.uint8))
    copy = turned_rows(picture[:, INVERSE[orientation]])
    assert (copy[0, orientation] == picture[0, 0]).all()
    distances = Distances(Faces.of(np.concatenate([picture, copy])))
    bits_of, orientations = distances.between(np.array([0]), np.array([1]))
    assert (bits_of[0], orientations[0]) == (0, orientation)
    _, back = distances.between(np.array([1]), np.array([0]))
    assert back[0] == INVERSE[orientation]


def test_a_framed_copy_is_near_by_what_is_within() -> None:
    rng = np.random.default_rng(3)
    picture, framed, other = turned_rows(rng.integers(0, 256, (3, 32), dtype=np.uint8))[:, None]
    within = turned_rows(picture[:, 4])[None, 0]
    turned = np.concatenate([picture, framed, other])
    faces = Faces.of(turned, within[None] if within.ndim == 2 else within, np.array([1]))
    assert face_groups(faces, 0).groups.tolist().count(face_groups(faces, 0).groups[0]) == 2
    assert face_groups(Faces.of(turned), 0).n_groups == 3
    bits_of, orientations = Distances(faces).between(np.zeros(2, np.int64), np.array([1, 2]))
    assert (bits_of[0], orientations[0]) == (0, 4)
    assert bits_of[1] > 60


def test_arguments() -> None:
    turned = np.zeros((3, 8, 32), np.uint8)
    with pytest.raises(InputTypeError, match="turned: expected uint8"):
        Faces.of(turned.astype(float))
    with pytest.raises(InputError, match="turned: expected uint8"):
        Faces.of(turned[:, :5])
    with pytest.raises(InputError, match="parts: expected as many"):
        Faces.of(turned, turned[:, :1], np.arange(3))
    with pytest.raises(InputError, match="owners: expected a row for each part, ascending"):
        Faces.of(turned, turned, np.array([2, 1, 0]))
    with pytest.raises(InputError, match=r"owners: expected 0\.\.2"):
        Faces.of(turned, turned, np.array([0, 1, 3]))
    with pytest.raises(InputError, match=r"apart: expected rows 0\.\.2"):
        face_groups(Faces.of(turned), 3, apart=np.array([[0, 3]]))
