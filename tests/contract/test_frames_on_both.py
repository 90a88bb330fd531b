"""Frames of videos as arrays, and checks of videos, are the same on both systems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from database.samples import digests, pdq, photodna, record
from frame_tracks import Film, fingerprint, frames, stored_hashes

from hashmatch.database import Database, HashLookup, SnapshotView, StoredFrames
from hashmatch.matching import Checker, CheckStatus
from hashmatch.types import HashValue


def ids_of(database: Database, *values: HashValue) -> np.ndarray:
    lookup = HashLookup(database)
    lookup.catch_up()
    queries = np.array([np.frombuffer(value.value, np.uint8) for value in values])
    return lookup.range_search(queries, 0).ids


def rows_of(found: StoredFrames) -> list[tuple[object, ...]]:
    """Without ids, which each system gives as it likes."""
    columns = (
        [row.tobytes() for row in found.values],
        found.qualities.tolist(),
        found.numbers.tolist(),
        [None if np.isnan(time) else time for time in found.times_s],
        found.matchable.tolist(),
    )
    return sorted(zip(*columns, strict=True), key=repr)


def seen(view: SnapshotView, ids: np.ndarray) -> tuple[StoredFrames, StoredFrames]:
    hit = view.frames_of_hashes(ids)
    return hit, view.frames_of_statements(hit.statement_ids)


def test_what_hits_stand_for(database: Database) -> None:
    value = pdq(1, 90)
    film = (
        replace(value, frame=0, time_s=0.0),
        replace(pdq(2, None), frame=30, time_s=1.001),
        replace(pdq(3, 20), frame=60, time_s=2.002),
        replace(pdq(4, 80), frame=None, time_s=2.5),
        pdq(5, 70),
        photodna(1),
    )
    database.import_records([record("v", of=digests(md5=1), hashes=film)], source="s")
    database.import_records([record("w", of=digests(md5=2), hashes=(value,))], source="s")
    with database.snapshot() as view:
        hit, all_of_them = seen(view, ids_of(database, value, value))
        assert hit.hash_ids.tolist() == sorted(set(hit.hash_ids.tolist()))
        assert rows_of(hit) == sorted(
            [(value.value, 90, 0, 0.0, True), (value.value, 90, -1, None, True)], key=repr
        )
        assert len(set(hit.media_ids.tolist())) == 2
        assert rows_of(all_of_them) == sorted(
            [
                (value.value, 90, -1, None, True),
                (value.value, 90, 0, 0.0, True),
                (pdq(2).value, -1, 30, 1.001, True),
                (pdq(3).value, 20, 60, 2.002, False),
                (pdq(4).value, 80, -1, 2.5, True),
                (pdq(5).value, 70, -1, None, True),
            ],
            key=repr,
        )
        assert len(view.frames_of_hashes(hit.hash_ids, "photodna")) == 0
        assert view.frames_of_statements(hit.statement_ids, "photodna").values.shape == (1, 144)
        assert len(view.frames_of_hashes(np.array([10**12]))) == 0
        nothing = view.frames_of_statements(np.empty(0, np.int64))
        assert (len(nothing), nothing.values.shape) == (0, (0, 32))
        some = all_of_them.of(all_of_them.numbers >= 30)
        assert (len(some), some.times_s.tolist()) == (2, [1.001, 2.002])


def test_at_the_views_revision(database: Database) -> None:
    """What is withdrawn is gone, and was there before; a hash follows its statement's media."""
    film = tuple(replace(pdq(n, 90), frame=n, time_s=float(n)) for n in range(1, 40))
    database.import_records([record("v", of=digests(md5=1), hashes=film)], source="s")
    ids = ids_of(database, *film)
    with database.snapshot() as view:
        before = rows_of(seen(view, ids)[1])
        media = set(view.frames_of_hashes(ids).media_ids.tolist())
    database.withdraw(source="s", record_key="v")
    with database.snapshot() as view:
        assert [len(found) for found in seen(view, ids)] == [0, 0]
    with database.snapshot(as_of=1) as view:
        hit, all_of_them = seen(view, ids)
        assert (rows_of(all_of_them), len(hit)) == (before, len(film))
        assert set(hit.media_ids.tolist()) == media


def test_thousands_at_once(database: Database) -> None:
    film = frames(Film(1, length_ms=200_000), interval_ms=40)
    database.import_records([record("v", hashes=stored_hashes(film))], source="s")
    with database.snapshot() as view:
        found = view.frames_of_statements(np.array([1]))
        ids = np.concatenate([found.hash_ids, found.hash_ids])
        again = view.frames_of_hashes(ids)
    assert len(found) == len(again) == 5000
    assert sorted(again.numbers.tolist()) == film.numbers.tolist()


def test_a_check_of_a_video(open_new: Callable[..., Database]) -> None:
    database = open_new()
    listed = stored_hashes(frames(Film(1), interval_ms=1000))
    database.import_records([record("v", hashes=listed)], source="s")
    shown = fingerprint(frames(Film(1), interval_ms=250, start=4_000, noise=6), 0.25)
    result = Checker(database).check_fingerprint(shown)
    (match,) = result.matches
    assert (result.status, match.video is not None) == (CheckStatus.MATCH, True)
    assert match.video is not None
    (segment,) = match.video.segments
    assert abs((segment.offset_ms or 0) - 4_000) <= 1000
