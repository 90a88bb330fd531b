"""Pictures in generated pictures: on a page, on a card, on another picture, at the edge."""

from __future__ import annotations

import numpy as np
import pytest
from framed_pictures import Luma, Sides, recompressed
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import photograph
from PIL import Image

from hashmatch.hashing import Box, pictures, trims


def grey(seed: int, height: int, width: int) -> Luma:
    return np.ascontiguousarray(photograph(seed, height, width)[..., 1])


def nearest(boxes: list[Box], truth: Sides) -> int:
    """Pixels of the best box's worst side."""
    return min(
        max(abs(a - b) for a, b in zip((x.left, x.top, x.right, x.bottom), truth, strict=True))
        for x in boxes
    )


def page(height: int, width: int) -> Luma:
    """White with lines of marks that text could be."""
    rng = np.random.default_rng(height)
    canvas = np.full((height, width), 250, dtype=np.uint8)
    for y in range(20, height - 20, 18):
        ink = np.kron(rng.random((4, width // 2)) < 0.4, np.ones((2, 2), dtype=np.bool_))
        canvas[y : y + 8, 30 : width - 30][ink[:, 30 : width - 30]] = 30
    return canvas


def on_page(canvas: Luma, picture: Luma, left: int, top: int) -> Sides:
    """With white around it."""
    height, width = picture.shape
    canvas[max(top - 10, 0) : top + height + 10, max(left - 10, 0) : left + width + 10] = 250
    return pasted(canvas, picture, left, top)


def pasted(canvas: Luma, picture: Luma, left: int, top: int) -> Sides:
    height, width = picture.shape
    canvas[top : top + height, left : left + width] = picture
    return (left, top, left + width, top + height)


@given(st.integers(30, 120), st.integers(20, 200), st.integers(0, 2**20))
@settings(max_examples=12)
def test_on_a_page(left: int, top: int, seed: int) -> None:
    canvas = page(560, 500)
    truth = on_page(canvas, grey(seed, 240, 320), left, top)
    assert nearest(pictures(canvas) + trims(canvas), truth) <= 1


def test_on_another_picture() -> None:
    """Anywhere, also with one or two sides on the canvas's own; weak edges may hide some."""
    found = 0
    for seed in range(20):
        left, top = ((0, 90), (200, 140), (37, 0), (111, 77))[seed % 4]
        canvas = grey(seed + 1, 400, 560)
        truth = pasted(canvas, grey(seed, 260, 360), left, top)
        luma = recompressed(Image.fromarray(canvas), 85)
        found += nearest(pictures(luma) + trims(luma), truth) <= 3
    assert found >= 16


def test_several_on_one_page() -> None:
    canvas = np.full((700, 700), 255, dtype=np.uint8)
    corners = [(30, 40), (370, 40), (30, 380), (370, 380)]
    truths = [pasted(canvas, grey(n, 260, 300), x, y) for n, (x, y) in enumerate(corners)]
    boxes = pictures(canvas)
    assert [nearest(boxes, truth) for truth in truths] == [0, 0, 0, 0]


@pytest.mark.parametrize("margin", [6, 12])
def test_on_a_card_the_picture_and_not_the_card(margin: int) -> None:
    canvas = np.full((600, 500), 200, dtype=np.uint8)
    card = np.full((240 + 2 * margin, 320 + 2 * margin), 255, dtype=np.uint8)
    pasted(card, grey(3, 240, 320) // 2, margin, margin)
    left, top, right, bottom = pasted(canvas, card, 50, 150)
    truth = (left + margin, top + margin, right - margin, bottom - margin)
    assert nearest(pictures(canvas) + trims(canvas), truth) == 0


@pytest.mark.parametrize("factor", [0.6, 1.5, 2.5])
def test_rescaled_page(factor: float) -> None:
    canvas = page(560, 500)
    truth = on_page(canvas, grey(4, 240, 320), 77, 131)
    size = (round(500 * factor), round(560 * factor))
    scaled = Image.fromarray(canvas).resize(size, Image.Resampling.BICUBIC)
    left, top, right, bottom = (round(side * factor) for side in truth)
    luma = recompressed(scaled, 85)
    found = nearest(pictures(luma) + trims(luma), (left, top, right, bottom))
    assert found <= max(2, round(0.015 * 240 * factor))
