"""Shots of a burst stay apart; copies of one shot do not, also without a moment of capture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hash_sets import HashSet, Shown, flipped, hash_of

from hashmatch.triage import bursts, group_copies

NOON = "2024-05-01T12:00:00"


def shots(tmp_path: Path, shown: list[Shown]) -> tuple[list[tuple[str, int]], tuple[str, ...]]:
    """Names and shot of each group, and the notes."""
    made = HashSet(shown)
    groups = group_copies(made.catalogue, folder=tmp_path)
    names = [sorted(made.name_of(int(number)) for number in one.members) for one in groups]
    return sorted(
        (" ".join(members), one.shot) for members, one in zip(names, groups, strict=True)
    ), groups.notes


def near(name: str, captured: str | None, *bits: int) -> Shown:
    """A picture of one scene that differs from the others in these bits."""
    value = np.unpackbits(hash_of(1))
    value[list(bits)] ^= 1
    return Shown(name, np.packbits(value), captured=captured)


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ((NOON, NOON, None, None), [("a b c d", 0)]),
        ((NOON, f"{NOON}.5", f"{NOON}.50", None), [("a b c d", 0)]),
        ((None, None, None, None), [("a b c d", 0)]),
        ((NOON, NOON, "2024-05-01T12:00:01", "2024-05-01T12:00:01"), [("a b", 1), ("c d", 1)]),
        ((f"{NOON}.1", f"{NOON}.10", f"{NOON}.2", f"{NOON}.200"), [("a b", 1), ("c d", 1)]),
        ((NOON, NOON, NOON, "2024-05-01T12:00:01"), [("a b c", 1)]),
        ((f"{NOON}.000", f"{NOON}.0", f"{NOON}.001", f"{NOON}.01"), [("a b", 1)]),
        ((f"{NOON}.1", f"{NOON}.2", f"{NOON}.3", f"{NOON}.4"), []),
    ],
)
def test_moments(
    tmp_path: Path, moments: tuple[str | None, ...], expected: list[tuple[str, int]]
) -> None:
    shown = [
        near(name, moment, at)
        for at, (name, moment) in enumerate(zip("abcd", moments, strict=True))
    ]
    found, notes = shots(tmp_path, shown)
    assert found == expected
    assert bool(notes) == (expected != [("a b c d", 0)])


def test_a_copy_without_a_moment_goes_to_the_nearest_shot(tmp_path: Path) -> None:
    shown = [
        near("first", f"{NOON}.1"),
        near("second", f"{NOON}.2", *range(10)),
        near("copy of first", None, 0, 1, 2),
        near("copy of second", None, *range(8)),
        near("copy of second, cut", NOON, *range(9)),
    ]
    found, _ = shots(tmp_path, shown)
    assert found == [("copy of first first", 1), ("copy of second copy of second, cut second", 1)]


def test_of_equally_near_shots_the_first_digest(tmp_path: Path) -> None:
    shown = [
        near("a", f"{NOON}.1", 0, 1),
        near("b", f"{NOON}.2", 2, 3),
        near("c", None),
    ]
    first = min(shown[:2], key=lambda one: one.digest).name
    assert shots(tmp_path, shown)[0] == [(f"{first} c", 1)]


def test_one_picture_stands_for_its_shot_where_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = [near(f"a{at}", f"{NOON}.1", at) for at in range(4)]
    shown += [near(f"b{at}", f"{NOON}.2", 10, 11, 12, at) for at in range(4)]
    shown += [near("c", None, 10, 11, 12, 13)]
    expected = [("a0 a1 a2 a3", 1), ("b0 b1 b2 b3 c", 1)]
    assert shots(tmp_path, shown)[0] == expected
    monkeypatch.setattr(bursts, "MOST_COMPARED", 3)
    assert shots(tmp_path, shown)[0] == expected
    monkeypatch.setattr(bursts, "MOST_COMPARED", 1)
    first = min(shown[:8], key=lambda one: one.digest).name[0]
    assert [first in names and "c" in names for names, _ in shots(tmp_path, shown)[0]].count(
        True
    ) == 1


def test_a_moment_of_one_second_stays_within_it(tmp_path: Path) -> None:
    """What has a moment without a fraction is no shot of another second, however near."""
    shown = [
        near("a", f"{NOON}.1", *range(6)),
        near("b", f"{NOON}.2", *range(8)),
        near("c", NOON),
        near("d", "2024-05-01T12:00:01", 0),
    ]
    assert shots(tmp_path, shown)[0] == [("a c", 1)]


def test_bursts_are_numbered_as_groups_come_and_counted(tmp_path: Path) -> None:
    shown = []
    for scene in range(3):
        for shot in range(2):
            for copy in range(2):
                value = flipped(hash_of(scene), range(6 * shot, 6 * shot + 3 * copy))
                name = f"scene {scene} shot {shot} copy {copy}"
                shown.append(Shown(name, value, captured=f"2024-05-0{scene + 1}T12:00:0{shot}"))
    made = HashSet(shown)
    groups = group_copies(made.catalogue, folder=tmp_path)
    scenes: dict[int, set[str]] = {}
    for one in groups:
        names = {made.name_of(int(number))[:7] for number in one.members}
        scenes.setdefault(one.shot, set()).update(names)
    assert list(scenes) == [1, 2, 3]
    assert all(len(names) == 1 for names in scenes.values())
    assert groups.notes == (
        "3 bursts: near pictures with moments of capture of their own are kept apart; "
        "0 of their shots have no copy",
    )
