"""What bare hashes within a radius find, on the same queries and entries.

The peers' hashes are computed by hashmatch, bit-identical with the packages: phash and dhash with
imagehash's (``same_as_imagehash`` asserts it in each run), blockhash with blockhash-python's
(tests/hashing). The comparison is brute force.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.accuracy_asking import Answer
from benchmarks.accuracy_base import HALVES, Entries, half_of
from benchmarks.accuracy_photographs import loaded
from hashmatch import hash_pixels

_QUERIES_AT_ONCE = 256
_ENTRIES_AT_ONCE = 16_384


@dataclass(frozen=True)
class Peer:
    """A hash and the radius at which it is used (bits, inclusive), with who says so."""

    name: str
    algorithm: str
    radius: int
    said_by: str


PEERS = (
    Peer("PDQ 31", "pdq", 31, "Meta's recommendation"),
    Peer("PDQ 66", "pdq", 66, "Thorn's table, 99.99 % precision"),
    Peer("phash 64", "phash", 10, "imagededup's default"),
    Peer("phash 256", "phash256", 70, "Thorn's table, 99.99 % precision"),
    Peer("dhash 64", "dhash", 10, "imagededup's default"),
    Peer("blockhash", "blockhash", 10, "commonsmachinery's index"),
)


@dataclass(frozen=True)
class Distances:
    """Bits between queries and entries by one algorithm.

    Attributes:
        genuine: int64 (queries,), to the reference of the query's photograph.
        impostors: int64 (bits + 1,), pairs with entries of other photographs, by distance.
    """

    genuine: NDArray[np.int64]
    impostors: NDArray[np.int64]

    @property
    def clean_radius(self) -> int:
        """The largest radius without an impostor; -1 if there is none."""
        (seen,) = np.nonzero(self.impostors)
        return int(seen[0]) - 1 if len(seen) else len(self.impostors) - 1


def _signs(rows: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Bits as -1 and 1: the product of two rows is bits less twice their distance, exactly."""
    return np.unpackbits(rows, axis=1).astype(np.float32) * 2 - 1


def reference_rows(entries: Entries) -> dict[int, int]:
    """Row of each photograph's reference."""
    (rows,) = np.nonzero(entries.reference)
    return {int(entries.photo[row]): int(row) for row in rows}


def distances(algorithm: str, entries: Entries, answers: Sequence[Answer]) -> Distances:
    """All pairs that were asked, each query with its half's entries; the references of the query's
    photograph and of its background are no impostors."""
    known = entries.hashes[algorithm]
    bits = 8 * known.shape[1]
    asked = np.frombuffer(b"".join(a.hashes[algorithm] for a in answers), np.uint8)
    asked = asked.reshape(len(answers), -1)
    photo = np.array([a.photo for a in answers], np.int32)
    background = np.array([a.background for a in answers], np.int32)
    row_of = reference_rows(entries)
    targets = known[[row_of[number] for number in photo.tolist()]]
    genuine = np.unpackbits(asked ^ targets, axis=1).sum(axis=1, dtype=np.int64)
    counts = np.zeros(bits + 1, np.int64)
    for first in range(0, len(known), _ENTRIES_AT_ONCE):
        block = slice(first, first + _ENTRIES_AT_ONCE)
        theirs, of = _signs(known[block]).T, entries.photo[block]
        met = np.stack([entries.asked_of(half)[block] for half in range(HALVES)])
        for start in range(0, len(asked), _QUERIES_AT_ONCE):
            part = slice(start, start + _QUERIES_AT_ONCE)
            found = ((bits - _signs(asked[part]) @ theirs) / 2).astype(np.int64)
            own = (photo[part, None] == of) | (background[part, None] == of)
            counts += np.bincount(found[met[half_of(photo[part])] & ~own], minlength=bits + 1)
    return Distances(genuine, counts)


def same_as_imagehash(paths: Sequence[Path], count: int = 20) -> int:
    """Asserts that phash, phash256 and dhash of some photographs are imagehash's.

    Returns:
        How many photographs were compared.
    """
    import imagehash

    theirs: dict[str, Callable[[Image.Image], Any]] = {
        "phash": imagehash.phash,
        "phash256": lambda image: imagehash.phash(image, hash_size=16),
        "dhash": imagehash.dhash,
    }
    chosen = paths[:: max(1, len(paths) // count)][:count]
    for path in chosen:
        image = loaded(path)
        for name, function in theirs.items():
            mine = hash_pixels(name, np.asarray(image))[0].tobytes().hex()
            assert mine == str(function(image)), (name, path)
    return len(chosen)
