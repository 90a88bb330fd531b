"""Distances of pictures in all that is compared, in compiled loops."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashmatch.clustering.compiled import compiled
from hashmatch.clustering.faces import INVERSE, TURNS, Faces, Ids, Words

_TURNS = np.array(TURNS)
_SWEEPS = 4


@compiled
def bits_apart(a: Words, b: Words) -> int:
    """Bits in which two hashes differ."""
    total = np.int64(0)
    for word in range(len(a)):
        x = a[word] ^ b[word]
        x -= (x >> np.uint64(1)) & np.uint64(0x5555555555555555)
        x = (x & np.uint64(0x3333333333333333)) + (
            (x >> np.uint64(2)) & np.uint64(0x3333333333333333)
        )
        x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
        total += np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))
    return int(total)


@compiled
def _better(best: int, orientation: int, bits: int, other: int) -> tuple[int, int]:
    if bits < best or (bits == best and other < orientation):
        return bits, other
    return best, orientation


@compiled
def _apart(
    words: Words, parts: Words, starts: Ids, turns: Ids, inverse: Ids, a: int, b: int
) -> tuple[int, int]:
    """Smallest distance of two rows, and the orientation in which the second one has it."""
    best, orientation = bits_apart(words[a, 0], words[b, 0]), 0
    if words.shape[1] == 8:
        for turn in turns:
            best, orientation = _better(
                best, orientation, bits_apart(words[a, 0], words[b, turn]), turn
            )
            back = inverse[turn]
            best, orientation = _better(
                best, orientation, bits_apart(words[b, 0], words[a, turn]), back
            )
    for part in range(starts[b], starts[b + 1]):
        for turn in range(words.shape[1]):
            best, orientation = _better(
                best, orientation, bits_apart(words[a, 0], parts[part, turn]), turn
            )
            for other in range(starts[a], starts[a + 1]):
                bits = bits_apart(parts[other, 0], parts[part, turn])
                best, orientation = _better(best, orientation, bits, turn)
    for part in range(starts[a], starts[a + 1]):
        for turn in range(words.shape[1]):
            back = inverse[turn]
            best, orientation = _better(
                best, orientation, bits_apart(words[b, 0], parts[part, turn]), back
            )
            for other in range(starts[b], starts[b + 1]):
                bits = bits_apart(parts[other, 0], parts[part, turn])
                best, orientation = _better(best, orientation, bits, back)
    return best, orientation


@compiled
def _between(
    words: Words, parts: Words, starts: Ids, turns: Ids, inverse: Ids, first: Ids, second: Ids
) -> tuple[Ids, NDArray[np.uint8]]:
    bits, orientations = np.empty(len(first), np.int64), np.empty(len(first), np.uint8)
    for at in range(len(first)):
        found = _apart(words, parts, starts, turns, inverse, first[at], second[at])
        bits[at], orientations[at] = found
    return bits, orientations


@compiled
def _diameters(
    words: Words,
    parts: Words,
    starts: Ids,
    turns: Ids,
    inverse: Ids,
    rows: Ids,
    cuts: Ids,
    exact_to: int,
) -> Ids:
    made = np.zeros(len(cuts) - 1, np.int64)
    for group in range(len(made)):
        begin, end = cuts[group], cuts[group + 1]
        if end - begin <= exact_to:
            for i in range(begin, end):
                for j in range(begin, i):
                    bits, _ = _apart(words, parts, starts, turns, inverse, rows[i], rows[j])
                    made[group] = max(made[group], bits)
            continue
        one = begin
        for _ in range(_SWEEPS):  # from the farthest of the farthest: below the diameter
            farthest = one
            for i in range(begin, end):
                bits, _ = _apart(words, parts, starts, turns, inverse, rows[one], rows[i])
                if bits > made[group]:
                    made[group], farthest = bits, i
            one = farthest
    return made


@compiled
def _nearest(
    words: Words, parts: Words, starts: Ids, turns: Ids, inverse: Ids, rows: Ids, others: Ids
) -> Ids:
    nearest = np.zeros(len(rows), np.int64)
    for i in range(len(rows)):
        best = 1 << 30
        for j in range(len(others)):
            bits, _ = _apart(words, parts, starts, turns, inverse, rows[i], others[j])
            if bits < best:
                best, nearest[i] = bits, j
    return nearest


class Distances:
    """Distances among the rows of ``faces``.

    Memory is that of the hashes once more only where they do not lie in one block.
    """

    def __init__(self, faces: Faces) -> None:
        self._tables = (*faces.words(), _TURNS, INVERSE)

    def between(self, first: Ids, second: Ids) -> tuple[Ids, NDArray[np.uint8]]:
        """Distance of each row of ``first`` to that of ``second``, and in which orientation of the
        second it is that small, the first of equally near ones; int64 and uint8 (m,)."""
        bits, orientations = _between(*self._tables, first, second)
        return bits, orientations

    def diameters(self, rows: Ids, cuts: Ids, exact_to: int) -> Ids:
        """The largest distance of two rows within each group, int64 (n_groups,).

        Args:
            rows: int64 (m,), those of one group beside each other.
            cuts: int64 (n_groups + 1,), where groups begin and end.
            exact_to: rows of a group up to which all are compared; of a larger one it is the
                largest that a few of its rows are from all others, so at most the diameter and at
                least half of it.
        """
        made: Ids = _diameters(*self._tables, rows, cuts, exact_to)
        return made

    def nearest(self, rows: Ids, others: Ids) -> Ids:
        """Which of ``others`` is nearest to each row, int64 (m,); of equals the first."""
        found: Ids = _nearest(*self._tables, rows, others)
        return found
