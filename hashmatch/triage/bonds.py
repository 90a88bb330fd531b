"""What people decided of two files: they are the same picture, or they are not."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.clustering import components
from hashmatch.errors import InputError

Ids = NDArray[np.int64]
DigestPair = tuple[str, str]

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Bonds:
    """Decisions about pairs of contents, by their SHA-256 as hex.

    Attributes:
        same: always in one group, however far apart they are.
        apart: never in one group, unless a chain of ``same`` joins them.

    Of two decisions about one pair the caller gives the later alone. Those about contents that
    are not in a set say nothing of it.

    Raises:
        InputError: no 64 lower-case hex digits, or a content with itself.
    """

    same: tuple[DigestPair, ...] = ()
    apart: tuple[DigestPair, ...] = ()

    def __post_init__(self) -> None:
        for name in ("same", "apart"):
            for first, second in getattr(self, name):
                if not (_SHA256.fullmatch(first) and _SHA256.fullmatch(second)):
                    raise InputError(
                        f"{name}: expected two SHA-256 as 64 hex digits, got {first!r}, {second!r}"
                    )
                if first == second:
                    raise InputError(f"{name}: expected two contents, got {first} twice")


NO_BONDS = Bonds()


@dataclass(frozen=True, slots=True, eq=False)
class PlacedBonds:
    """Bonds among the rows of a set.

    Attributes:
        same: int64 (m, 2) rows, ascending.
        apart: int64 (m, 2), also of all that decisions join with either side; without those that
            they join with each other.
        n_contradicting: decisions to keep two apart that others join.
    """

    same: Ids
    apart: Ids
    n_contradicting: int


def place(bonds: Bonds, digests: Sequence[bytes]) -> PlacedBonds:
    """Where bonds are among contents.

    Args:
        digests: SHA-256 of each row, ascending.
    """
    same, apart = _rows(bonds.same, digests), _rows(bonds.apart, digests)
    roots = components(len(digests), [(same[:, 0], same[:, 1])])
    members: dict[int, list[int]] = {}
    for row in np.unique(same).tolist():
        members.setdefault(int(roots[row]), []).append(row)
    lifted, n_contradicting = set[tuple[int, int]](), 0
    for first, second in apart.tolist():
        if roots[first] == roots[second]:
            n_contradicting += 1
            continue
        for one in members.get(int(roots[first]), [first]):
            for other in members.get(int(roots[second]), [second]):
                lifted.add((min(one, other), max(one, other)))
    return PlacedBonds(same, _pairs(lifted), n_contradicting)


def joined(names: Ids, placed: PlacedBonds) -> tuple[Ids, int]:
    """Groups with ``same`` respected.

    Whole groups become one, unless two were to be kept apart in it: then only what decisions join
    comes to the group of the smallest row of it.

    Args:
        names: int64 (n,), the smallest row of each row's group; ``apart`` is respected in them.

    Returns:
        The same of the new groups, and how many rows had to leave a group.
    """
    roots = components(len(names), [(placed.same[:, 0], placed.same[:, 1])])
    bound = np.unique(placed.same)
    rows = np.flatnonzero(np.isin(names, names[bound]))  # of all groups that may change
    made, apart = names[rows], np.searchsorted(rows, placed.apart)
    apart = apart[np.isin(placed.apart, rows).all(axis=1)]
    n_moved = 0
    for members in _by_root(np.searchsorted(rows, bound), roots[bound]):
        groups = np.unique(made[members])
        if len(groups) == 1:
            continue
        inside = np.isin(made, groups)
        if inside[apart].all(axis=1).any():
            home = made[members[0]]
            moved = members[made[members] != home]
            n_moved += len(moved)
            made[moved] = home
        else:
            made[inside] = groups[0]
    whole = names.copy()
    whole[rows] = made
    return renamed(whole), n_moved


def _by_root(rows: Ids, roots: Ids) -> list[Ids]:
    """Rows of one root beside each other, ascending; roots ascending too."""
    order = np.lexsort((rows, roots))
    cuts = np.flatnonzero(np.diff(roots[order])) + 1
    return np.split(rows[order], cuts) if len(rows) else []


def renamed(names: Ids) -> Ids:
    """Groups that have any name, named by their smallest row."""
    _, rows, places = np.unique(names, return_index=True, return_inverse=True)
    found: Ids = rows.astype(np.int64)[places]
    return found


def _rows(pairs: Iterable[DigestPair], digests: Sequence[bytes]) -> Ids:
    found = set()
    for pair in pairs:
        rows = [_row(bytes.fromhex(digest), digests) for digest in pair]
        if None not in rows:
            found.add((min(rows), max(rows)))  # type: ignore[type-var]
    return _pairs(found)  # type: ignore[arg-type]


def _row(digest: bytes, digests: Sequence[bytes]) -> int | None:
    at = bisect_left(digests, digest)
    return at if at < len(digests) and digests[at] == digest else None


def _pairs(pairs: Iterable[tuple[int, int]]) -> Ids:
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)
