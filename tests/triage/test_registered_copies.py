"""Cropped and framed copies: stars around the largest, shots and decisions respected."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hash_sets import HashSet, Shown, hash_of
from hypothesis import given
from hypothesis import strategies as st
from pictures import photograph
from PIL import Image

from hashmatch.errors import InputError
from hashmatch.fingerprinting import ImageFingerprint, examine_image
from hashmatch.triage import UNMEASURED, Bonds, CopyGroups, group_copies
from hashmatch.triage.registered import stars

Made = dict[str, ImageFingerprint]


@pytest.fixture(scope="module")
def fingerprints() -> Made:
    """Two pictures, each with a crop and one within a broad frame."""
    made: Made = {}
    for seed, letter in enumerate("ab"):
        picture = Image.fromarray(photograph(seed + 3, 480, 640))
        framed = Image.new("RGB", (760, 720), (20, 60, 20))
        framed.paste(picture, (60, 120))
        edits = {
            "whole": picture,
            "crop": picture.crop((40, 24, 640, 480)),
            "framed": framed,
        }
        for name, edit in edits.items():
            made[f"{letter} {name}"] = examine_image(np.asarray(edit), dihedral=True, views="all")
    return made


def shown_of(made: Made) -> list[Shown]:
    return [
        Shown(
            name,
            np.frombuffer(one.hashes["pdq"].value, np.uint8),
            one.width or 0,
            one.height or 0,
        )
        for name, one in made.items()
    ]


def grouped(
    shown: list[Shown], made: Made, folder: Path, bonds: Bonds | None = None
) -> tuple[CopyGroups, list[list[str]]]:
    kept = HashSet(shown)
    groups = group_copies(
        kept.catalogue,
        folder=folder,
        registration=True,
        fingerprint_of=lambda number: made[kept.name_of(number)],
        bonds=bonds,
        threads=2,
    )
    return groups, [[kept.name_of(int(number)) for number in one.members] for one in groups]


def test_crops_and_frames(tmp_path: Path, fingerprints: Made) -> None:
    shown = shown_of(fingerprints)
    kept = HashSet(shown)
    assert len(group_copies(kept.catalogue, folder=tmp_path)) == 0
    for chosen in (shown, shown[::-1]):
        groups, names = grouped(chosen, fingerprints, tmp_path)
        assert sorted(sorted(some) for some in names) == [
            ["a crop", "a framed", "a whole"],
            ["b crop", "b framed", "b whole"],
        ]
        for one, some in zip(groups, names, strict=True):
            assert some[0].endswith("whole")  # the framed one is larger, but no crop of it is found
            assert one.why.startswith(
                "the others are cropped, framed or turned copies of it; 640 x"
            )
            assert one.distances.tolist() == [0, UNMEASURED, UNMEASURED]
            assert one.diameter == UNMEASURED
        assert "4 pictures and groups are with another one by registration" in groups.notes[0]


def test_near_copies_come_along(tmp_path: Path, fingerprints: Made) -> None:
    """Of a group only the representative is asked; its distance stays where there is one."""
    shown = [one for one in shown_of(fingerprints) if one.name in ("a whole", "a crop")]
    shown.append(replace(shown[0], name="a small", width=64, height=48))
    (group,), (names,) = grouped(shown, fingerprints, tmp_path)
    assert names == ["a whole", "a small", "a crop"]
    assert group.distances.tolist() == [0, 0, UNMEASURED]


def test_moments_and_decisions(tmp_path: Path, fingerprints: Made) -> None:
    shown = shown_of(fingerprints)[:2]
    assert len(grouped(shown, fingerprints, tmp_path)[0]) == 1
    pair = (shown[0].digest.hex(), shown[1].digest.hex())
    assert len(grouped(shown, fingerprints, tmp_path, Bonds(apart=(pair,)))[0]) == 0
    moments = ["2024-05-01T12:00:00", "2024-05-01T12:00:01"]
    shots = [replace(one, captured=when) for one, when in zip(shown, moments, strict=True)]
    assert len(grouped(shots, fingerprints, tmp_path)[0]) == 0


def test_a_resized_copy_that_the_linkage_left_alone(tmp_path: Path) -> None:
    """In the same place it is a copy, whatever the radius of the linkage."""
    picture = Image.fromarray(photograph(6, 480, 640))
    sizes = {"large": (640, 480), "small": (200, 150)}
    made = {
        name: examine_image(np.asarray(picture.resize(size)), dihedral=True, views="trims")
        for name, size in sizes.items()
    }
    kept = HashSet(shown_of(made))
    options = {"folder": tmp_path, "max_distance": 1}
    assert len(group_copies(kept.catalogue, **options)) == 0  # type: ignore[arg-type]
    groups = group_copies(
        kept.catalogue,
        registration=True,
        fingerprint_of=lambda number: made[kept.name_of(number)],
        **options,  # type: ignore[arg-type]
    )
    assert len(groups) == 1


def test_what_cannot_be_read_any_more(tmp_path: Path) -> None:
    kept = HashSet([Shown("a", hash_of(1)), Shown("b", hash_of(2))])
    groups = group_copies(
        kept.catalogue, folder=tmp_path, registration=True, fingerprint_of=lambda _: None
    )
    assert len(groups) == 0
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="fingerprint_of"):
        group_copies(kept.catalogue, folder=tmp_path, registration=True)


@pytest.mark.parametrize("step", [9, 24])
def test_a_camera_that_moves_makes_no_copies(tmp_path: Path, step: int) -> None:
    """Windows over one scene, moved on by 1.5 or 4 % of a side each; the whole has all of them."""
    scene = photograph(9, 480, 720)
    made = {
        f"{at}": examine_image(scene[:, step * at : step * at + 600], dihedral=True, views="trims")
        for at in (0, 1, 2)
    }
    assert len(grouped(shown_of(made), made, tmp_path)[0]) == 0
    made["whole"] = examine_image(scene[:, :660], dihedral=True, views="trims")
    _, (names,) = grouped(shown_of(made), made, tmp_path)
    assert names[0] == "whole"
    assert len(names) >= 3


@given(
    st.sets(
        st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] != pair[1])
    ),
    st.permutations(range(10)),
)
def test_every_one_of_a_star_matches_its_head(
    pairs: set[tuple[int, int]], ranks: list[int]
) -> None:
    heads = stars(pairs, np.array(ranks), lambda row, head: (row + head) % 5 == 0)
    for row, head in enumerate(heads.tolist()):
        if head == row:
            continue
        assert (row, head) in pairs or (head, row) in pairs
        assert heads[head] == head
        assert (row + head) % 5


def test_the_one_with_most_pairs_is_the_head() -> None:
    pairs = {(0, 1), (2, 0), (0, 3), (3, 4), (5, 6)}
    heads = stars(pairs, np.array([6, 0, 1, 2, 3, 5, 4]), lambda *_: False)
    assert heads.tolist() == [0, 0, 0, 0, 4, 6, 6]
