"""What of a picture is compared: its hash, turned ones, and those of what is within its borders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.clustering.compiled import compiled
from hashmatch.errors import InputError, InputTypeError

Ids = NDArray[np.int64]
Hashes = NDArray[np.uint8]
Words = NDArray[np.uint64]

TURNS = (1, 2, 4, 5, 6, 7)
"""Numbers in ``ORIENTATIONS`` that are compared: a quarter turn to the right of one picture is one
to the left of the other, so one of the two is enough, as pairs are compared both ways."""
INVERSE = np.array([0, 3, 2, 1, 4, 5, 6, 7])
"""The orientation that takes each one back."""


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Hashes of pictures, a row each.

    The distance of two pictures is the smallest over all that is compared: the hash of one with the
    other's in any orientation, both ways; likewise with the other's parts, and parts with parts.

    Attributes:
        turned: uint8 (n, 8, n_bytes), rows in the order of ``hashmatch.ORIENTATIONS``; or
            (n, 1, n_bytes), the hash alone: turned copies are not found then.
        parts: uint8 (k, 8 or 1, n_bytes): likewise of what is within borders and bars.
        owners: int64 (k,), ascending: the row of each part.

    Raises:
        InputError, InputTypeError: wrong shape, dtype or order.
    """

    turned: Hashes
    parts: Hashes
    owners: Ids

    def __post_init__(self) -> None:
        for name, array in (("turned", self.turned), ("parts", self.parts)):
            if not isinstance(array, np.ndarray) or array.dtype != np.uint8:
                raise InputTypeError(f"{name}: expected uint8 (n, 8 or 1, n_bytes)")
            if array.ndim != 3 or array.shape[1] not in (1, 8) or array.shape[2] % 8:
                raise InputError(
                    f"{name}: expected uint8 (n, 8 or 1, n_bytes), n_bytes a multiple of 8, "
                    f"got {array.shape}"
                )
        if self.parts.shape[1:] != self.turned.shape[1:]:
            raise InputError("parts: expected as many orientations and bytes as turned has")
        owners = self.owners
        if len(owners) != len(self.parts) or (owners[1:] < owners[:-1]).any():
            raise InputError("owners: expected a row for each part, ascending")
        if len(owners) and not 0 <= owners[0] <= owners[-1] < len(self.turned):
            raise InputError(f"owners: expected 0..{len(self.turned) - 1}")

    def __len__(self) -> int:
        return len(self.turned)

    @classmethod
    def of(cls, turned: Hashes, parts: Hashes | None = None, owners: Ids | None = None) -> Faces:
        """Of hashes, (n, n_bytes) or (n, 8, n_bytes); parts of the same shape behind n."""
        turned = turned if turned.ndim == 3 else turned[:, None]
        if parts is None or owners is None:
            parts, owners = np.empty((0, *turned.shape[1:]), np.uint8), np.empty(0, np.int64)
        return cls(turned, parts if parts.ndim == 3 else parts[:, None], owners)

    @property
    def turns(self) -> tuple[int, ...]:
        """Orientations beside the original that are compared."""
        return TURNS if self.turned.shape[1] == 8 else ()

    def words(self) -> tuple[Words, Words, Ids]:
        """For compiled loops: hashes and parts as uint64 (n, 8 or 1, n_bytes / 8), and where the
        parts of each row begin and end, int64 (n + 1,)."""
        starts = np.searchsorted(self.owners, np.arange(len(self) + 1)).astype(np.int64)
        turned = np.ascontiguousarray(self.turned).view(np.uint64)
        return turned, np.ascontiguousarray(self.parts).view(np.uint64), starts

    def nodes(self, own: Ids) -> tuple[Ids, Ids]:
        """Rows of which everything is equal as one node; rows of ``own`` are nodes by themselves.

        Returns:
            A row of each node, and the node of each row. Nodes are in the order of their hashes;
            equal ones among ``own`` in that of their rows.
        """
        n, width = len(self), self.turned.shape[2]
        marks = _marks(*self.words())
        marks[own] = np.arange(1, len(own) + 1, dtype=np.uint64)  # as good as any other
        keys = np.empty((n, width + 8), np.uint8)
        keys[:, :width] = self.turned[:, 0]
        keys[:, width:] = marks.astype(">u8").view(np.uint8).reshape(n, 8)
        values = keys.view(np.dtype((np.void, width + 8)))[:, 0]
        _, rows, places = np.unique(values, return_index=True, return_inverse=True)
        return rows.astype(np.int64), places.astype(np.int64)


@compiled
def _marks(turned: Words, parts: Words, starts: Ids) -> Words:
    """A number of everything that a row has: equal rows have equal ones."""
    multiplier, made = np.uint64(0x9E3779B97F4A7C15), np.zeros(len(turned), np.uint64)
    for row in range(len(turned)):
        mark = np.uint64(0)
        for orientation in range(turned.shape[1]):
            for word in range(turned.shape[2]):
                mark = (mark ^ turned[row, orientation, word]) * multiplier
                mark ^= mark >> np.uint64(29)
        for part in range(starts[row], starts[row + 1]):
            for word in range(turned.shape[2]):
                mark = (mark ^ parts[part, 0, word]) * multiplier
                mark ^= mark >> np.uint64(31)
        made[row] = mark
    return made
