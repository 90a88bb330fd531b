"""Groups of contents that are copies of each other, as arrays: a million files have many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.report import GroupKind

Ids = NDArray[np.int64]

UNMEASURED = -1
"""In arrays of distances, diameters and shares: not known."""


@dataclass(frozen=True, slots=True)
class CopyGroup:
    """One of ``CopyGroups``.

    Attributes:
        kind: ``NEAR`` or ``VIDEO``; the same bytes under several names are no group of contents.
        members: int64 (m,), numbers of contents (``CatalogueContent.number``), m >= 2. The first is
            the representative, the others follow by distance, then SHA-256.
        distances: int64 (m,) bits to the representative, ``UNMEASURED`` where there are none.
        orientations: uint8 (m,) number in ``ORIENTATIONS`` in which a member is that near.
        shares: int64 (m,) of a video, percent of the member's footage that the representative has;
            100 for pictures.
        why: why the representative is the one.
        diameter: largest distance in bits between two members, or ``UNMEASURED``.
        shot: groups with the same number are shots of one moment, kept apart; 0: of no burst.
    """

    kind: GroupKind
    members: Ids
    distances: Ids
    orientations: NDArray[np.uint8]
    shares: Ids
    why: str
    diameter: int = UNMEASURED
    shot: int = 0


@dataclass(frozen=True, slots=True)
class CopyGroups:
    """All groups of a set, in the order of their representatives' SHA-256, pictures first.

    Attributes:
        linkage: what held groups of pictures together.
        max_distance: inclusive radius in bits.
        notes: what a reader has to know of how they were made.
    """

    groups: tuple[CopyGroup, ...]
    linkage: str
    max_distance: int
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[CopyGroup]:
        return iter(self.groups)

    def __len__(self) -> int:
        return len(self.groups)
