"""Groups as a report tells them; their files are fetched when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

import numpy as np

from hashmatch.hashing import ORIENTATIONS
from hashmatch.report import Group, GroupKind, Member
from hashmatch.triage.classify_table import Ids
from hashmatch.triage.groups import UNMEASURED, CopyGroup, CopyGroups

if TYPE_CHECKING:
    from hashmatch.triage.classification import Classification


class Copies(Sequence[Member]):
    """All files of a group but its representative, which is the first item of the first content.

    Args:
        places: of the group's contents, the representative's first.
        group: how they are near; None: there is one content.
    """

    def __init__(
        self, classification: Classification, places: Ids, group: CopyGroup | None
    ) -> None:
        self._of = classification
        self._places = places
        self._group = group
        counts = [classification.n_files(int(place)) for place in places]
        self._tops: Ids = np.cumsum(np.array(counts, np.int64))

    def __len__(self) -> int:
        return int(self._tops[-1]) - 1

    @overload
    def __getitem__(self, at: int) -> Member: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Member]: ...
    def __getitem__(self, at: int | slice) -> Member | Sequence[Member]:
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        number = at + len(self) if at < 0 else at
        if not 0 <= number < len(self):
            raise IndexError(at)
        # The very first item is the representative.
        row = int(np.searchsorted(self._tops, number + 1, side="right"))
        before = int(self._tops[row - 1]) if row else 0
        return self._members(row)[number + 1 - before]

    def __iter__(self) -> Iterator[Member]:
        for row in range(len(self._places)):
            yield from self._members(row)[1 if row == 0 else 0 :]

    def _members(self, row: int) -> list[Member]:
        entries = self._of.entries(int(self._places[row]))
        group = self._group
        if group is None or row == 0:
            return [Member(entry, 0, "original") for entry in entries]
        distance = int(group.distances[row])
        share = int(group.shares[row])
        near = None if distance == UNMEASURED else distance
        is_video = group.kind is GroupKind.VIDEO
        return [
            Member(
                entry,
                near,
                None if near is None else ORIENTATIONS[int(group.orientations[row])],
                share if is_video and share != UNMEASURED else None,
            )
            for entry in entries
        ]


def copy_group(classification: Classification, copies: CopyGroups, group: CopyGroup) -> Group:
    """A group of contents that are copies of each other."""
    places = classification.sources.table.places(group.members)
    is_video = group.kind is GroupKind.VIDEO
    return Group(
        kind=group.kind,
        representative=classification.entries(int(places[0]))[0],
        why=group.why,
        others=Copies(classification, places, group),
        linkage=None if is_video else copies.linkage,
        max_distance=None if is_video else copies.max_distance,
        diameter=None if group.diameter == UNMEASURED else group.diameter,
        shot=group.shot or None,
    )


def exact_group(classification: Classification, place: int) -> Group:
    """Files with the same bytes, of which there is no other copy."""
    return Group(
        kind=GroupKind.EXACT,
        representative=classification.entries(place)[0],
        why="first by path",
        others=Copies(classification, np.array([place]), None),
    )
