"""Groups of videos: copies, excerpts and what only overlaps; nothing is chained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from frame_tracks import Film, frames, joined, made, noisy, pruned
from hash_sets import HashSet, Shown

from hashmatch.fingerprinting import FrameHashes
from hashmatch.matching.variants import turned_rows
from hashmatch.report import GroupKind
from hashmatch.triage import UNMEASURED, Bonds, CopyGroups, footage, group_copies

FILM = Film(1, length_ms=120_000)
INTRO = frames(Film(90), interval_ms=1000, end=8_000)


def clip(name: str, shown: FrameHashes, **more: object) -> Shown:
    turned = replace(shown, dihedral=turned_rows(shown.hashes))
    return Shown(name, frames=turned, mime="video/mp4", **more)  # type: ignore[arg-type]


def part(seconds: float, *, start: float = 0, film: Film = FILM, noise: int = 6) -> FrameHashes:
    return frames(
        film, interval_ms=1000, start=1000 * start, end=1000 * (start + seconds), noise=noise
    )


def grouped(
    shown: list[Shown], folder: Path, bonds: Bonds | None = None
) -> tuple[CopyGroups, list[list[tuple[str, int]]]]:
    """The groups, and the names and shares of their members."""
    kept = HashSet(shown)
    groups = group_copies(kept.catalogue, folder=folder, bonds=bonds)
    assert all(one.kind is GroupKind.VIDEO for one in groups)
    return groups, [
        [
            (kept.name_of(number), share)
            for number, share in zip(one.members.tolist(), one.shares.tolist(), strict=True)
        ]
        for one in groups
    ]


@pytest.mark.parametrize("seconds", [2, 3, 5, 8, 60])
def test_copies_however_short(tmp_path: Path, seconds: int) -> None:
    shown = [
        clip("small", part(seconds), width=320, height=240),
        clip("large", part(seconds, noise=10), width=1280, height=720),
        clip("other", part(seconds, film=Film(2))),
    ]
    (group,), (members,) = grouped(shown, tmp_path)
    assert [name for name, _ in members] == ["large", "small"]
    assert members[1][1] >= 95
    assert "largest: 1280 x 720 pixels, the next 320 x 240" in group.why
    assert group.distances.tolist() == [UNMEASURED] * 2


def test_an_excerpt_is_with_its_film(tmp_path: Path) -> None:
    shown = [
        clip("film", part(120)),
        clip("excerpt", part(20, start=30)),
        clip("short excerpt", part(5, start=31.4)),
    ]
    (group,), (members,) = grouped(shown, tmp_path)
    assert members[0] == ("film", 100)
    assert {name for name, _ in members} == {"film", "excerpt", "short excerpt"}
    assert min(share for _, share in members) >= 90
    assert group.why.startswith("its footage has the others': 120.0 s, the next 20.0 s")


def test_a_compilation_does_not_settle_a_film(tmp_path: Path) -> None:
    others = [part(60, film=Film(seed)) for seed in range(20, 24)]
    shown = [
        clip("compilation", joined(*others[:2], part(15, start=40), *others[2:])),
        clip("film", part(120)),
        clip("clip of both", part(10, start=42)),
    ]
    groups, (members,) = grouped(shown, tmp_path)
    assert {name for name, _ in members} in (
        {"compilation", "clip of both"},
        {"film", "clip of both"},
    )
    assert "1 videos share footage" in groups.notes[0]


def test_an_intro_and_black_frames_join_nothing(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    black = made(np.arange(0, 9_000, 1000.0), np.zeros((9, 32), np.uint8), 1000, 0)
    dark = made(
        np.arange(0, 60_000, 1000.0), rng.integers(0, 256, (60, 32), dtype=np.uint8), 1000, 20
    )
    shown = [
        *[clip(f"{n}", joined(black, INTRO, part(15, film=Film(40 + n)), black)) for n in range(6)],
        clip("intro and dark", joined(INTRO, dark)),
        clip("black", black),
        clip("black too", joined(black, black)),
    ]
    groups, members = grouped(shown, tmp_path)
    assert members == []
    assert "share footage" in groups.notes[0]


def test_a_mirrored_and_a_letterboxed_copy(tmp_path: Path) -> None:
    whole = part(20)
    mirrored = replace(whole, hashes=turned_rows(noisy(whole.hashes, 6))[:, 5])
    boxed = within_borders(part(20))
    shown = [
        clip("film", whole, width=800),
        clip("mirrored", mirrored),
        clip("boxed", boxed, width=4000),
    ]
    (group,), (members,) = grouped(shown, tmp_path)
    assert members[0][0] == "film"
    assert {name for name, share in members if share >= 95} == {"film", "mirrored", "boxed"}
    turned = dict(zip([name for name, _ in members], group.orientations.tolist(), strict=True))
    assert turned == {"film": 0, "boxed": 0, "mirrored": 5}
    (group,), (members,) = grouped([shown[0], shown[2]], tmp_path)
    assert group.why == "of the longest (20.0 s) the one without borders"
    # Also where the one with borders has more of it.
    shown[2] = clip("boxed", within_borders(part(40)))
    (members,) = grouped(shown, tmp_path)[1]
    assert members[0] == ("boxed", 100)
    assert len(members) == 3


def within_borders(shown: FrameHashes) -> FrameHashes:
    """Frames that show this within their borders."""
    whole = frames(Film(7, length_ms=120_000), interval_ms=1000, end=1000 * len(shown))
    return replace(whole, trimmed=turned_rows(noisy(shown.hashes, 6, seed=3)))


def test_one_picture_for_seconds(tmp_path: Path) -> None:
    """A still is a single frame once near-equal ones are left out."""
    still = pruned(part(30, film=Film(3, scene_ms=60_000, moving=0), noise=0), 8)
    shorter = pruned(part(9, film=Film(3, scene_ms=60_000, moving=0), noise=0), 8)
    assert len(still) == len(shorter) == 1
    shown = [clip("long", still), clip("short", shorter), clip("other", part(9))]
    _, (members,) = grouped(shown, tmp_path)
    assert members == [("long", 100), ("short", 100)]


def test_no_chain(tmp_path: Path) -> None:
    """Each has most of the one before it: none is with one that is with another itself."""
    shown = [clip(f"{at}", part(20, start=3 * at)) for at in range(12)]
    groups, members = grouped(shown, tmp_path)
    at_of = [[int(name) for name, _ in some] for some in members]
    assert all(abs(at - some[0]) <= 1 for some in at_of for at in some)
    assert all(share >= 80 for some in members for _, share in some)
    assert len(groups) >= 4


def test_decisions_and_any_order(tmp_path: Path) -> None:
    shown = [
        *[clip(f"copy {at}", part(10, noise=2 * at), width=100 + at) for at in range(5)],
        clip("other", part(30, film=Film(2))),
    ]
    digests = {one.name: one.digest.hex() for one in shown}
    bonds = Bonds(
        same=((digests["other"], digests["copy 0"]),),
        apart=((digests["copy 3"], digests["copy 4"]),),
    )
    groups, members = grouped(shown, tmp_path, bonds)
    home = {name: at for at, some in enumerate(members) for name, _ in some}
    assert home["other"] == home["copy 0"]
    assert home.get("copy 3", -1) != home.get("copy 4", -2)
    assert "1 decisions join videos" in groups.notes
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(shown))
        again, same = grouped([shown[at] for at in order], tmp_path, bonds)
        assert same == members
        assert [one.why for one in again] == [one.why for one in groups]


def test_few_pairs_of_frames_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of footage that is near to all of its like the nearest pairs are looked at."""
    monkeypatch.setattr(footage, "MOST_HITS", 0)
    monkeypatch.setattr(footage, "_LEAST_HITS", 400)
    slow = Film(5, length_ms=60_000, moving=4)
    shown = [clip(f"{at}", part(60, film=slow, noise=at), width=100 + at) for at in range(8)]
    _, (members,) = grouped(shown, tmp_path)
    assert len(members) == 8
    monkeypatch.setattr(footage, "_LEAST_HITS", 1)
    assert len(grouped(shown, tmp_path)[0]) == 0


def test_many_copies_and_many_alone(tmp_path: Path) -> None:
    shown = [clip(f"copy {at}", part(6, noise=8), width=100 + at) for at in range(60)]
    shown += [clip(f"{at}", part(6, film=Film(100 + at))) for at in range(80)]
    _, (members,) = grouped(shown, tmp_path)
    assert members[0][0] == "copy 59"
    assert len(members) == 60
