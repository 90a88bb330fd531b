"""Hashes with an abnormal number of neighbours: counted exactly, listed, and never matched."""

from __future__ import annotations

import numpy as np
import pytest
from database.samples import digests, record
from numpy.typing import NDArray

import hashmatch.database.segments.crowded as crowded
from hashmatch.database import Database, HashLookup
from hashmatch.database.segments.crowded import (
    crowd_limit,
    find_crowd,
    follow_crowd,
    neighbour_radius,
)
from hashmatch.database.segments.manifest import Crowd, Ids
from hashmatch.index import HammingIndex
from hashmatch.types import HashRecord, HashValue

Values = NDArray[np.uint8]
LIMIT = 40


def near(rng: np.random.Generator, centre: Values, count: int, most: int) -> Values:
    """Copies of a value with up to ``most`` bits turned."""
    bits = np.repeat(np.unpackbits(centre)[None], count, axis=0)
    for row in bits:
        row[rng.choice(bits.shape[1], rng.integers(0, most + 1), replace=False)] ^= 1
    return np.packbits(bits, axis=1)


def base_of(rng: np.random.Generator, noise: int, frames: int, bits: int = 256) -> Values:
    """Unrelated values, a crowd of black frames, and as many copies of one white page."""
    n_bytes = bits // 8
    radius = neighbour_radius(bits)
    black = near(rng, rng.integers(0, 256, n_bytes, dtype=np.uint8), frames, radius * 2 // 3)
    white = np.repeat(rng.integers(0, 256, (1, n_bytes), dtype=np.uint8), frames, axis=0)
    unrelated = rng.integers(0, 256, (noise, n_bytes), dtype=np.uint8)
    return np.concatenate([unrelated, black, white])


def indexed(values: Values, ids: Ids) -> HammingIndex:
    index = HammingIndex(values.shape[1] * 8)
    if len(ids):
        index.add(values, ids)
    return index


def expected(values: Values, ids: Ids, media: dict[int, int], limit: int) -> dict[int, int]:
    """By the definition: other media within the radius of each, where they are too many."""
    bits = np.unpackbits(values, axis=1).astype(np.float32)
    ones = bits.sum(axis=1)
    distances = ones[:, None] + ones[None] - 2 * (bits @ bits.T)
    close = distances <= neighbour_radius(values.shape[1] * 8)
    belongs = np.array([media[number] for number in ids.tolist()])
    found = {}
    for place, number in enumerate(ids.tolist()):
        others = set(belongs[close[place]].tolist()) - {media[number]}
        if len(others) > limit:
            found[number] = len(others)
    return found


def told(crowd: Crowd) -> dict[int, int]:
    return dict(zip(crowd.excluded.tolist(), crowd.excluded_counts.tolist(), strict=True))


@pytest.mark.parametrize("bits", [64, 256])
@pytest.mark.parametrize("per_media", [1, 3])
@pytest.mark.parametrize("frames", [30, 41, 60, 300])
def test_counts_are_exact(bits: int, per_media: int, frames: int) -> None:
    rng = np.random.default_rng(frames)
    values = base_of(rng, 2000, frames, bits)
    ids = rng.permutation(len(values) * 2)[: len(values)].astype(np.int64)
    media = {number: place // per_media for place, number in enumerate(ids.tolist())}

    def media_of(wanted: Ids) -> Ids:
        return np.array([media[number] for number in wanted.tolist()], dtype=np.int64)

    crowd = find_crowd(indexed(values, ids), LIMIT, media_of)
    assert told(crowd) == expected(values, ids, media, LIMIT)
    assert bool(told(crowd)) == (frames // per_media - 1 > LIMIT)


def test_the_order_of_additions_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    values = base_of(rng, 1500, 120)
    keys = [bytes(value) for value in values]
    found = []
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(values))
        ids = np.arange(len(values), dtype=np.int64)
        index = HammingIndex(256)
        for some in np.array_split(order, seed + 1):
            index.add(values[some], ids[some])
        found.append(told(find_crowd(index, LIMIT, lambda wanted: wanted)))
    assert found[0] == found[1] == found[2]
    assert {keys[number] for number in found[0]} == set(keys[1500:])


@pytest.mark.parametrize("seed", range(6))
def test_following_changes_gives_what_counting_anew_gives(seed: int) -> None:
    rng = np.random.default_rng(seed)
    centre = rng.integers(0, 256, 32, dtype=np.uint8)
    values = np.concatenate(
        [rng.integers(0, 256, (1200, 32), dtype=np.uint8), near(rng, centre, 30, 12)]
    )
    ids = np.arange(len(values), dtype=np.int64)
    index = indexed(values, ids)
    crowd = find_crowd(index, LIMIT, lambda wanted: wanted)
    held = dict(zip(ids.tolist(), values, strict=True))
    next_id, crossed = len(ids), 0
    for _ in range(14):
        fresh = np.concatenate(
            [
                near(rng, centre, int(rng.integers(4, 18)), 12),
                rng.integers(0, 256, (20, 32), dtype=np.uint8),
            ]
        )
        added = np.arange(next_id, next_id + len(fresh), dtype=np.int64)
        next_id += len(fresh)
        gone = rng.choice(sorted(held), 15, replace=False).astype(np.int64)
        if rng.random() < 0.25:  # most of the crowd goes at once
            crowding = [n for n, v in held.items() if _distance(v, centre) <= 12]
            gone = np.union1d(gone, rng.permutation(crowding)[: len(crowding) * 2 // 3])
        removed = index.hashes(gone)
        index.remove(gone)
        index.add(fresh, added)
        for number in gone.tolist():
            del held[number]
        held.update(zip(added.tolist(), fresh, strict=True))
        crowd = follow_crowd(index, crowd, added, removed, LIMIT, lambda wanted: wanted)
        wanted = told(find_crowd(index, LIMIT, lambda wanted: wanted))
        assert told(crowd) == wanted
        crossed += bool(wanted)
    assert 0 < crossed < 14


def _distance(a: Values, b: Values) -> int:
    return int(np.unpackbits(a ^ b).sum())


def test_many_hashes_of_one_medium_are_no_crowd() -> None:
    """A video that stands still has a thousand like frames, and is one medium."""
    rng = np.random.default_rng(1)
    values = near(rng, rng.integers(0, 256, 32, dtype=np.uint8), 300, 10)
    ids = np.arange(300, dtype=np.int64)
    crowd = find_crowd(indexed(values, ids), LIMIT, lambda wanted: np.zeros_like(wanted))
    assert told(crowd) == {}
    # They stay on the list: were they separated into media, they would be one.
    assert len(crowd.ids) == 300


def test_the_limit() -> None:
    assert crowd_limit(0) == crowd_limit(1_000_999) == 1000
    assert crowd_limit(5_000_000) == 5000
    assert (neighbour_radius(256), neighbour_radius(64)) == (31, 7)


def listed(values: Values, first: int) -> list[HashRecord]:
    return [
        record(
            str(number),
            of=digests(md5=number),
            hashes=(HashValue("pdq", bytes(value), 100),),
        )
        for number, value in enumerate(values, first)
    ]


@pytest.mark.parametrize("is_published", [False, True])
def test_they_are_stored_and_not_matched(
    db: Database, monkeypatch: pytest.MonkeyPatch, is_published: bool
) -> None:
    monkeypatch.setattr(crowded, "LEAST_LIMIT", LIMIT)
    rng = np.random.default_rng(3)
    centre = rng.integers(0, 256, 32, dtype=np.uint8)
    noise = rng.integers(0, 256, (500, 32), dtype=np.uint8)
    db.import_records(listed(noise, 0), source="s")
    lookup = HashLookup(db)
    lookup.catch_up()
    db.import_records(listed(near(rng, centre, 35, 8), 1000), source="s")
    if is_published:
        db.publish_index()
    lookup.catch_up()
    assert len(lookup.range_search(centre[None], 31).ids) == 35  # not too many yet
    db.import_records(listed(near(rng, centre, 20, 8), 2000), source="s")
    if is_published:
        assert db.publish_index().crowded == {"pdq": 55}
        assert db.verify_index().difference is None
        found = list(db.crowded_hashes())
        assert len({one.hash_id for one in found}) == 55
        assert {one.neighbours for one in found} == {54}
        assert {one.algorithm for one in found} == {"pdq"}
    new = HashLookup(db)
    for one in (lookup, new):
        one.catch_up()
        assert (len(one), one.n_excluded) == (500, 55)
        assert len(one.range_search(centre[None], 31).ids) == 0
        both = one.range_search(np.stack([noise[3], centre, noise[4]]), 0)
        assert both.offsets.tolist() == [0, 1, 1, 2]
    for number in range(2000, 2018):
        db.withdraw(source="s", record_key=str(number))
    if is_published:
        assert db.publish_index().crowded == {"pdq": 0}
    for one in (lookup, new):
        one.catch_up()
        assert (len(one), one.n_excluded) == (537, 0)
        assert len(one.range_search(centre[None], 31).ids) == 37
