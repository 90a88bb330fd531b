"""Representative frames, and the borders that a video's frames have in common."""

from __future__ import annotations

import numpy as np
import pytest
from clips import Pixels, make_clip, shots
from numpy.typing import NDArray
from pictures import photograph

from hashmatch.fingerprinting import VideoFingerprint, hash_video
from hashmatch.fingerprinting.video_trim import common_box
from hashmatch.fingerprinting.video_views import DISTINCT, LONGEST, MOST, TRIM_HELD

PLAIN: list[Pixels] = list(shots(range(11, 21), 4, height=160, width=256))


def boxed(frames: list[Pixels], top: int, left: int) -> list[Pixels]:
    wide = [(top, top), (left, left), (0, 0)]
    return [np.pad(frame, wide, constant_values=16) for frame in frames]


def made_of(frames: list[Pixels], views: str = "trims") -> VideoFingerprint:
    data = make_clip(frames, codec="ffv1", container="matroska")
    return hash_video(data, interval_s=0, prune_distance=None, views=views, dihedral=True)


def distances(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = np.unpackbits(a ^ b, axis=-1).sum(axis=-1, dtype=np.int64)
    return found


@pytest.mark.parametrize(("top", "left"), [(40, 0), (0, 64), (24, 40)])
def test_what_is_within_borders_is_as_near_as_without_them(top: int, left: int) -> None:
    plain = made_of(PLAIN)
    framed = made_of(boxed(PLAIN, top, left))
    assert framed.trim is not None
    assert np.abs(np.subtract(framed.trim, (left, top, left + 256, top + 160))).max() <= 2
    assert framed.frames.trimmed is not None
    assert plain.frames.dihedral is not None
    within = distances(framed.frames.trimmed, plain.frames.dihedral)
    assert len(within) > TRIM_HELD
    assert within.max() <= 20  # the first of them are hashed from what is held, the rest as stored
    assert within[TRIM_HELD:].mean() <= 6
    assert distances(framed.frames.hashes, plain.frames.hashes).min() > 31


def test_borders_of_a_turned_video() -> None:
    """The box is one of the picture as shown; the pixels lie otherwise."""
    shown = boxed(PLAIN, 40, 0)
    stored = [np.rot90(frame, 1) for frame in shown]
    data = make_clip(stored, rotation=270)
    turned = hash_video(data, interval_s=0, prune_distance=None, views="trims")
    straight = made_of(shown)
    assert (turned.orientation, turned.width, turned.height) == ("rotate270", 256, 240)
    assert turned.trim == straight.trim
    assert turned.frames.trimmed is not None
    assert straight.frames.trimmed is not None
    assert distances(turned.frames.trimmed, straight.frames.trimmed).mean() <= 10


def test_no_borders_but_if_most_frames_have_them() -> None:
    some = [*boxed(PLAIN[:6], 40, 0), *boxed(PLAIN[6:], 0, 0)]
    some = [frame[:160] if frame.shape[0] > 160 else frame for frame in some]
    assert made_of(PLAIN).trim is None
    assert made_of(PLAIN).frames.trimmed is None
    assert made_of(some[:1]).trim is None


def test_a_box_that_half_of_them_have() -> None:
    box, other = (10, 20, 300, 200), (0, 50, 320, 240)
    assert common_box([[box], [(11, 21, 300, 199)], [], [other]], 320, 240) == (10, 20, 300, 199)
    assert common_box([[box], [other], []], 320, 240) is None
    assert common_box([[], []], 320, 240) is None
    inner = (60, 60, 200, 150)
    assert common_box([[inner, box], [box, inner]], 320, 240) == box
    assert common_box([[inner, box], [inner, box]], 320, 240) == inner


@pytest.mark.parametrize("views", ["trims", "all"])
def test_representative_frames(views: str) -> None:
    black = [np.zeros((96, 128, 3), np.uint8)] * 3
    made = made_of([*black, *shots(range(30, 60), 3), *black], views)
    held = made.frame_views
    assert 0 < len(held) <= MOST[views]
    places = [one.frame for one in held]
    assert places == sorted(set(places))
    assert (made.frames.qualities[places] >= 50).all()
    rows = made.frames.hashes[places]
    for k in range(1, len(rows)):
        assert distances(rows[:k], rows[k]).min() > DISTINCT
    # Spread over the whole, not the first that came.
    times = made.frames.times_ms[places]
    assert times[-1] > 0.75 * (made.duration_ms or 0)
    for one in held:
        assert [view.kind for view in one.views[:1]] == ["whole"]
    again = made_of([*black, *shots(range(30, 60), 3), *black], views)
    assert [one.frame for one in again.frame_views] == places


def test_nothing_is_held_unless_asked() -> None:
    made = made_of(PLAIN, "none")
    assert (made.frame_views, made.trim, made.frames.trimmed) == ((), None, None)


def test_views_of_a_large_frame_have_the_frame_s_own_pixels() -> None:
    large = [photograph(seed, 400, LONGEST + 400) for seed in (1, 2)]
    made = made_of(boxed(large, 100, 0))
    whole = made.frame_views[0].views[0]
    assert whole.box == (0, 0, LONGEST + 400, 600)
    assert made.trim is not None
    assert np.abs(np.subtract(made.trim, (0, 100, LONGEST + 400, 500))).max() <= 4
