"""Groups of copies: which one of each is looked at, and which others that settles."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from hashmatch.report import GroupKind, TriageClass
from hashmatch.triage.classify_table import NOWHERE, Ids
from hashmatch.triage.classify_verdicts import CODES, NO_CLASS
from hashmatch.triage.groups import UNMEASURED, CopyGroup

SETTLING_SHARE = 95
"""Percent of a video's footage that another one must have to settle it."""

_UNKNOWN = CODES[TriageClass.UNKNOWN]
_POSSIBLE = CODES[TriageClass.POSSIBLE]
_DUPLICATE = CODES[TriageClass.DUPLICATE]
_KNOWN = tuple(CODES[t] for t in (TriageClass.BASELINE, TriageClass.NATIONAL, TriageClass.OTHER))


class Why(IntEnum):
    """Why a content is of its class; ``Classes.about`` says more."""

    NOTHING = 0
    NEAR_KNOWN = 1
    """``about``: the place of a known content of its group."""
    NEAR_DECIDED = 2
    """``about``: the place of a decided one."""
    NEAR_COPY = 3
    """``about``: the place of the one that settles it."""
    LOW = 4
    HARMLESS = 5
    """It looks like a medium that is harmless to the lists, and has other bytes."""
    EARLIER = 6
    DECIDED = 7


@dataclass(slots=True, eq=False)
class Classes:
    """What every content is, by its place.

    Attributes:
        codes: uint8 (n,), index into ``CLASSES``; ``NO_CLASS``.
        whys: uint8 (n,), of ``Why``.
        about: int64 (n,), see ``Why``.
        groups: int32 (n,), number of the group, from 1; 0: of none.
        gravity: uint8 (n,), of the alert that it may be of; of possible ones.
        settles: int64 (n,), further files that are settled by looking at it.
    """

    codes: NDArray[np.uint8]
    whys: NDArray[np.uint8]
    about: Ids
    groups: NDArray[np.int32]
    gravity: NDArray[np.uint8]
    settles: Ids

    @classmethod
    def of(cls, n: int) -> Classes:
        """Nothing is known yet."""
        return cls(
            codes=np.full(n, NO_CLASS, np.uint8),
            whys=np.zeros(n, np.uint8),
            about=np.full(n, NOWHERE, np.int64),
            groups=np.zeros(n, np.int32),
            gravity=np.zeros(n, np.uint8),
            settles=np.zeros(n, np.int64),
        )


class GroupRules:
    """Goes through the groups in their order.

    Args:
        classes: as they are without groups; they are changed.
        n_items: int64 (n,), items of each content.
        grave: bool (n,), decided to be what nobody may call harmless.
        bound: int64 (n,), the same number for contents that decisions call the same; ``NOWHERE``.
        linkage: of groups of pictures.
        max_distance: their radius.
    """

    def __init__(
        self,
        classes: Classes,
        n_items: Ids,
        grave: NDArray[np.bool_],
        bound: Ids,
        *,
        linkage: str,
        max_distance: int,
    ) -> None:
        self._classes = classes
        self._n_items = n_items
        self._grave = grave
        self._bound = bound
        self._complete = linkage == "complete"
        self._max_distance = max_distance
        self._acts = np.zeros(len(n_items), np.bool_)

    def apply(self, number: int, group: CopyGroup, places: Ids) -> None:
        """Settle what a group settles.

        Args:
            number: of the group, from 1.
            places: of its members, in their order.
        """
        classes = self._classes
        classes.groups[places[classes.groups[places] == 0]] = number
        self._near_known(group, places)
        acting = self._acting(places)
        if acting is not None:
            self._act(acting, group, places)
            if acting != 0 and classes.codes[places[0]] in (_UNKNOWN, _POSSIBLE):
                self._act(0, group, places)  # what is not known to be near the other one
        open_rows = places[classes.codes[places] == _UNKNOWN]
        grave = places[self._grave[places]]
        if len(grave):
            rows = open_rows[classes.whys[open_rows] == Why.NOTHING]
            classes.whys[rows], classes.about[rows] = Why.NEAR_DECIDED, grave[0]

    def _act(self, acting: int, group: CopyGroup, places: Ids) -> None:
        classes = self._classes
        place = places[acting]
        self._acts[place] = True
        settled = self._settled_by(acting, group, places)
        classes.codes[settled], classes.whys[settled] = _DUPLICATE, Why.NEAR_COPY
        classes.about[settled] = place
        classes.settles[place] += self._n_items[settled].sum()

    def _near_known(self, group: CopyGroup, places: Ids) -> None:
        """What is near a known medium is looked at, each one: the list has other bytes."""
        classes = self._classes
        codes = classes.codes[places]
        known = np.flatnonzero(np.isin(codes, _KNOWN))
        if not len(known):
            return
        gravest = known[np.argmin(codes[known])]
        reached = np.ones(len(places), np.bool_)
        if group.kind is GroupKind.VIDEO and gravest != 0:
            # What is measured of a video is how much of it the representative has, and no other.
            reached[1:] = False
        rows = places[reached & (codes == _UNKNOWN)]
        classes.codes[rows], classes.whys[rows] = _POSSIBLE, Why.NEAR_KNOWN
        classes.about[rows] = places[gravest]
        # Gravity falls as the code of the class rises.
        classes.gravity[rows] = len(_KNOWN) + 1 - codes[gravest]

    def _acting(self, places: Ids) -> int | None:
        """The member that a person looks at: one that may be known, else the first."""
        codes = self._classes.codes[places]
        for wanted in (_POSSIBLE, _UNKNOWN):
            found = np.flatnonzero(codes == wanted)
            if len(found):
                return int(found[0])
        return None

    def _settled_by(self, acting: int, group: CopyGroup, places: Ids) -> Ids:
        """Members that need no look beside the acting one."""
        rows = np.arange(len(places))
        free = (self._classes.codes[places] == _UNKNOWN) & ~self._acts[places] & (rows != acting)
        if group.kind is GroupKind.VIDEO:
            near = (group.shares >= SETTLING_SHARE) & (acting == 0)
        elif self._complete and acting != 0:
            near = group.distances != UNMEASURED
            near &= group.distances[acting] != UNMEASURED
        else:
            near = (acting == 0) & (self._complete | (group.distances <= self._max_distance))
        bound = self._bound[places]
        near |= (bound != NOWHERE) & (bound == bound[acting])  # somebody looked at both
        settled: Ids = places[free & near]
        return settled
