"""Pictures and videos mixed: each by what its bytes are, in order."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from clips import animation, make_clip, shots
from pictures import encoded, photograph, png
from PIL import Image

from hashmatch.errors import InputError, UnsupportedMediaError
from hashmatch.fingerprinting import (
    FingerprintStatus,
    ImageFingerprint,
    VideoFingerprint,
    examine_image,
    examine_media,
    examine_medium,
    examine_video,
    fingerprint,
)

FRAMES = list(shots([1, 2], 4))
CLIP = make_clip(FRAMES)
PICTURE = png(photograph(3))


@pytest.mark.parametrize("isolate", [False, True])
@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_two_frames_make_a_video(format: str, isolate: bool) -> None:
    moving = animation([FRAMES[0], FRAMES[5]], format, durations=120)
    made = examine_medium(moving, isolate=isolate)
    assert isinstance(made, VideoFingerprint)
    assert (made.status, len(made.frames), made.duration_ms) == (FingerprintStatus.OK, 2, 240)
    assert made.to_dict() == {
        **examine_video(moving).to_dict(),
        "made_with": dict(made.made_with),
    }
    still = encoded(photograph(4), format)
    one = examine_medium(still, isolate=isolate)
    assert one == examine_image(still)


def test_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(CLIP)
    made = fingerprint(path)
    assert isinstance(made, VideoFingerprint)
    assert (made.name, made.mime) == (str(path), "video/mp4")
    for picture in (PICTURE, photograph(3), Image.fromarray(photograph(3)), io.BytesIO(PICTURE)):
        assert isinstance(fingerprint(picture), ImageFingerprint)
    with pytest.raises(UnsupportedMediaError):
        fingerprint(b"ten bytes.")


def test_an_animation_that_is_cut_is_no_less_than_a_picture() -> None:
    moving = animation(FRAMES, "GIF")
    made = examine_medium(moving[: len(moving) // 2])
    assert made.status in (FingerprintStatus.PARTIAL, FingerprintStatus.OK)
    assert len(made.frames) if isinstance(made, VideoFingerprint) else made.hashes


def sources(folder: Path) -> Iterator[object]:
    for k in range(12):
        path = folder / str(k)
        path.write_bytes((PICTURE, CLIP, b"", b"ten bytes.", animation(FRAMES[:2]))[k % 5])
        yield path
    yield folder / "missing"
    yield CLIP
    yield photograph(3)


@pytest.mark.parametrize(("workers", "isolate"), [(1, False), (3, False), (2, True)])
def test_in_order(tmp_path: Path, workers: int, isolate: bool) -> None:
    options = {"dihedral": True, "interval_s": 0.2, "prune_distance": None}
    made = list(
        examine_media(sources(tmp_path), workers=workers, isolate=isolate, **options)  # type: ignore[arg-type]
    )
    alone = [
        examine_medium(source, **options)  # type: ignore[arg-type]
        for source in sources(tmp_path)
    ]
    assert [one.to_dict() for one in made] == [one.to_dict() for one in alone]
    assert [type(one) is VideoFingerprint for one in made[:5]] == [False, True, False, False, True]
    assert made[12].status is FingerprintStatus.VANISHED
    clip = made[1]
    assert isinstance(clip, VideoFingerprint)
    assert clip.frames.dihedral is not None
    assert clip.n_sampled == 4


def test_arguments_are_refused_at_once() -> None:
    with pytest.raises(InputError, match="interval_s"):
        examine_media([], interval_s=-1)
    with pytest.raises(InputError, match="phash"):
        examine_media([], video_algorithms=("pdq", "phash"))
    with pytest.raises(InputError):
        list(examine_media([object()]))  # type: ignore[list-item]


def test_other_algorithms_are_for_pictures() -> None:
    picture, video = examine_media([PICTURE, CLIP], algorithms=("pdq", "phash"))
    assert isinstance(picture, ImageFingerprint)
    assert set(picture.hashes) == {"pdq", "phash"}
    assert isinstance(video, VideoFingerprint)
    assert video.status is FingerprintStatus.OK
    assert np.asarray(video.frames.hashes).shape[1] == 32
