"""From files through a scan to groups: copies of every kind, whatever the order of the scans."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from clips import make_clip, shots
from exhibits import fill
from pictures import encoded, photograph
from PIL import Image, ImageOps

from hashmatch.report import GroupKind
from hashmatch.scan import Catalogue, Recipe, scan_into
from hashmatch.triage import CopyGroups, group_copies

RECIPE = Recipe(isolate=False, views="trims")
TURNS = {
    "mirrored": Image.Transpose.FLIP_LEFT_RIGHT,
    "turned": Image.Transpose.ROTATE_90,
    "upside-down": Image.Transpose.ROTATE_180,
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pictures with copies, others without, a broken one, a flat one twice, two videos."""
    folder = tmp_path_factory.mktemp("exhibit")
    for seed, name in enumerate(("one", "two")):
        picture = Image.fromarray(photograph(seed + 3, 480, 640))
        files = {
            "original.png": encoded(picture, "PNG"),
            "again.jpg": encoded(picture, "JPEG", quality=60),
            "small.jpg": encoded(picture.resize((480, 360)), "JPEG", quality=80),
            "framed.png": encoded(ImageOps.expand(picture, (40, 90), (250, 250, 250)), "PNG"),
            "cut.jpg": encoded(picture, "JPEG", quality=95)[:-9000],
        }
        files |= {
            f"{turn}.jpg": encoded(picture.transpose(how), "JPEG") for turn, how in TURNS.items()
        }
        for file, data in files.items():
            (folder / f"{name} {file}").write_bytes(data)
    fill(folder / "others", 9, seed=50)
    grey = Image.new("RGB", (300, 200), (90, 90, 90))
    (folder / "flat.png").write_bytes(encoded(grey, "PNG"))
    (folder / "flat too.jpg").write_bytes(encoded(grey, "JPEG"))
    (folder / "no picture.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "clip.mp4").write_bytes(make_clip(shots([1, 2, 3], 30)))
    (folder / "clip again.mp4").write_bytes(make_clip(shots([1, 2, 3], 30), bit_rate=90_000))
    (folder / "clip other.mp4").write_bytes(make_clip(shots([4, 5], 30)))
    return folder


def named(catalogue: Catalogue, groups: CopyGroups) -> list[dict[str, tuple[int, int]]]:
    """For each group the names of its members, with distance (or share) and orientation."""
    names = {
        item.content.number: os.fsdecode(item.path)
        for item in catalogue.items()
        if item.content is not None
    }
    return [
        {
            names[number]: (distance if one.kind is GroupKind.NEAR else share, turn)
            for number, distance, share, turn in zip(
                one.members.tolist(),
                one.distances.tolist(),
                one.shares.tolist(),
                one.orientations.tolist(),
                strict=True,
            )
        }
        for one in groups
    ]


def test_every_kind_of_copy(root: Path, tmp_path: Path) -> None:
    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        scan_into(catalogue, [root], recipe=RECIPE)
        groups = group_copies(catalogue, folder=tmp_path)
        found = named(catalogue, groups)
    kinds = [one.kind for one in groups]
    assert kinds == [GroupKind.NEAR, GroupKind.NEAR, GroupKind.VIDEO]
    for members in found[:2]:
        names = list(members)
        assert names[0].endswith(" original.png")
        own = names[0].split()[0]
        assert {name.split()[0] for name in names} == {own}
        # A picture that is cut off has other hashes; whether it is near depends on where.
        assert {name.split()[1] for name in names} - {"cut.jpg"} == {
            *("original.png", "again.jpg", "small.jpg", "framed.png"),
            *(f"{turn}.jpg" for turn in TURNS),
        }
        assert members[f"{own} mirrored.jpg"][1] == 5
        assert members[f"{own} upside-down.jpg"][1] == 2
        assert members[f"{own} turned.jpg"][1] == 3
        assert all(distance <= 20 for distance, _ in members.values())
    assert set(found[2]) == {"clip.mp4", "clip again.mp4"}
    assert all(share >= 95 for share, _ in found[2].values())


def test_rows_in_another_order_give_the_same(root: Path, tmp_path: Path) -> None:
    """The same files, the last ones examined first: other numbers, the same groups."""
    told = []
    for name in ("one", "two"):
        with Catalogue.open(tmp_path / name, create=True) as catalogue:
            if name == "two":
                for part in (root / "others", root / "two original.png", root / "clip again.mp4"):
                    scan_into(catalogue, [part], recipe=RECIPE)
            scan_into(catalogue, [root], recipe=RECIPE, workers=3 if name == "two" else 1)
            groups = group_copies(catalogue, folder=tmp_path, threads=3 if name == "two" else 1)
            numbers = np.concatenate([one.members for one in groups])
            shown = [(one.why, one.diameter, one.shot) for one in groups]
            told.append((named(catalogue, groups), shown, groups.notes))
            told.append(numbers.tolist())
    assert told[0] == told[2]
    assert told[1] != told[3]


def test_without_orientations(root: Path, tmp_path: Path) -> None:
    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        scan_into(catalogue, [root], recipe=Recipe(isolate=False, dihedral=False))
        groups = group_copies(catalogue, folder=tmp_path, orientations=False)
        found = named(catalogue, groups)
    names = {name.split()[1] for members in found[:2] for name in members}
    assert {"original.png", "again.jpg", "small.jpg"} <= names
    assert not names & {"mirrored.jpg", "turned.jpg", "framed.png"}
