"""What is publicly known about PhotoDNA values beside their distance: information, orientations.

PhotoDNA is Microsoft's; values are imported from lists and never computed here. docs/vectors.md has
the sources and says what they leave open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import InputError, InputTypeError
from hashmatch.index.arguments import rows as checked_rows

DIMS = 144
"""Bytes of a value: 6 x 6 cells of the picture, row by row, four directional sums each."""

MAX_DISTANCE = 40000
"""IPED's default radius: a squared Euclidean distance, inclusive."""

MIN_ENTROPY = 0.7
"""IPED's default for the least ``entropy`` of a value that is looked up."""

DIRECTIONS = ("left", "right", "up", "down")
"""Assumed order of a cell's four sums; public sources do not settle it."""

_SIDE = 6
_Grid = NDArray[np.int64]

# hashmatch.hashing's order of orientations; index and hashing do not know each other.
_TURNS: tuple[Callable[[_Grid], _Grid], ...] = (
    lambda a: a,
    lambda a: np.rot90(a, 1),
    lambda a: np.rot90(a, 2),
    lambda a: np.rot90(a, 3),
    lambda a: a[::-1],
    lambda a: a[:, ::-1],
    lambda a: a.T,
    lambda a: a[::-1, ::-1].T,
)

# Where an arrow from the middle of a 3 x 3 grid points.
_POINTS = {"left": (1, 0), "right": (1, 2), "up": (0, 1), "down": (2, 1)}


def entropy(vectors: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The share of neighbouring bytes that differ: 0.0 for a constant vector, at most 1.0.

    This is what IPED calls a PhotoDNA value's entropy and compares with ``minEntropy``: of the
    143 pairs of a byte and the next one, those that are unequal. It is not Shannon's entropy.

    Args:
        vectors: uint8, shape (n, dims), dims at least 2.

    Returns:
        float64, shape (n,).

    Raises:
        InputError: wrong dtype or shape.

    Source: sepinf-inc/IPED, PhotoDNALookup.
    """
    if not isinstance(vectors, np.ndarray) or vectors.dtype != np.uint8:
        got = vectors.dtype if isinstance(vectors, np.ndarray) else type(vectors).__name__
        raise InputTypeError(f"vectors: expected uint8 (n, dims), got {got}")
    if vectors.ndim != 2 or vectors.shape[1] < 2:
        raise InputError(
            f"vectors: expected uint8 (n, dims) with dims 2 or more, got uint8 {vectors.shape}"
        )
    unequal = np.count_nonzero(vectors[:, 1:] != vectors[:, :-1], axis=1)
    shares: NDArray[np.float64] = unequal / (vectors.shape[1] - 1)
    return shares


def photodna_orientations(
    vectors: NDArray[np.uint8], *, directions: Sequence[str] = DIRECTIONS
) -> NDArray[np.uint8]:
    """The values that the same pictures have turned and mirrored, by moving cells and directions.

    Exact for sums over cells; a real value of the turned picture differs by what interpolation and
    rounding do. How a cell's sums are ordered is an assumption: a holder of a licensed
    implementation can check it with one picture and its turns, and pass another order.

    Args:
        vectors: uint8, shape (n, 144).
        directions: the order of a cell's four sums: "left", "right", "up" and "down", each once.

    Returns:
        uint8, shape (8, n, 144): original, rotate90, rotate180, rotate270, flip_x, flip_y,
        flip_plus1, flip_minus1, as ``hashmatch.hashing.ORIENTATIONS``.

    Raises:
        InputError: wrong dtype or shape; ``directions`` is no order of the four.
    """
    rows = checked_rows(vectors, DIMS, "vectors", f"(n, {DIMS})")
    turned = rows[:, _permutations(directions)]  # (n, 8, 144)
    return np.ascontiguousarray(turned.transpose(1, 0, 2))


def _permutations(directions: Sequence[str]) -> NDArray[np.int64]:
    """(8, 144): for each orientation, which byte of the value stands at each place."""
    order: tuple[Any, ...] = tuple(directions)
    if len(order) != len(_POINTS) or set(order) != set(_POINTS):
        raise InputError(
            f"directions: expected an order of {', '.join(_POINTS)}, got {directions!r}"
        )
    cells = np.arange(_SIDE * _SIDE).reshape(_SIDE, _SIDE)
    arrows = np.zeros((3, 3), np.int64)
    for place, name in enumerate(order):
        arrows[_POINTS[name]] = place
    rows = []
    for turn in _TURNS:
        turned = turn(arrows)
        sums = np.array([turned[_POINTS[name]] for name in order])
        rows.append((turn(cells).reshape(-1, 1) * len(order) + sums).reshape(-1))
    return np.stack(rows)
