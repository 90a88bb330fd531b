"""Copies that were cropped, framed or turned: representatives registered against each other."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Set
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from hashmatch.database import HashesAt
from hashmatch.fingerprinting import ImageFingerprint
from hashmatch.index import HammingIndex, HammingSnapshot
from hashmatch.matching import CheckStatus, MatchPolicy
from hashmatch.matching.judging import judge_plain, judge_registered
from hashmatch.matching.question import question_of
from hashmatch.matching.registration import Registered
from hashmatch.matching.search import near_entries
from hashmatch.matching.thresholds import PDQ
from hashmatch.matching.widening import with_registration
from hashmatch.types import Digests

Ids = NDArray[np.int64]
FingerprintOf = Callable[[int], ImageFingerprint | None]
"""From the number of a content; with views, as ``Checker.views`` asks for them. None: it can't be
read any more."""

_POLICY = MatchPolicy(others={}, near_max_distance=31, registered_max_distance=36)
"""Stricter than a check's, since what is found need not be looked at any more: of one photograph
under other captions 1 of 100 registered pairs is within 36 bits, of cropped copies 98 of 100."""
MOST_BEYOND = 0.0105
"""Share of a side by which a picture that is within another one may seem to reach beyond it, since
placements are estimated: cropped and framed copies come to 0.010, views moved by 1.2 % to 0.011."""
IN_PLACE = 0.004
"""Share of a side within which nothing was moved or cut."""
_AT_ONCE = 64


def registered_pairs(
    numbers: Ids,
    hashes: NDArray[np.uint8],
    fingerprint_of: FingerprintOf,
    *,
    threads: int,
    step: Callable[[str], None],
) -> set[tuple[int, int]]:
    """Which pictures are cropped, framed or turned copies of each other, registered as a check at
    level standard does.

    Each is asked of all others, as if these were known and it was not. Those that are near as they
    are, but in no group, have to be in the same place too: else the linkage had its say.

    Args:
        numbers: int64 (n,), of contents; ``hashes``: uint8 (n, 32).
        fingerprint_of: called once for each of them, from several threads.

    Returns:
        (row asked, row found) of every MATCH.
    """
    index = HammingIndex(8 * hashes.shape[1])
    index.add(hashes)
    snapshot = index.snapshot()

    def asked(row: int) -> set[int]:
        made = fingerprint_of(int(numbers[row]))
        return set() if made is None else _matches(row, made, snapshot)

    pairs: set[tuple[int, int]] = set()
    with ThreadPoolExecutor(threads) as pool:
        for begin in range(0, len(numbers), _AT_ONCE):
            step("registered pictures")
            rows = range(begin, min(begin + _AT_ONCE, len(numbers)))
            for row, found in zip(rows, pool.map(asked, rows), strict=True):
                pairs.update((row, other) for other in found)
    return pairs


def _matches(row: int, made: ImageFingerprint, others: HammingSnapshot) -> set[int]:
    hashes = HashesAt(0, others, np.array([row], np.int64))  # itself is left out
    asked = question_of(
        _POLICY, Digests(), made.hashes, made.dihedral, of_medium=True, views=made.views
    )
    if not asked.variants.get(PDQ):
        return set()
    near = near_entries(0, {PDQ: hashes}, asked, _POLICY)
    # Also where something is near as it is: that says nothing of the others.
    near = with_registration(near, hashes, asked, _POLICY)
    matches, moved, beside = set[int](), set[int](), set[int]()
    radii = _POLICY.thresholds(PDQ)
    for number, variant in enumerate(asked.variants[PDQ]):
        ids, distances = near.found[PDQ].of(number)
        if variant.view == 0:
            beside.update(ids.tolist())
            continue
        for other, bits in zip(ids.tolist(), distances.tolist(), strict=True):
            at, value = (PDQ, variant.view, bits), hashes.hashes(np.array([other]))[0]
            plain = judge_plain(_POLICY, asked, radii, at, value.tobytes())
            if plain is not None and plain.status is CheckStatus.MATCH:
                moved.add(other)
    for one in near.registration.found if near.registration else ():
        verdict = judge_registered(_POLICY, asked, one)
        if verdict is not None and verdict.status is CheckStatus.MATCH and _within(one):
            (matches if _in_place(one) else moved).add(one.hash_id)
    return matches | (moved - beside)


def _within(one: Registered) -> bool:
    """Whether one of the two pictures is within the other: each has something that the other has
    not where a camera has moved between two shots."""
    sides = one.placement[:4]
    return min(sides) >= -MOST_BEYOND or max(sides) <= MOST_BEYOND


def _in_place(one: Registered) -> bool:
    """Whether the two show the same, as resized copies do."""
    return max(map(abs, one.placement[:4])) <= IN_PLACE


def stars(pairs: Set[tuple[int, int]], ranks: Ids, forbidden: Callable[[int, int], bool]) -> Ids:
    """The head of each row; heads are their own.

    Again and again the row that is a pair with the most free ones takes them all, of equals the
    first in rank. So every one of a star matches its head, and nothing is chained.

    Args:
        ranks: int64 (n,), 0 for the first of equals.
        forbidden: whether a row must not be with a head; if not, it is with it from then on.
    """
    near: dict[int, set[int]] = {}
    for one, other in pairs:
        near.setdefault(one, set()).add(other)
        near.setdefault(other, set()).add(one)
    heads = np.arange(len(ranks))
    free = set(near)
    # Entries are never taken back: one whose number is no longer true is passed over.
    queue = [(-len(others), int(ranks[row]), row) for row, others in near.items()]
    heapq.heapify(queue)
    while queue:
        lacking, rank, row = heapq.heappop(queue)
        now = len(near[row] & free)
        if row not in free or now == 0:
            continue
        if now != -lacking:
            heapq.heappush(queue, (-now, rank, row))
            continue
        free.discard(row)
        for other in sorted(near[row] & free, key=lambda other: int(ranks[other])):
            if not forbidden(other, row):
                heads[other] = row
                free.discard(other)
    return heads
