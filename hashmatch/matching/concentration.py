"""How little a hash says: whether one blob or one edge makes all of its bits.

A picture of one bright spot has coefficients that are products of two cosines, so the 16 x 16 signs
of its hash are nearly of rank one: two numbers, the place of the spot, decide 256 bits. Such hashes
lie near each other whatever the spot is, and registration, which moves a picture about, makes them
agree. Refined, the nearest of 7.2 x 10^8 unrelated pairs are at 53 bits for ordinary hashes and at
31 for the most concentrated ones (docs/registration.md).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_SIDE = 16


def concentration(hashes: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How near the signs of PDQ hashes are to rank one: 0.12 for ordinary hashes, 1 for rank one.

    The sum of the squared products of each two of the 16 rows of signs, over its largest value: the
    fourth powers of the singular values. Exact: whole numbers until the last division.

    Args:
        hashes: uint8 (n, 32).
    """
    bits = np.unpackbits(hashes, axis=1).reshape(-1, _SIDE, _SIDE)
    signs = (2 * bits.astype(np.int8) - 1).astype(np.float32)
    products = np.matmul(signs, signs.transpose(0, 2, 1)).astype(np.int64)
    sums: NDArray[np.int64] = (products * products).sum(axis=(1, 2))
    return sums / float(_SIDE**4)
