"""Photographs in frames and on pages: how many are found, kind by kind (docs/views.md)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from framed_pictures import TRIMS, Framed, Luma, Sides
from pages_of_pictures import PAGES, gallery, pasted
from PIL import Image

from hashmatch.hashing import Box, pictures, trims

COUNT = 12
"""Photographs a kind; the documented numbers are of a hundred others."""


@pytest.fixture(scope="module")
def photographs(corpus: Path) -> list[Luma]:
    files = sorted((corpus / "photos").glob("*.jpg"))[3::16]
    return [np.asarray(Image.open(file).convert("L")) for file in files[:COUNT]]


def is_found(boxes: list[Box], truth: Sides, share: float) -> bool:
    """One of the boxes has every side within a share of the picture's, or within a pixel."""
    left, top, right, bottom = truth
    wide, high = max(share * (right - left), 1), max(share * (bottom - top), 1)
    return any(
        max(abs(box.left - left), abs(box.right - right)) <= wide
        and max(abs(box.top - top), abs(box.bottom - bottom)) <= high
        for box in boxes
    )


def found(framed: list[Framed], share: float) -> int:
    total = 0
    for one in framed:
        boxes = trims(one.luma) + pictures(one.luma)
        total += sum(is_found(boxes, truth, share) for truth in one.truths)
    return total


@pytest.mark.parametrize("kind", TRIMS)
def test_framed_photographs(kind: str, photographs: list[Luma]) -> None:
    framed = [TRIMS[kind](p, np.random.default_rng([3, n])) for n, p in enumerate(photographs)]
    assert found(framed, 0.015) >= COUNT - 2


@pytest.mark.parametrize("kind", PAGES)
def test_photographs_on_pages(kind: str, photographs: list[Luma]) -> None:
    framed = [PAGES[kind](p, np.random.default_rng([4, n])) for n, p in enumerate(photographs)]
    assert found(framed, 0.015) >= COUNT - 2


def test_photographs_in_rows(photographs: list[Luma]) -> None:
    framed = [gallery(photographs[n : n + 4], np.random.default_rng([5, n])) for n in (0, 4, 8)]
    assert found(framed, 0.015) >= COUNT - 3


def test_photographs_on_photographs(photographs: list[Luma]) -> None:
    under = [*photographs[5:], *photographs[:5]]
    framed = [
        pasted(p, u, np.random.default_rng([6, n]))
        for n, (p, u) in enumerate(zip(photographs, under, strict=True))
    ]
    assert found(framed, 0.015) >= COUNT - 3
