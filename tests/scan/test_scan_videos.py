"""Videos and trimmed pictures in a catalogue: what their fingerprints have comes back."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from clips import animation, make_clip, make_sound, shots
from exhibits import IN_PROCESS, paths_of, states_of
from pictures import photograph, png

from hashmatch.fingerprinting import PRUNE_DISTANCE, VideoFingerprint, examine_image, examine_medium
from hashmatch.scan import Catalogue, Recipe, scan_into


def test_frames_come_back_as_they_were(tmp_path: Path) -> None:
    root = tmp_path / "exhibit"
    root.mkdir()
    (root / "clip.mp4").write_bytes(make_clip(shots([1, 2], 12)))
    (root / "moving.gif").write_bytes(animation(shots([3, 4], 3)))
    (root / "sound.m4a").write_bytes(make_sound())
    recipe = Recipe(isolate=False, views="trims", interval_s=0.5)
    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        scan_into(catalogue, [root], recipe=recipe)
        made = {
            name: examine_medium(
                root / name,
                dihedral=True,
                views="trims",
                interval_s=0.5,
                prune_distance=PRUNE_DISTANCE,
            )
            for name in ("clip.mp4", "moving.gif")
        }
        contents = {os.fsdecode(item.path): item.content for item in catalogue.items()}
        stored = {frames.number: frames for frames in catalogue.video_frames()}
        assert len(stored) == 2
        assert list(stored) == [
            content.number for content in catalogue.contents() if content.number in stored
        ]
        for name, fingerprint in made.items():
            assert isinstance(fingerprint, VideoFingerprint)
            content = contents[name]
            assert content is not None
            assert content.duration_ms == fingerprint.duration_ms
            frames, expected = stored[content.number].frames, fingerprint.frames
            assert len(frames) == len(expected) > 1
            for column in ("times_ms", "numbers", "hashes", "qualities", "spans_ms", "dihedral"):
                one, other = getattr(frames, column), getattr(expected, column)
                assert one.dtype == other.dtype
                assert np.array_equal(one, other), column
        sound = contents["sound.m4a"]
        assert sound is not None
        assert (sound.status, sound.pdq) == ("NO_VIDEO", None)
        assert dict(catalogue.ledger().reasons) == {("rejected", "NO_VIDEO"): 1}
        assert catalogue.ledger().done == 2


def test_what_is_within_borders_comes_back(tmp_path: Path) -> None:
    root = tmp_path / "exhibit"
    root.mkdir()
    framed = np.zeros((200, 240, 3), np.uint8)
    framed[30:170] = photograph(5, 140, 240)
    (root / "framed.png").write_bytes(png(framed))
    (root / "plain.png").write_bytes(png(photograph(6, 140, 240)))
    recipe = Recipe(isolate=False, views="trims")
    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        scan_into(catalogue, [root], recipe=recipe)
        (framed_item, _) = catalogue.items()
        made = examine_image(root / "framed.png", views="trims")
        views = [view for view in made.views if view.hashes]
        assert views
        trims = catalogue.trim_hashes()
        assert framed_item.content is not None
        assert trims.numbers.tolist() == [framed_item.content.number] * len(views)
        assert [tuple(row) for row in trims.boxes.tolist()] == [view.box for view in views]
        assert [row.tobytes() for row in trims.hashes] == [
            b"".join(value.value for value in view.hashes) for view in views
        ]
        assert trims.qualities.tolist() == [view.hashes[0].quality for view in views]
        scan_into(catalogue, [root], recipe=IN_PROCESS)
        assert len(catalogue.trim_hashes()) == 0


@pytest.mark.parametrize("isolate", [False, True])
def test_a_video_is_not_touched(tmp_path: Path, isolate: bool) -> None:
    """Worker processes open it again."""
    root = tmp_path / "exhibit"
    root.mkdir()
    (root / "clip.mp4").write_bytes(make_clip(shots([1], 12)))
    paths = paths_of(root)
    for path in paths:
        os.utime(path, ns=(10**18, 2 * 10**18))
    states = states_of(paths)
    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        scan_into(catalogue, [root], recipe=Recipe(isolate=isolate), workers=1)
        assert catalogue.ledger().done == 1
    assert states_of(paths) == states
