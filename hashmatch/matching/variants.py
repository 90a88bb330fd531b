"""The query and its re-oriented forms.

With pixels the eight orientations are exact. With nothing but a hash they are approximated on its
bits: mirroring negates every other coefficient, and the median is close to zero, so it flips their
bits. That is 6 bits away on average from negating the coefficients themselves. The hash of the
really mirrored picture is farther, since PDQ's sample points are not symmetric: for the worst
orientation, turned by 180 degrees, mean, 95th percentile and maximum over 100 photographs are 8, 14
and 16 bits at 2048 x 1365 pixels, 14, 22 and 32 at 481 x 321, but 24, 34 and 50 at 512 x 512. A
mirrored copy may be missed where only its hash is checked; where its pixels are, it is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hashmatch.hashing import ORIENTATIONS
from hashmatch.types import HashValue

_SIDE = 16  # PDQ's coefficients: 16 vertical by 16 horizontal frequencies


@dataclass(frozen=True, slots=True)
class Variant:
    """One form of the query.

    Attributes:
        name: one of ``hashmatch.ORIENTATIONS``.
        exact: made from pixels; False: approximated on the hash.
        view: number of the query's view that it is the hash of; 0: the whole.
    """

    name: str
    hash: HashValue
    exact: bool
    view: int = 0


def from_fingerprint(hashes: tuple[HashValue, ...], view: int = 0) -> list[Variant]:
    """Variants of eight (or one) hashes made from pixels, in the order of ``ORIENTATIONS``."""
    return [
        Variant(name, value, exact=True, view=view)
        for name, value in zip(ORIENTATIONS, hashes, strict=False)
    ]


def from_hash(value: HashValue, *, orientations: bool) -> list[Variant]:
    """Variants of a bare PDQ hash; all but the first one are approximate."""
    variants = [Variant(ORIENTATIONS[0], value, exact=True)]
    if orientations:
        matrix = _matrix(value)
        variants += [
            Variant(
                name, HashValue("pdq", _packed(_TURNS[name](matrix)), value.quality), exact=False
            )
            for name in ORIENTATIONS[1:]
        ]
    return variants


def turned_rows(hashes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``from_hash`` of many: uint8 (n, 32) to (n, 8, 32), in the order of ``ORIENTATIONS``."""
    bits = np.unpackbits(hashes, axis=1)[:, ::-1]
    made = [hashes]
    for name in ORIENTATIONS[1:]:
        place, negated = _moves(name)
        made.append(np.packbits((bits[:, place] ^ negated)[:, ::-1], axis=1))
    return np.stack(made, axis=1)


@cache
def _moves(name: str) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
    """Which bit stands at each place of the turned hash, and whether it is negated there."""
    turn = _TURNS[name]
    numbers = np.arange(_SIDE * _SIDE).reshape(_SIDE, _SIDE)
    negated = turn(np.zeros((_SIDE, _SIDE), np.bool_))
    place = np.zeros((_SIDE, _SIDE), np.intp)
    for bit in range(8):
        plane = turn((numbers >> bit & 1).astype(np.bool_)) ^ negated
        place |= plane.astype(np.intp) << bit
    return place.reshape(-1), negated.reshape(-1).astype(np.uint8)


def _matrix(value: HashValue) -> NDArray[np.bool_]:
    # Bit k = 16 * vertical + horizontal is bit k of the hash read as one big-endian number.
    bits = np.unpackbits(np.frombuffer(value.value, dtype=np.uint8))[::-1]
    return bits.reshape(_SIDE, _SIDE).astype(np.bool_)


def _packed(matrix: NDArray[np.bool_]) -> bytes:
    return np.packbits(matrix.reshape(-1)[::-1]).tobytes()


# Index i stands for frequency i + 1: odd frequencies, the even indices, change sign in a mirror.
_EVEN = np.arange(_SIDE) % 2 == 0
_ROWS = np.broadcast_to(_EVEN[:, None], (_SIDE, _SIDE))
_COLUMNS = np.broadcast_to(_EVEN[None, :], (_SIDE, _SIDE))

_TURNS: dict[str, Callable[[NDArray[np.bool_]], NDArray[np.bool_]]] = {
    "rotate90": lambda m: (m ^ _COLUMNS).T,
    "rotate180": lambda m: m ^ _ROWS ^ _COLUMNS,
    "rotate270": lambda m: (m ^ _ROWS).T,
    "flip_x": lambda m: m ^ _ROWS,
    "flip_y": lambda m: m ^ _COLUMNS,
    "flip_plus1": lambda m: m.T,
    "flip_minus1": lambda m: (m ^ _ROWS ^ _COLUMNS).T,
}
