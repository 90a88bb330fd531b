"""Groups of a catalogue's pictures: members, representative, diameter, decisions; in any order."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hash_sets import HashSet, Shown, flipped, hash_of
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.errors import InputError
from hashmatch.matching.variants import turned_rows
from hashmatch.report import GroupKind
from hashmatch.triage import Bonds, CopyGroups, group_copies, pictures


def grouped(
    shown: list[Shown], folder: Path, **options: object
) -> tuple[CopyGroups, list[list[str]]]:
    """The groups, and the names of their members."""
    made = HashSet(shown)
    groups = group_copies(made.catalogue, folder=folder, **options)  # type: ignore[arg-type]
    return groups, [[made.name_of(int(number)) for number in one.members] for one in groups]


def told(shown: list[Shown], folder: Path, **options: object) -> list[object]:
    """All that is told of the groups, without numbers of rows."""
    groups, names = grouped(shown, folder, **options)
    return [
        groups.notes,
        [
            (
                *members,
                one.distances.tolist(),
                one.orientations.tolist(),
                one.why,
                one.diameter,
                one.shot,
            )
            for one, members in zip(groups, names, strict=True)
        ],
    ]


def in_a_row(steps: int, n: int) -> list[Shown]:
    """Each some bits from the next; distances add up."""
    made = [hash_of(1)]
    for step in range(n - 1):
        made.append(flipped(made[-1], range(steps * step, steps * step + steps)))
    return [Shown(f"{at:02}", value) for at, value in enumerate(made)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("threads", [1, 8])
def test_three_in_a_row_in_any_order(tmp_path: Path, order: tuple[int, ...], threads: int) -> None:
    """C01: A and B are 30 apart, B and C too, A and C 60."""
    shown = in_a_row(30, 3)
    chosen = [shown[at] for at in order]
    expected = told(shown, tmp_path, max_distance=31)
    assert told(chosen, tmp_path, max_distance=31, threads=threads) == expected
    (group,), (members,) = grouped(chosen, tmp_path, max_distance=31)
    assert (len(members), group.diameter) == (2, 30)
    groups, _ = grouped(chosen, tmp_path, max_distance=31, linkage="single")
    (group,) = groups
    assert (len(group.members), group.diameter) == (3, 60)
    assert groups.notes == (
        "1 groups are chains, by their linkage or by decisions: some of their members are more "
        "than 31 bits apart",
    )


def test_a_chain_of_fifty(tmp_path: Path) -> None:
    """C02, as far as a hash has bits: one group whose diameter tells, or pieces."""
    shown = in_a_row(5, 50)
    (group,), _ = grouped(shown, tmp_path, max_distance=5, linkage="single")
    assert len(group.members) == 50
    assert group.diameter > 100
    pieces, _ = grouped(shown, tmp_path, max_distance=5)
    assert {one.diameter for one in pieces} == {5}
    assert {len(one.members) for one in pieces} == {2}


def test_a_turned_copy_says_how_it_is_turned(tmp_path: Path) -> None:
    picture = hash_of(2)
    shown = [Shown("original", picture, width=4000, height=3000)]
    shown += [Shown(f"turned {k}", turned_rows(picture[None])[0, k]) for k in range(1, 8)]
    (group,), (names,) = grouped(shown, tmp_path)
    assert names[0] == "original"
    said = dict(zip(names[1:], group.orientations[1:].tolist(), strict=True))
    back = [0, 3, 2, 1, 4, 5, 6, 7]  # the turn that makes it the original
    assert said == {f"turned {k}": back[k] for k in range(1, 8)}
    assert group.distances.tolist() == [0] * 8
    assert group.shares.tolist() == [100] * 8
    assert group.kind is GroupKind.NEAR
    assert len(grouped(shown, tmp_path, orientations=False)[0]) == 0


def test_a_framed_copy(tmp_path: Path) -> None:
    """It joins by what is within its borders, and its borders do not make it the larger one."""
    shown = [
        Shown("original", hash_of(3), width=400, height=300),
        Shown("framed", hash_of(4), 500, 400, part=hash_of(3), box=(60, 60, 440, 340)),
        Shown("other", hash_of(5)),
    ]
    (group,), names = grouped(shown, tmp_path)
    assert names == [["original", "framed"]]
    assert group.distances.tolist() == [0, 0]
    assert group.why == "largest: 400 x 300 pixels, the next 500 x 400 with borders"


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ({"width": 800}, {"size": 99_000}, "largest: 800 x 300 pixels, the next 400 x 300"),
        ({"size": 21_000}, {}, "of the largest (400 x 300 pixels) the least compressed: 21000 "),
        ({"mime": "image/png"}, {"size": 21_000}, "the least compressed: stored without loss"),
        ({}, {"width": 800, "status": "TRUNCATED"}, "whole, others are cut off; 400 x 300 pixels"),
        (
            {"captured": "2020-01-01T10:00:00.25", "mtime_ns": 2 * 10**18},
            {"mtime_ns": 1_600_000_000_000_000_000},
            "the earliest: captured 2020-01-01 10:00:00",
        ),
        ({"mtime_ns": 0}, {"mtime_ns": 1}, "the earliest: changed 1970-01-01 00:00:00"),
        ({}, {}, "the first by its path of those of the same size (400 x 300 pixels) and time"),
    ],
)
def test_representative_and_why(
    tmp_path: Path, first: dict[str, object], second: dict[str, object], why: str
) -> None:
    for names in (("a", "b"), ("b", "a")) if first or second else (("a", "b"),):
        shown = [Shown(names[0], hash_of(1), **first), Shown(names[1], hash_of(1), **second)]  # type: ignore[arg-type]
        (group,), (members,) = grouped(shown, tmp_path)
        assert members[0] == names[0]
        assert why in group.why


def test_members_by_distance_then_digest(tmp_path: Path) -> None:
    value = hash_of(7)
    shown = [Shown("largest", value, width=999)]
    shown += [Shown(f"{at}", flipped(value, range(at // 3))) for at in range(12)]
    (group,), (names,) = grouped(shown, tmp_path)
    assert group.distances.tolist() == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    digests = {one.name: one.digest for one in shown}
    for begin in (1, 4, 7, 10):
        some = [digests[name] for name in names[begin : begin + 3]]
        assert some == sorted(some)


def bonds_of(shown: list[Shown], same: str, apart: str) -> Bonds:
    """Of pairs "ab cd", by names."""
    digests = {one.name: one.digest.hex() for one in shown}

    def of(pairs: str) -> tuple[tuple[str, str], ...]:
        return tuple((digests[pair[0]], digests[pair[1]]) for pair in pairs.split())

    return Bonds(same=of(same), apart=of(apart))


def families(names: str) -> list[Shown]:
    """ "ab c": a and b are copies, c is none of theirs."""
    return [
        Shown(name, hash_of(100 + at)) for at, some in enumerate(names.split()) for name in some
    ]


@pytest.mark.parametrize("linkage", ["complete", "medoid", "single"])
@pytest.mark.parametrize(
    ("same", "apart", "expected", "note"),
    [
        ("", "ab", ["ac de", "bc de"], ""),
        ("ad", "", ["abcde"], "1 decisions join pictures"),
        ("ef", "", ["abc def"], "1 decisions join"),
        (
            "df",
            "df ab",
            ["ac def", "bc def"],
            "1 decisions to keep two pictures apart are overruled",
        ),
        ("ad", "be", ["abcd", "bc ade"], "left their copies"),
        ("ad de", "ae", ["abcde"], "1 decisions to keep two pictures apart are overruled"),
        ("ad", "ab", ["acde", "bc ade"], ""),
    ],
)
def test_decisions(
    tmp_path: Path, linkage: str, same: str, apart: str, expected: list[str], note: str
) -> None:
    """``expected``: groups of two or more, or others where names decide."""
    shown = families("abc de f")
    bonds = bonds_of(shown, same, apart)
    for chosen in (shown, shown[::-1]):
        groups, names = grouped(chosen, tmp_path, bonds=bonds, linkage=linkage)
        found = sorted("".join(sorted(members)) for members in names)
        assert found in [sorted(one.split()) for one in expected]
        assert note in " ".join(groups.notes)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["complete", "medoid", "single"]))
def test_any_decisions_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, seed: int, linkage: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    rng = np.random.default_rng(seed)
    shown = [
        Shown(
            chr(97 + at),
            flipped(hash_of(int(rng.integers(0, 4))), range(int(rng.integers(0, 30)))),
            captured=[None, "2024-05-01T12:00:00", "2024-05-01T12:00:01"][int(rng.integers(3))],
        )
        for at in range(14)
    ]
    pairs = ["".join(rng.choice(list("abcdefghijklmn"), 2, replace=False)) for _ in range(5)]
    bonds = bonds_of(shown, " ".join(pairs[:2]), " ".join(pairs[2:]))
    expected = told(shown, folder, bonds=bonds, linkage=linkage)
    order = rng.permutation(len(shown))
    assert told([shown[at] for at in order], folder, bonds=bonds, linkage=linkage) == expected
    groups, names = grouped(shown, folder, bonds=bonds, linkage=linkage)
    assert len({name for some in names for name in some}) == sum(map(len, names))
    home = {name: at for at, members in enumerate(names) for name in members}
    for pair in pairs[:2]:
        assert home[pair[0]] == home[pair[1]]
    if "overruled" not in " ".join(groups.notes):
        for pair in pairs[2:]:
            assert home.get(pair[0], -1) != home.get(pair[1], -2)


def test_large_groups_have_a_bound_of_their_diameter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "EXACT_DIAMETER", 5)
    groups, _ = grouped(in_a_row(5, 20), tmp_path, max_distance=5, linkage="single")
    assert 47 <= groups.groups[0].diameter <= 95
    assert "more than 5 members" in " ".join(groups.notes)


def test_many_equal_ones_and_many_alone(tmp_path: Path) -> None:
    """C14 in small: one in a hundred is a copy; and thousands of equal hashes are no thousands of
    pairs."""
    rng = np.random.default_rng(14)
    values = rng.integers(0, 256, (6_000, 32), dtype=np.uint8)
    shown = [Shown(str(at), value) for at, value in enumerate(values)]
    shown += [Shown(f"copy {at}", flipped(values[at], range(at % 8))) for at in range(200)]
    shown += [Shown(f"equal {at}", values[0]) for at in range(2000)]
    made = HashSet(shown)
    groups = group_copies(made.catalogue, folder=tmp_path)
    assert sorted(len(one.members) for one in groups) == [2] * 199 + [2002]


def test_nothing_and_arguments(tmp_path: Path) -> None:
    assert len(grouped([], tmp_path)[0]) == 0
    assert len(grouped([Shown("a", hash_of(1))], tmp_path)[0]) == 0
    with pytest.raises(InputError, match="linkage"):
        grouped([], tmp_path, linkage="average")
    with pytest.raises(InputError, match="max_distance"):
        grouped([Shown("a", hash_of(1))], tmp_path, max_distance=-1)
    with pytest.raises(InputError, match="apart: expected two SHA-256"):
        Bonds(apart=(("aa", "bb"),))
    with pytest.raises(InputError, match="same: expected two contents"):
        Bonds(same=(("a" * 64, "a" * 64),))
    asked: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        grouped([], tmp_path, progress=asked.append, stop=lambda: len(asked) == 3)
    assert len(asked) == 3
