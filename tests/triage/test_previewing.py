"""Previews of an exhibit: of what is still as it was examined, and without a trace."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from clips import make_clip, scene
from exhibits import IN_PROCESS, paths_of, states_of
from pictures import encoded, photograph, png, with_exif_orientation
from PIL import Image

from hashmatch.decode import DEFAULT_LIMITS, apply_orientation
from hashmatch.report import FileEntry, Preview, TriageClass
from hashmatch.report.previews import preview_of_pixels
from hashmatch.scan import Catalogue, scan_into
from hashmatch.triage import PreviewSource
from hashmatch.triage.previewing_worker import picture_preview
from hashmatch.types import MediaKind


@pytest.fixture(scope="module")
def exhibit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("exhibit")
    (root / "a.png").write_bytes(png(photograph(1)))
    (root / "changed.png").write_bytes(png(photograph(2)))
    (root / "broken.jpg").write_bytes(encoded(photograph(3), "JPEG")[:300])
    (root / os.fsdecode(b"odd \xff.jpg")).write_bytes(encoded(photograph(4, 900, 1200), "JPEG"))
    black = [np.zeros((96, 128, 3), np.uint8)] * 5
    (root / "b.mp4").write_bytes(make_clip([*black, *scene(5, 20)], fps=1))
    moving = [Image.fromarray(photograph(seed)) for seed in (8, 9)]
    (root / "moving.gif").write_bytes(
        encoded(moving[0], "GIF", save_all=True, append_images=moving[1:], duration=1000)
    )
    (root / "changed.mp4").write_bytes(make_clip(scene(6, 3), fps=1))
    return root


@pytest.fixture(scope="module")
def entries(exhibit: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, FileEntry]:
    """Of every file, by the bytes of its name."""
    with Catalogue.open(tmp_path_factory.mktemp("catalogue"), create=True) as catalogue:
        scan_into(catalogue, [exhibit], recipe=IN_PROCESS)
        return {
            item.path.decode("latin-1"): FileEntry(
                item.name,
                TriageClass.UNKNOWN,
                content.size,
                content.digests,
                MediaKind(content.kind),
                content.mime,
                duration_ms=content.duration_ms,
            )
            for item in catalogue.items()
            if (content := item.content) is not None
        }


@pytest.fixture(scope="module")
def previews(exhibit: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PreviewSource]:
    with Catalogue.open(tmp_path_factory.mktemp("catalogue"), create=True) as catalogue:
        scan_into(catalogue, [exhibit], recipe=IN_PROCESS)
        source = PreviewSource(catalogue, workers=1)
    with source:
        yield source


def grey(preview: Preview | None) -> Any:
    assert preview is not None
    with Image.open(io.BytesIO(preview.clear)) as picture:
        return np.asarray(picture).astype(int)


def test_pictures_and_videos_have_one_and_nothing_is_touched(
    exhibit: Path, entries: dict[str, FileEntry], previews: PreviewSource
) -> None:
    before = states_of(paths_of(exhibit))
    assert previews(entries["a.png"]) == preview_of_pixels(photograph(1))
    turned = previews(entries["odd \xff.jpg"])
    assert turned is not None
    assert turned.size == (96, 72)
    assert entries["moving.gif"].kind is MediaKind.VIDEO
    of_animation = grey(previews(entries["moving.gif"]))
    assert np.abs(of_animation - grey(preview_of_pixels(photograph(8)))).mean() < 12
    of_video = previews(entries["b.mp4"])
    assert of_video is not None
    assert of_video.size == (96, 72)
    assert grey(of_video).std() > 5  # not the black beginning
    assert states_of(paths_of(exhibit)) == before


def test_what_is_not_as_it_was_has_none(
    exhibit: Path, entries: dict[str, FileEntry], previews: PreviewSource
) -> None:
    picture = exhibit / "changed.png"
    data = picture.read_bytes()
    picture.write_bytes(data[:-1] + b"X")  # the same size
    assert previews(entries["changed.png"]) is None
    picture.unlink()
    picture.symlink_to(exhibit / "a.png")
    assert previews(entries["changed.png"]) is None
    picture.unlink()
    os.mkfifo(picture)
    assert previews(entries["changed.png"]) is None
    video = exhibit / "changed.mp4"
    assert previews(entries["changed.mp4"]) is not None
    os.utime(video, ns=(0, 0))
    assert previews(entries["changed.mp4"]) is None
    video.unlink()
    assert previews(entries["changed.mp4"]) is None


def test_what_has_no_picture_has_none(
    entries: dict[str, FileEntry], previews: PreviewSource, exhibit: Path
) -> None:
    assert previews(entries["broken.jpg"]) is None
    for path in (f"{exhibit}/x.zip!/a.png", "", "a\0b", "\ud800", str(exhibit)):
        assert previews(FileEntry(path, TriageClass.UNKNOWN, 5)) is None
    other = FileEntry(f"{exhibit}/b.mp4", TriageClass.UNKNOWN, 5, kind=MediaKind.VIDEO)
    assert previews(FileEntry("/dev/zero", TriageClass.UNKNOWN, 5)) is None
    assert previews(other) is not None  # only what the catalogue has of it counts


@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_pictures_stand_upright_and_small_ones_are_decoded_small(orientation: int) -> None:
    stored = photograph(7, 1600, 2400)
    data = encoded(stored, "JPEG", quality=95, exif=with_exif_orientation(orientation))
    whole = preview_of_pixels(apply_orientation(stored, orientation))
    height, width, grey_pixels = picture_preview(data, DEFAULT_LIMITS)
    assert (width, height) == whole.size
    made = np.frombuffer(grey_pixels, np.uint8).reshape(height, width).astype(int)
    assert np.abs(made - grey(whole)).mean() < 3


def test_a_closed_source_gives_none(exhibit: Path, entries: dict[str, FileEntry]) -> None:
    with Catalogue.open(exhibit.parent / "closed", create=True) as catalogue:
        source = PreviewSource(catalogue, workers=1)
    source.close()
    assert source(entries["a.png"]) is None
