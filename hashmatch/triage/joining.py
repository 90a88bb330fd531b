"""Groups of pictures whose representatives are registered copies of each other become one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hashmatch.triage.bonds import renamed
from hashmatch.triage.facts import Facts
from hashmatch.triage.pictures import PictureSet
from hashmatch.triage.registered import FingerprintOf, registered_pairs, stars
from hashmatch.triage.representative import ranked

Ids = NDArray[np.int64]


def join_registered(
    pictures: PictureSet,
    facts: Facts,
    fingerprint_of: FingerprintOf,
    *,
    threads: int,
    step: Callable[[str], None],
) -> None:
    """Register the representative of each group, and every picture that is alone.

    Args:
        facts: of every picture.
    """
    all_rows = np.arange(len(pictures))
    order = ranked(pictures.names, all_rows, facts)
    _, firsts = np.unique(pictures.names[order], return_index=True)
    rows = np.sort(order[firsts])
    pairs = registered_pairs(
        pictures.numbers[rows],
        np.ascontiguousarray(pictures.faces.turned[rows, 0]),
        fingerprint_of,
        threads=threads,
        step=step,
    )
    ranks = np.empty(len(rows), np.int64)
    ranks[ranked(np.zeros(len(rows), np.int64), rows, facts)] = np.arange(len(rows))
    heads = stars(pairs, ranks, _Forbidden(pictures, facts, rows))
    pictures.near_names = pictures.names.copy()
    pictures.led[:] = ~np.isin(pictures.names, pictures.names[rows[heads == np.arange(len(rows))]])
    head_of = np.empty(len(pictures), np.int64)
    head_of[pictures.names[rows]] = rows[heads]  # by name of a group
    pictures.names = renamed(head_of[pictures.names])
    n_joined = int((heads != np.arange(len(rows))).sum())
    if n_joined:
        pictures.notes.append(
            f"{n_joined} pictures and groups are with another one by registration: cropped, framed "
            f"or turned copies, as far as a checker takes them for such"
        )


class _Forbidden:
    """Two groups that are shots of one moment, of moments of their own, or decided to be apart."""

    def __init__(self, pictures: PictureSet, facts: Facts, rows: Ids) -> None:
        self._shots, self._captured, self._rows = pictures.shots, facts.captured, rows
        self._names = pictures.names
        self._group_of: dict[int, set[int]] = {}  # of a star by its head's row: names in it
        self._enemies: dict[int, set[int]] = {}
        for one, other in pictures.names[pictures.bonds.apart].tolist():
            self._enemies.setdefault(one, set()).add(other)
            self._enemies.setdefault(other, set()).add(one)

    def __call__(self, row: int, head: int) -> bool:
        one, other = int(self._rows[row]), int(self._rows[head])
        if self._shots[one] >= 0 and self._shots[one] == self._shots[other]:
            return True
        moments = {self._captured[one], self._captured[other]} - {None}
        if len(moments) > 1:
            return True
        name, star = (
            int(self._names[one]),
            self._group_of.setdefault(head, {int(self._names[other])}),
        )
        if self._enemies.get(name, set()) & star:
            return True
        star.add(name)  # the caller takes the first head that is allowed
        return False
