"""Meta's own way of comparing two videos, against what its README says of its sample files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hashmatch.errors import InputError
from hashmatch.matching import vpdq_match_percent

Features = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def features(corpus: Path, name: str) -> Features:
    """Hashes and qualities of one of Meta's files."""
    path = corpus / "video" / "vpdq" / f"{name}.txt"
    if not path.is_file():
        pytest.skip(f"no {path.name} in the corpus")
    rows = [line.split(",") for line in path.read_text().split()]
    values = np.array([np.frombuffer(bytes.fromhex(row[2]), np.uint8) for row in rows])
    return values, np.array([int(row[1]) for row in rows], np.uint8)


def test_the_samples(corpus: Path) -> None:
    """The README has 10.55 for the large logo: 71 of 673 frames. Its numbers for the sepia clip are
    of other hashes than its files hold: 564 of 564 and 565 of 673 frames are within 31 bits."""
    chair = features(corpus, "chair-19-sd-bar")
    assert vpdq_match_percent(chair, chair) == (100, 100)
    logo = vpdq_match_percent(chair, features(corpus, "chair-22-with-large-logo-bar"))
    assert round(logo.stored_percent, 2) == 10.55
    assert round(logo.query_percent * 564 / 100) == 59
    sepia = vpdq_match_percent(chair, features(corpus, "chair-22-sd-sepia-bar"))
    assert sepia.query_percent == 100
    assert round(sepia.stored_percent * 673 / 100) == 565


def test_by_hand() -> None:
    rows = np.repeat(np.arange(4, dtype=np.uint8)[:, None] * 85, 32, axis=1)  # 0, 85, 170, 255
    quality = np.full(4, 50, np.uint8)
    twice = (rows[[0, 0, 1]], quality[:3])
    other = (rows[[0, 2, 3, 3]], quality)
    assert vpdq_match_percent(twice, other) == pytest.approx((200 / 3, 25))
    assert vpdq_match_percent(twice, other, tool="python") == pytest.approx((50, 100 / 3))
    # Inclusive; and the least quality counts.
    near = (rows[:1] ^ np.array([[255] * 3 + [254] + [0] * 28], np.uint8), quality[:1])
    assert vpdq_match_percent((rows[:1], quality[:1]), near) == (100, 100)
    assert vpdq_match_percent((rows[:1], quality[:1]), near, max_distance=30) == (0, 0)
    assert vpdq_match_percent((rows[:1], quality[:1]), near, min_quality=51) == (0, 0)


def test_what_is_refused() -> None:
    side = (np.zeros((2, 32), np.uint8), np.zeros(2, np.uint8))
    with pytest.raises(InputError, match="tool"):
        vpdq_match_percent(side, side, tool="rust")
    with pytest.raises(InputError, match="qualities"):
        vpdq_match_percent((side[0], side[1][:1]), side)
