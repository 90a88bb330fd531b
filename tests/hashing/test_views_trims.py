"""Borders and bars of generated pictures: the box is where the picture was put."""

from __future__ import annotations

import numpy as np
import pytest
from framed_pictures import Luma, Sides, padded, recompressed
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import photograph
from PIL import Image, ImageFilter

from hashmatch.hashing import Box, trims


def texture(seed: int, height: int, width: int) -> Luma:
    """A grey picture, 40 to 215, so that black and white are not in it."""
    grey = photograph(seed, height, width)[..., 1]
    return (40 + grey.astype(np.int64) * 175 // 255).astype(np.uint8)


def sides_of(box: Box) -> Sides:
    return (box.left, box.top, box.right, box.bottom)


def distance(box: Box, truth: Sides) -> int:
    """Pixels of the worst side."""
    return max(abs(a - b) for a, b in zip(sides_of(box), truth, strict=True))


def nearest(boxes: list[Box], truth: Sides) -> int:
    return min((distance(box, truth) for box in boxes), default=10**6)


pads = st.tuples(*[st.one_of(st.just(0), st.integers(2, 260)) for _ in range(4)])


@given(pads.filter(any), st.sampled_from([0, 255]), st.integers(0, 2**20))
@settings(max_examples=40)
def test_border_of_any_width_at_any_sides(widths: Sides, shade: int, seed: int) -> None:
    canvas, truth = padded(texture(seed, 160, 200), widths, shade)
    boxes = trims(np.asarray(canvas))
    assert distance(boxes[0], truth) == 0
    assert boxes[0].kind == "border"


@given(
    st.tuples(*[st.integers(4, 40) for _ in range(4)]),
    st.sampled_from([0, 20, 235, 255]),
    st.integers(30, 95),
    st.integers(0, 2**20),
)
@settings(max_examples=30)
def test_border_after_jpeg(widths: Sides, shade: int, quality: int, seed: int) -> None:
    canvas, truth = padded(texture(seed, 240, 320), widths, shade, noise=1.5, seed=seed)
    assert nearest(trims(recompressed(canvas, quality)), truth) <= 1


@pytest.mark.parametrize("side", range(4))
def test_one_side_alone(side: int) -> None:
    widths = [0, 0, 0, 0]
    widths[side] = 7
    canvas, truth = padded(texture(side, 200, 300), (widths[0], widths[1], widths[2], widths[3]), 0)
    assert sides_of(trims(np.asarray(canvas))[0]) == truth


def test_border_of_a_large_picture_is_exact_to_the_pixel() -> None:
    canvas, truth = padded(texture(5, 1500, 2000), (101, 203, 307, 57), 255)
    assert sides_of(trims(np.asarray(canvas))[0]) == truth


def test_rows_and_columns_are_treated_alike() -> None:
    canvas, (left, top, right, bottom) = padded(texture(6, 200, 300), (10, 21, 32, 43), 0)
    turned = np.asarray(canvas).T
    assert sides_of(trims(turned)[0]) == (top, left, bottom, right)


def test_bars_of_two_colours() -> None:
    inner, _ = padded(texture(7, 200, 300), (0, 20, 0, 20), 0)
    canvas, _ = padded(np.asarray(inner), (30, 0, 30, 0), 255)
    assert nearest(trims(np.asarray(canvas)), (30, 20, 330, 220)) == 0


@pytest.mark.parametrize("seed", range(4))
def test_bars_with_the_blurred_picture(seed: int) -> None:
    picture = texture(seed, 240, 320)
    behind = Image.fromarray(picture).resize((480, 400)).filter(ImageFilter.GaussianBlur(14))
    behind.paste(Image.fromarray(picture).resize((480, 280)), (0, 60))
    boxes = trims(recompressed(behind, 80))
    assert nearest(boxes, (0, 60, 480, 340)) <= 1


def test_bars_with_a_gradient() -> None:
    canvas = np.empty((400, 320), dtype=np.uint8)
    canvas[:] = np.linspace(10, 240, 400).astype(np.uint8)[:, None]
    canvas[80:320] = texture(8, 240, 320)
    assert nearest(trims(canvas), (0, 80, 320, 320)) <= 1


@pytest.mark.parametrize("at_top", [True, False])
def test_bar_with_marks(at_top: bool) -> None:
    """Half of the bar's inner lines are ink, as in a line of text."""
    bar = np.full((40, 320), 255, dtype=np.uint8)
    bar[12:28, 20:300] = np.where(np.arange(280) // 4 % 2, 255, 0)
    picture = texture(9, 240, 320)
    canvas = np.vstack([bar, picture] if at_top else [picture, bar])
    boxes = trims(canvas)
    truth = (0, 40, 320, 280) if at_top else (0, 0, 320, 240)
    assert nearest(boxes, truth) == 0
    assert next(box.kind for box in boxes if distance(box, truth) == 0) == "bar"


def test_a_dark_picture_in_a_pillarbox_keeps_its_dark_sky() -> None:
    picture = texture(10, 240, 160)
    picture[:90] = 4
    canvas, truth = padded(picture, (80, 0, 80, 0), 0)
    boxes = trims(np.asarray(canvas))
    assert nearest(boxes, truth) == 0
    assert (80, 90, 240, 240) in [sides_of(box) for box in boxes]


@pytest.mark.parametrize("seed", range(6))
def test_a_picture_without_frame_has_no_border(seed: int) -> None:
    assert [box for box in trims(texture(seed, 240, 320)) if box.kind == "border"] == []
