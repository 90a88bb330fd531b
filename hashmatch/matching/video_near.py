"""Stored hashes that are near to frames of a query: plain, and by registration of a few frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hashmatch.database import HashesAt
from hashmatch.fingerprinting import FrameView
from hashmatch.hashing import ORIENTATIONS
from hashmatch.matching.judging import judge_plain, judge_registered, own_radii
from hashmatch.matching.placement import Placement
from hashmatch.matching.policy import MatchPolicy
from hashmatch.matching.question import Question, question_of
from hashmatch.matching.registered import placement_of
from hashmatch.matching.result import CheckStatus
from hashmatch.matching.search import Near, near_entries
from hashmatch.matching.thresholds import PDQ
from hashmatch.matching.video_question import VideoQuestion
from hashmatch.matching.widening import widened
from hashmatch.types import Digests, HashValue

MOST_HITS = 400_000
"""Pairs of frames that one check looks at: a bound for entries and queries made to be near each
other."""

TURNED_EVERY_MS = 250
"""Of the frames of so many milliseconds only the first is compared in other orientations."""

Ints = NDArray[np.int64]


class PlacedFrame(NamedTuple):
    """As of a picture's match; without a placement where the frame is near as it is."""

    query_value: str
    placement: Placement | None = None
    adjusted_distance: float | None = None
    refined_from: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FramesNear:
    """Pairs of a query frame and a stored hash.

    Attributes:
        frames: (n,) places of the query's frames; ``variants``: which of its hashes.
        hash_ids: (n,) of the stored hashes.
        distances: (n,) bits; of registered frames as registered.
        confident: (n,) whether the pair alone would be a match of pictures.
        n_entries, n_excluded: hashes that were compared with, or were left out as crowded.
        n_variants, n_comparisons: forms of frames, and comparisons of one with one entry.
        gates: limits that were reached, in words.
        registered: whether these are of registered frames.
        placed: of frames that were tried as pictures, by the frame's place and the stored hash's
            id: what of it was near.
    """

    frames: Ints
    variants: Ints
    hash_ids: Ints
    distances: Ints
    confident: NDArray[np.bool_]
    n_entries: int = 0
    n_excluded: int = 0
    n_variants: int = 0
    n_comparisons: int = 0
    gates: tuple[str, ...] = ()
    registered: bool = False
    placed: Mapping[tuple[int, int], PlacedFrame] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.hash_ids)

    def kept(self, which: NDArray[np.bool_] | Ints) -> FramesNear:
        """Some of them."""
        return replace(
            self,
            frames=self.frames[which],
            variants=self.variants[which],
            hash_ids=self.hash_ids[which],
            distances=self.distances[which],
            confident=self.confident[which],
        )


def plain_near(hashes: HashesAt | None, question: VideoQuestion, policy: MatchPolicy) -> FramesNear:
    """Every stored hash within the policy's radius of a frame, in all its orientations."""
    places = question.compared
    if hashes is None or not len(places):
        return _none(0 if hashes is None else hashes.n_excluded)
    frames, variants = _asked(question, places)
    queries = np.ascontiguousarray(question.hashes[frames, variants])
    radius, gates = policy.review_max_distance, []
    found = hashes.range_search(queries, radius)
    if len(found.ids) > MOST_HITS:
        radius = max(int(np.partition(found.distances, MOST_HITS)[MOST_HITS]) - 1, 0)
        gates.append(f"{len(found.ids)} pairs of frames are near: those within {radius} bits count")
        kept = found.distances <= radius
    else:
        kept = np.ones(len(found.ids), np.bool_)
    rows = np.repeat(np.arange(len(queries)), np.diff(found.offsets))[kept]
    distances = found.distances[kept].astype(np.int64)
    return FramesNear(
        frames=frames[rows],
        variants=variants[rows],
        hash_ids=found.ids[kept],
        distances=distances,
        confident=distances <= _confident_radii(hashes, found.ids[kept], policy),
        n_entries=len(hashes),
        n_excluded=hashes.n_excluded,
        n_variants=len(queries),
        n_comparisons=len(queries) * len(hashes),
        gates=tuple(gates),
    )


def registered_near(
    hashes: HashesAt | None, question: VideoQuestion, policy: MatchPolicy
) -> FramesNear:
    """What each of the question's views is near to when it is tried as a picture is: at the wide
    radius, and registered. They share the policy's budget."""
    if hashes is None or not question.views:
        return _none(0)
    share = replace(policy, max_comparisons=policy.max_comparisons // len(question.views))
    pairs: dict[tuple[int, int], tuple[int, int, bool]] = {}
    placed: dict[tuple[int, int], PlacedFrame] = {}
    n_variants = n_comparisons = 0
    gates: dict[str, int] = {}
    for one in question.views:
        asked = _picture_of(question, one, share)
        near = widened(near_entries(0, {PDQ: hashes}, asked, share), hashes, asked, share)
        n_variants += len(asked.variants[PDQ])
        n_comparisons += near.n_comparisons(asked)
        for gate in (*near.gates, *(near.registration.gates if near.registration else ())):
            gates[gate] = gates.get(gate, 0) + 1
        for hash_id, orientation, distance, status, how in _verdicts(near, hashes, asked, share):
            found = (distance, orientation, status is CheckStatus.MATCH)
            key = (one.frame, hash_id)
            known = pairs.get(key)
            if known is None or (not found[2], found) < (not known[2], known):
                pairs[key] = found
                placed[key] = how
    keys = sorted(pairs)
    values = [pairs[key] for key in keys]
    return FramesNear(
        frames=np.array([frame for frame, _ in keys], np.int64),
        variants=np.array([value[1] for value in values], np.int64),
        hash_ids=np.array([hash_id for _, hash_id in keys], np.int64),
        distances=np.array([value[0] for value in values], np.int64),
        confident=np.array([value[2] for value in values], np.bool_),
        n_entries=len(hashes),
        n_excluded=hashes.n_excluded,
        n_variants=n_variants,
        n_comparisons=n_comparisons,
        gates=tuple(f"{n} frames: {gate}" for gate, n in sorted(gates.items())),
        registered=True,
        placed=placed,
    )


def _asked(question: VideoQuestion, places: Ints) -> tuple[Ints, Ints]:
    """Frame and variant of each query: every frame upright, a few a second in the other
    orientations. What is found so is looked at with every frame (``video_widening``)."""
    parts = question.line.times[places] // TURNED_EVERY_MS
    apart = np.ones(len(places), np.bool_)
    apart[1:] = np.diff(parts) > 0
    forms = np.arange(question.hashes.shape[1])
    upright = forms % question.n_turned == 0
    asked = apart[:, None] | upright[None]
    rows, variants = np.nonzero(asked)
    return places[rows], variants.astype(np.int64)


def _confident_radii(hashes: HashesAt, ids: Ints, policy: MatchPolicy) -> Ints:
    """Bits up to which each of these is a match: as of pictures, hashes that attract have less."""
    distinct, of_id = np.unique(ids, return_inverse=True)
    radii = np.full(len(distinct), policy.max_distance, np.int64)
    if policy.level.registers and len(distinct):
        radii = np.minimum(radii, own_radii(policy, hashes.hashes(distinct)))
    return radii[of_id]


def _picture_of(question: VideoQuestion, one: FrameView, policy: MatchPolicy) -> Question:
    """The frame as a picture, with its borders and bars and without them."""
    quality = int(question.qualities[one.frame])
    values = tuple(
        HashValue(PDQ, row.tobytes(), quality)
        for row in question.hashes[one.frame, : question.n_turned]
    )
    return question_of(policy, Digests(), {PDQ: values[0]}, {PDQ: values}, views=one.views)


def _verdicts(
    near: Near, hashes: HashesAt, asked: Question, policy: MatchPolicy
) -> Iterator[tuple[int, int, int, CheckStatus, PlacedFrame]]:
    """Id, orientation, bits and verdict of every pair that is near enough."""
    radii, found = policy.thresholds(PDQ), near.found[PDQ]
    for number, variant in enumerate(asked.variants[PDQ]):
        ids, distances = found.of(number)
        for hash_id, bits, stored in zip(
            ids.tolist(), distances.tolist(), hashes.hashes(ids), strict=True
        ):
            at = (PDQ, variant.view, bits)
            verdict = judge_plain(policy, asked, radii, at, stored.tobytes())
            if verdict is not None:
                how = PlacedFrame(variant.hash.hex)
                yield hash_id, ORIENTATIONS.index(variant.name), bits, verdict.status, how
    for one in near.registration.found if near.registration else ():
        verdict = judge_registered(policy, asked, one)
        if verdict is not None:
            how = PlacedFrame(
                one.query.hex(), placement_of(asked, one), round(one.adjusted, 2), one.coarse
            )
            yield one.hash_id, one.orientation, one.distance, verdict.status, how


def _none(n_excluded: int) -> FramesNear:
    nothing = np.empty(0, np.int64)
    return FramesNear(
        nothing, nothing, nothing, nothing, np.empty(0, np.bool_), n_excluded=n_excluded
    )
