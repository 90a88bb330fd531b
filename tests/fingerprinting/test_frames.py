"""D13: the first frame is the picture, composited; the others where they are asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pictures import Pixels, encoded, photograph
from PIL import Image

from hashmatch.decode import Limits
from hashmatch.errors import InputError
from hashmatch.fingerprinting import hash_image
from hashmatch.types import HashValue

FRAMES = [photograph(80 + n) for n in range(4)]
LOSSLESS: dict[str, dict[str, Any]] = {
    "PNG": {},
    "TIFF": {},
    "WEBP": {"lossless": True},
}


def pdq_of(pixels: Pixels) -> HashValue:
    return hash_image(pixels).hashes["pdq"]


def animated(format: str, frames: list[Image.Image], **options: Any) -> bytes:
    return encoded(frames[0], format, save_all=True, append_images=frames[1:], **options)


@pytest.mark.parametrize("isolate", [False, True])
@pytest.mark.parametrize("format", LOSSLESS)
def test_all_frames(format: str, isolate: bool) -> None:
    data = animated(format, [Image.fromarray(pixels) for pixels in FRAMES], **LOSSLESS[format])
    made = hash_image(data, frames=10, isolate=isolate)
    assert made.frames == 4
    assert made.hashes["pdq"] == pdq_of(FRAMES[0])
    assert [frame["pdq"] for frame in made.later_frames] == [pdq_of(p) for p in FRAMES[1:]]
    assert len(hash_image(data, frames=3).later_frames) == 2
    assert hash_image(data).later_frames == ()


def test_further_pictures_of_a_camera() -> None:
    data = animated("MPO", [Image.fromarray(pixels) for pixels in FRAMES[:2]], quality=95)
    made = hash_image(data, frames=2)
    assert made.frames == 2
    assert made.later_frames[0]["pdq"].distance(pdq_of(FRAMES[1])) <= 8


def see_through() -> tuple[list[Image.Image], Pixels, Pixels]:
    """Frame 0 with a hole; frame 1 draws over a part of it. With what has to be seen of both."""
    first = np.dstack([FRAMES[0], np.full((240, 320), 255, np.uint8)])
    first[60:180, 80:240, 3] = 0
    shown = FRAMES[0].copy()
    shown[60:180, 80:240] = 255
    second = first.copy()
    second[90:150, 100:200] = (10, 200, 30, 255)
    then = shown.copy()
    then[90:150, 100:200] = (10, 200, 30)
    return [Image.fromarray(first), Image.fromarray(second)], shown, then


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_holes_show_the_background(format: str) -> None:
    frames, shown, then = see_through()
    made = hash_image(animated(format, frames, **LOSSLESS[format]), frames=2)
    assert made.hashes["pdq"] == pdq_of(shown)
    assert made.later_frames[0]["pdq"] == pdq_of(then)


@pytest.mark.parametrize("disposal", [0, 1, 2])
def test_gif_disposals(disposal: int) -> None:
    frames, shown, then = see_through()
    made = hash_image(animated("GIF", frames, disposal=disposal), frames=2)
    assert made.frames == 2
    assert made.hashes["pdq"].distance(pdq_of(shown)) <= 16  # 256 colours
    assert made.later_frames[0]["pdq"].distance(pdq_of(then)) <= 16


def test_a_broken_frame_ends_the_sequence() -> None:
    data = animated("GIF", [Image.fromarray(pixels) for pixels in FRAMES])
    whole = hash_image(data, frames=4)
    cut = hash_image(data[: int(len(data) * 0.6)], frames=4)
    assert cut.hashes == whole.hashes
    assert 0 < len(cut.later_frames) < 3
    assert cut.later_frames[0] == whole.later_frames[0]


@pytest.mark.parametrize("frames", [0, -1, 1.5, True, "2", 1001])
def test_the_number_is_checked(frames: object) -> None:
    with pytest.raises(InputError, match="frames"):
        hash_image(FRAMES[0], frames=frames)  # type: ignore[arg-type]
    assert Limits().max_frames == 1000
