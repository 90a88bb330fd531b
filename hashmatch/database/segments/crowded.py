"""Hashes that too many media have: black frames, blank pages, logos. Stored, listed, not matched.

A hash is *crowded* if its neighbours, the hashes within ``neighbour_radius``, belong to more than
``crowd_limit`` other media. That is a property of what the base holds, not of how it came.

Counting the neighbours of every hash would cost a search each. Instead a sample of the base is
searched. What is in the sample depends on the values alone: a value that stands under w hashes is
taken with the chance min(1, p w), and then tells for max(1 / p, w) neighbours. A hash with more
neighbours than ``floor``, three quarters of the limit, meets ``_SAMPLES`` of them on average; it is
counted exactly from an eighth of that on (to miss it has a chance below 1e-9). Those exactly
counted are kept as the *watch list*: after a small change only they, what is new, and what the new
ones lie close to by the dozen have to be counted again.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from hashmatch.database.segments.held import GrowingHashes, held
from hashmatch.database.segments.manifest import Crowd, Ids
from hashmatch.database.segments.narrow_rows import media_count
from hashmatch.index import HammingIndex

LEAST_LIMIT = 1000
"""No hash is crowded whose neighbours belong to no more other media."""
MEDIA_A_LIMIT = 1000
"""Of larger bases, the limit is one in so many media."""
_RADIUS_OF_256_BITS = 31
_SAMPLES = 32
_FEW = 8
_QUERIES = 128  # at once: near a crowd each of them finds all of it
_MARKS = 1 << 24  # bytes of the table of media that one batch of queries meets
_WHOLE_SHARE = 8
"""A change by more than one in so many hashes is counted anew."""

MediaOf = Callable[[Ids], Ids]
Values = NDArray[np.uint8]


def neighbour_radius(bits: int) -> int:
    """Bits within which hashes are neighbours: 31 of 256, the same share of other lengths.

    The policy of a check has its own radius; this one is part of the definition.
    """
    return bits * _RADIUS_OF_256_BITS // 256


def crowd_limit(media: int) -> int:
    """Other media that a hash may have neighbours in, by the media of its algorithm."""
    return max(LEAST_LIMIT, media // MEDIA_A_LIMIT)


def limit_of(connection: Connection, algorithm: str, base: GrowingHashes) -> int:
    """The limit for what a base holds."""
    if len(base) <= LEAST_LIMIT * MEDIA_A_LIMIT:
        return LEAST_LIMIT  # there are no more media than hashes
    return crowd_limit(media_count(connection, algorithm))


def nobody(limit: int) -> Crowd:
    """No crowd: what a base of at most ``limit`` hashes has."""
    return Crowd(limit, _floor(limit), np.empty(0, np.int64), np.empty(0, np.int64))


def find_crowd(base: GrowingHashes, limit: int, media_of: MediaOf) -> Crowd:
    """Count everything anew.

    Args:
        base: every hash that may match, crowded ones included.
        limit: see ``crowd_limit``.
        media_of: the media of hashes, by their ids.
    """
    floor = _floor(limit)
    if len(base) - 1 <= floor:
        return nobody(limit)
    mixed_blocks = [(ids, _mixed(values)) for ids, values in base.blocks()]
    ids = np.concatenate([block[0] for block in mixed_blocks])
    mixed = np.concatenate([block[1] for block in mixed_blocks])
    rate = min(1.0, _SAMPLES / max(floor, 1))
    _, first, copies = np.unique(mixed, return_index=True, return_counts=True)
    chosen = mixed[first] * 2.0**-64 < rate * copies
    sample = ids[first[chosen]]
    weight = np.maximum(1 / rate, copies[chosen])
    ids = np.sort(ids)
    told = _tally(base, ids, sample, weight)
    candidates = ids[told >= floor / _FEW]
    return _counted(base, candidates, limit, floor, media_of)


def follow_crowd(
    base: GrowingHashes,
    crowd: Crowd,
    added: Ids,
    removed: Values,
    limit: int,
    media_of: MediaOf,
    *,
    recount: bool = False,
) -> Crowd:
    """Count again what a change can have changed.

    Args:
        base: as it is now.
        crowd: of the base before the change.
        added: ids that are new in the base.
        removed: the hashes that are no longer in it, in any order.
        limit: see ``crowd_limit``.
        media_of: the media of hashes, by their ids.
        recount: count the watch list again, whatever changed: media may have been merged.
    """
    if crowd.floor >= limit or len(added) * _WHOLE_SHARE > len(base):
        return find_crowd(base, limit, media_of)
    there = held(base, crowd.ids)
    watched, counts = crowd.ids[there], crowd.counts[there]
    floor, suspects = crowd.floor, np.empty(0, np.int64)
    if len(added):
        # What is not watched had at most ``floor`` neighbours, and now has so many more.
        near, gained, own = _gains(base, added)
        slack = (limit - floor) // 4
        floor += int(gained[gained <= slack].max(initial=0))
        if floor + slack >= limit:
            return find_crowd(base, limit, media_of)
        suspects = np.union1d(near[gained > slack], added[own > floor])
        recount = recount or len(np.intersect1d(near, watched)) > 0
    if not len(suspects) and not (recount and len(watched)) and not _near(base, watched, removed):
        return Crowd(limit, floor, watched, counts)
    return _counted(base, np.union1d(watched, suspects), limit, floor, media_of)


def _near(base: GrowingHashes, watched: Ids, values: Values) -> bool:
    """Whether any of the values is a neighbour of a watched hash."""
    if not len(watched) or not len(values):
        return False
    near = HammingIndex(base.bits, strategy="scan")
    near.add(base.hashes(watched), watched)
    return any(
        len(near.range_search(values[start : start + _QUERIES], neighbour_radius(base.bits)).ids)
        for start in range(0, len(values), _QUERIES)
    )


def _floor(limit: int) -> int:
    return limit * 3 // 4


def _mixed(values: Values) -> NDArray[np.uint64]:
    """64 bits of each value that look like chance; nearby values have unrelated ones."""
    words = np.zeros((len(values), -(-values.shape[1] // 8) * 8), dtype=np.uint8)
    words[:, : values.shape[1]] = values
    mixed = np.zeros(len(values), dtype=np.uint64)
    for column in words.view(np.uint64).T:
        mixed = (mixed ^ column) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(32)
    return mixed


def _threads() -> int:
    return min(4, os.cpu_count() or 1)


def _tally(
    base: GrowingHashes, ids: Ids, queries: Ids, weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """For each of ``ids`` (ascending, all of the base) the weights of the queries near it."""
    radius = neighbour_radius(base.bits)
    told = np.zeros(len(ids))
    for start in range(0, len(queries), _QUERIES):
        some = slice(start, start + _QUERIES)
        found = base.range_search(base.hashes(queries[some]), radius, threads=_threads())
        each = np.repeat(weight[some], np.diff(found.offsets))
        np.add.at(told, np.searchsorted(ids, found.ids), each)
    return told


def _gains(base: GrowingHashes, added: Ids) -> tuple[Ids, Ids, Ids]:
    """Hashes near the added ones, ascending; how many of those each is near to; and how many
    neighbours each added one has."""
    radius = neighbour_radius(base.bits)
    near, gained = np.empty(0, np.int64), np.empty(0, np.int64)
    own = np.zeros(len(added), dtype=np.int64)
    for start in range(0, len(added), _QUERIES):
        some = slice(start, start + _QUERIES)
        found = base.range_search(base.hashes(added[some]), radius, threads=_threads())
        own[some] = np.diff(found.offsets) - 1
        ids, counts = np.unique(found.ids, return_counts=True)
        near, place = np.unique(np.concatenate([near, ids]), return_inverse=True)
        gained = np.bincount(place, np.concatenate([gained, counts])).astype(np.int64)
    return near, gained, own


def _counted(
    base: GrowingHashes, candidates: Ids, limit: int, floor: int, media_of: MediaOf
) -> Crowd:
    """The watch list of these candidates, with exact counts.

    Group by group: what is near any member of a group lies within twice the radius of the first.
    """
    radius = neighbour_radius(base.bits)
    candidates = np.sort(candidates)
    values = base.hashes(candidates)
    neighbours = np.zeros(len(candidates), dtype=np.int64)
    others = np.zeros(len(candidates), dtype=np.int64)
    waiting = HammingIndex(base.bits, strategy="scan")
    waiting.add(values, np.arange(len(candidates)))
    open_places = np.ones(len(candidates), dtype=np.bool_)
    for place in range(len(candidates)):
        if not open_places[place]:
            continue
        hub = values[place : place + 1]
        group = np.sort(waiting.range_search(hub, radius).ids)
        around = base.range_search(hub, 2 * radius, threads=_threads()).ids
        neighbours[group], others[group] = _neighbours(
            base, candidates[group], values[group], around, media_of
        )
        waiting.remove(group)
        open_places[group] = False
    kept = neighbours > floor
    return Crowd(limit, floor, candidates[kept], others[kept])


def _neighbours(
    base: GrowingHashes, members: Ids, values: Values, around: Ids, media_of: MediaOf
) -> tuple[Ids, Ids]:
    """Neighbours of each member, all of them in ``around``, and how many other media than its own
    they belong to."""
    around = np.sort(around)
    names, media = np.unique(media_of(around), return_inverse=True)
    own = media[np.searchsorted(around, members)]
    near = HammingIndex(base.bits, strategy="scan")
    near.add(base.hashes(around), np.arange(len(around)))
    radius = neighbour_radius(base.bits)
    neighbours = np.zeros(len(members), dtype=np.int64)
    others = np.zeros(len(members), dtype=np.int64)
    batch = max(1, min(_QUERIES, _MARKS // max(1, len(names))))
    for start in range(0, len(members), batch):
        some = slice(start, start + batch)
        found = near.range_search(values[some], radius, threads=_threads())
        rows = np.repeat(np.arange(len(found)), np.diff(found.offsets))
        met = np.zeros((len(found), len(names)), dtype=np.bool_)
        met[rows, media[found.ids]] = True
        met[np.arange(len(found)), own[some]] = False
        neighbours[some] = np.diff(found.offsets) - 1
        others[some] = met.sum(axis=1)
    return neighbours, others
