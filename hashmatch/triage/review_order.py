"""What a person looks at first, and why, in words that can be checked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.report import TriageClass
from hashmatch.triage.classify_groups import Classes, Why
from hashmatch.triage.classify_table import ContentTable, Flags, Ids, ItemTable
from hashmatch.triage.classify_verdicts import CODES, Verdicts

_MEGAPIXEL = 1_000_000
_MOST_FOR_COPIES = 4
_FAR = np.iinfo(np.int64).max
"""Stands for the distance to a known medium where the database did not find one."""
_KNOWN_END = CODES[TriageClass.OTHER]

POINTS = {
    "neighbour": 8,
    "near_decided": 6,
    "video": 4,
    "harmless": -4,
    "camera": 3,
    "large": 2,
    "medium": 1,
}
"""What each sign of importance counts; copies count one for each doubling, up to four."""


@dataclass(frozen=True, slots=True, eq=False)
class ReviewOrder:
    """Contents to look at, by place.

    Attributes:
        possible: near known media: the gravest alert first, then the least likely by chance.
        unknown: by points, then by path.
        low: unknown ones that say too little to be compared: last of all.
        neighbours: bool (n,), a known medium lies in the same folder or archive.
    """

    possible: Ids
    unknown: Ids
    low: Ids
    neighbours: Flags


def review_order(
    table: ContentTable, items: ItemTable, verdicts: Verdicts, classes: Classes, first: Ids
) -> ReviewOrder:
    """Put everything in its order, which nothing but the set and its classes decides.

    Args:
        first: int64 (n,), of each content its first item.
    """
    near = _neighbours(items, classes)
    codes = classes.codes
    possible = np.flatnonzero(codes == CODES[TriageClass.POSSIBLE])
    by_group = classes.whys[possible] == Why.NEAR_KNOWN
    expected = np.where(by_group, np.inf, verdicts.expected[possible])
    distances = np.where(by_group, _FAR, verdicts.distances[possible])
    gravity = classes.gravity[possible].astype(np.int64)
    keys = (first[possible], distances, expected, -gravity)
    unknown = np.flatnonzero(codes == CODES[TriageClass.UNKNOWN])
    low = classes.whys[unknown] == Why.LOW
    unknown, last = unknown[~low], unknown[low]
    points = points_of(table, classes, near)[unknown]
    return ReviewOrder(
        possible=possible[np.lexsort(keys)],
        unknown=unknown[np.lexsort((first[unknown], -points))],
        low=last[np.argsort(first[last])],
        neighbours=near,
    )


def points_of(table: ContentTable, classes: Classes, neighbours: Flags) -> Ids:
    """Likely importance, int64 (n,); each sign is one that ``reasons`` tells."""
    copies = np.minimum(np.log2(classes.settles + 1).astype(np.int64), _MOST_FOR_COPIES)
    points: Ids = copies.copy()
    signs: dict[str, NDArray[np.bool_]] = {
        "neighbour": neighbours,
        "near_decided": classes.whys == Why.NEAR_DECIDED,
        "video": table.video,
        "harmless": classes.whys == Why.HARMLESS,
        "camera": table.camera,
        "large": table.pixels >= 2 * _MEGAPIXEL,
        "medium": (table.pixels >= _MEGAPIXEL // 2) & (table.pixels < 2 * _MEGAPIXEL),
    }
    for name, there in signs.items():
        points += POINTS[name] * there
    return points


def reasons(table: ContentTable, classes: Classes, order: ReviewOrder, place: int) -> list[str]:
    """Why an unknown content stands where it does, in words."""
    found = []
    if order.neighbours[place]:
        found.append("known media in the same folder")
    if table.video[place]:
        found.append("video")
    if classes.settles[place]:
        found.append(f"{classes.settles[place] + 1} files of it")
    if table.camera[place]:
        found.append("camera original")
    if table.pixels[place] >= _MEGAPIXEL // 2:
        found.append(f"{table.pixels[place] / _MEGAPIXEL:.1f} megapixels")
    return found


def _neighbours(items: ItemTable, classes: Classes) -> Flags:
    """Of which contents some item lies where an item of a known medium lies."""
    owned = items.places >= 0
    places, folders = items.places[owned], items.folders[owned]
    known = classes.codes[places] <= _KNOWN_END
    near = np.isin(folders, np.unique(folders[known]))
    found = np.zeros(len(classes.codes), np.bool_)
    found[places[near]] = True
    return found
