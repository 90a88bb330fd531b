"""Which parts of a query are which parts of a stored video: planted, and found again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from frame_tracks import Film, frames, joined, made, noisy, pruned
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.fingerprinting import FrameHashes
from hashmatch.matching.video_runs import MOST_RUNS, FrameHits, runs_of
from hashmatch.matching.video_timeline import Timeline, is_one_picture, n_distinct, timeline
from hashmatch.matching.video_votes import Votes, tolerance_of, votes_of

FILM = Film(1)
OTHER = Film(2, length_ms=40_000)


def length_of(shown: FrameHashes) -> int:
    return int(shown.times_ms[-1] + shown.spans_ms[-1])


def line_of(
    given_frames: FrameHashes, interval_ms: float | None, *, spans: bool = True
) -> Timeline:
    return timeline(
        given_frames.times_ms.astype(np.float64),
        given_frames.spans_ms.astype(np.float64) if spans else None,
        given_frames.qualities >= 50,
        interval_ms,
    )


def hits_of(query: FrameHashes, stored: FrameHashes, radius: int = 31) -> FrameHits:
    bits = np.bitwise_count(query.hashes[:, None] ^ stored.hashes[None]).sum(axis=2)
    informative = (query.qualities >= 50)[:, None] & (stored.qualities >= 50)[None]
    q, s = np.nonzero((bits <= radius) & informative)
    return FrameHits(q, s, np.zeros(len(q), np.int64), bits[q, s].astype(np.int64))


def votes(query: FrameHashes, stored: FrameHashes, interval_ms: float = 250) -> Votes:
    """As a check does it: of the query the spans are known, of the stored video only times."""
    mine, theirs = line_of(query, interval_ms), line_of(stored, None, spans=False)
    return votes_of(hits_of(query, stored), mine, theirs)


@settings(max_examples=30)
@given(
    start=st.integers(0, 20_000),
    length=st.integers(6_000, 30_000),
    before=st.integers(0, 8_000),
    phase=st.integers(0, 900),
    stored_ms=st.sampled_from([40, 200, 1000]),
    noise=st.integers(0, 12),
    moving=st.sampled_from([0, 12, 40]),
)
def test_a_planted_clip_is_found_where_it_is(
    start: int, length: int, before: int, phase: int, stored_ms: int, noise: int, moving: int
) -> None:
    film = replace(FILM, moving=moving, length_ms=40_000)
    end = min(start + length, film.length_ms)
    # A stored video of 40 ms steps is as dear as a short one.
    last = film.length_ms if stored_ms > 40 else min(end + 2000, film.length_ms)
    stored = frames(film, interval_ms=stored_ms, phase=phase % stored_ms, end=last)
    clip = frames(film, interval_ms=250, start=start, end=min(end, last), noise=noise)
    query = joined(*([frames(OTHER, interval_ms=250, end=before)] if before >= 250 else []), clip)
    ahead = int(query.times_ms[-1] + query.spans_ms[-1]) - int(
        clip.times_ms[-1] + clip.spans_ms[-1]
    )
    (found,) = votes(query, stored).segments
    step = max(stored_ms, 250)
    assert found.speed == 1.0
    assert abs(found.offset - (start - ahead)) <= step
    # Beyond the last stored sample of a scene nothing agrees that moved on.
    assert abs(found.query_from - ahead) <= 2 * step
    assert abs(found.query_to - (ahead + min(end, last) - start)) <= 2 * step
    assert abs(found.stored_from - start) <= 3 * step
    assert len(found.frames) >= 0.6 * len(clip)


@settings(max_examples=20)
@given(
    speed=st.sampled_from([0.8, 0.9, 24 / 25, 25 / 24, 1.1, 1.25]),
    start=st.integers(0, 10_000),
    moving=st.sampled_from([12, 24]),
)
def test_a_faster_or_slower_copy(speed: float, start: int, moving: int) -> None:
    film = replace(FILM, length_ms=60_000, moving=moving)
    stored = frames(film, interval_ms=1000, phase=300)
    found = votes(frames(film, interval_ms=250, start=start, speed=speed), stored).segments
    assert sum(len(one.frames) for one in found) >= 0.9 * (60_000 - start) / speed / 250
    longest = max(found, key=lambda one: len(one.frames))
    # A scene that hardly moves runs along at either speed, if they differ by little.
    assert longest.speed == pytest.approx(speed, abs=0.045)
    assert longest.stored_to - longest.stored_from == pytest.approx(
        speed * (longest.query_to - longest.query_from), rel=0.05
    )


def test_re_cuts_insertions_and_repeats_are_segments_of_their_own() -> None:
    stored = frames(FILM, interval_ms=1000)
    parts = [(15_000, 22_000), (1_000, 8_000), (15_000, 22_000)]
    cut = [frames(FILM, interval_ms=250, start=a, end=b) for a, b in parts]
    between = frames(OTHER, interval_ms=250, end=5_000)
    found = votes(joined(cut[0], between, cut[1], cut[2]), stored).segments
    assert [round(one.query_from, -3) for one in found] == [0, 12_000, 19_000]
    for one, (start, end) in zip(found, parts, strict=True):
        assert (one.stored_from, one.stored_to) == pytest.approx((start, end), abs=1000)


def test_unrelated_films_agree_on_nothing() -> None:
    found = votes(frames(OTHER, interval_ms=250), frames(FILM, interval_ms=1000))
    assert found == Votes((), ())


@pytest.mark.parametrize("interval_ms", [250, 1000])
def test_the_same_frames_in_another_order_are_no_long_segment(interval_ms: int) -> None:
    """V09: order and timing count."""
    film = replace(FILM, length_ms=120_000)
    stored = frames(film, interval_ms=1000)
    query = frames(film, interval_ms=interval_ms)
    shuffled = np.random.default_rng(5).permutation(len(query))
    found = votes(replace(query, hashes=query.hashes[shuffled]), stored, interval_ms)
    long = [one for one in found.segments if len(one.frames) >= 3]
    assert sum(one.query_to - one.query_from for one in long) <= 0.1 * 120_000
    backwards = votes(replace(query, hashes=query.hashes[::-1].copy()), stored, interval_ms)
    # A scene of which only slow movement is reversed still agrees, one scene at a time.
    assert all(one.query_to - one.query_from <= 8_000 for one in backwards.segments)


@settings(max_examples=15)
@given(seed=st.integers(0, 1000))
def test_the_order_of_hits_does_not_count(seed: int) -> None:
    stored = frames(FILM, interval_ms=200)
    query = joined(
        frames(FILM, interval_ms=250, start=9_000, end=15_000, speed=1.2, noise=6),
        frames(FILM, interval_ms=250, end=8_000),
    )
    hits = hits_of(query, stored)
    mine, theirs = line_of(query, 250), line_of(stored, None, spans=False)
    order = np.random.default_rng(seed).permutation(len(hits))
    mixed = FrameHits(
        hits.query[order], hits.stored[order], hits.orientations[order], hits.distances[order]
    )
    assert votes_of(mixed, mine, theirs) == votes_of(hits, mine, theirs)


def test_frames_that_say_nothing_do_not_interrupt_a_segment() -> None:
    query, stored = frames(FILM, interval_ms=250), frames(FILM, interval_ms=1000)
    dark = (query.times_ms >= 10_000) & (query.times_ms < 16_000)
    dimmed = replace(query, qualities=np.where(dark, 0, 90).astype(np.uint8))
    (found,) = votes(dimmed, stored).segments
    assert (found.query_from, found.query_to) == pytest.approx((0, 30_000), abs=500)
    line = line_of(dimmed, 250)
    within = line.informative_within([(found.query_from, found.query_to)])
    assert within == pytest.approx(24_000, abs=500)
    # Frames of another film in their place do.
    other = replace(
        query,
        hashes=np.where(dark[:, None], OTHER.at(query.times_ms.astype(np.float64)), query.hashes),
    )
    assert len(votes(other, stored).segments) == 2


def test_a_pruned_query_stands_for_the_frames_that_were_left_out() -> None:
    film = replace(FILM, moving=0)
    query = pruned(frames(film, interval_ms=250, start=2_000), 6)
    assert len(query) == 8
    (found,) = votes(query, frames(film, interval_ms=1000)).segments
    assert len(found.frames) == 8
    assert (found.query_from, found.query_to) == pytest.approx((0, 28_000), abs=1000)
    assert (found.stored_from, found.stored_to) == pytest.approx((2_000, 30_000), abs=1000)


def test_a_scene_that_stands_still_is_few_runs() -> None:
    """Every frame of one is near to every frame of the other: a million pairs, a thousand runs."""
    still = Film(3, length_ms=40_000, scene_ms=40_000, moving=0)
    query, stored = frames(still, interval_ms=40), frames(still, interval_ms=40)
    hits = hits_of(query, stored)
    assert len(hits) == 1_000_000
    mine, theirs = line_of(query, 40), line_of(stored, None, spans=False)
    runs = runs_of(hits, mine, theirs, tolerance_of(mine, theirs))
    assert len(runs) == 1000
    (found,) = votes_of(hits, mine, theirs).segments
    assert (found.offset, found.query_from, found.query_to) == (0.0, 0.0, 40_000.0)
    # Flicker at the radius makes many runs of it; a bounded number of them votes.
    kept = (hits.query + hits.stored) % 2 == 0
    flickering = FrameHits(
        hits.query[kept], hits.stored[kept], hits.orientations[kept], hits.distances[kept]
    )
    runs = runs_of(flickering, mine, theirs, tolerance_of(mine, theirs))
    assert len(runs) == 1000 * MOST_RUNS


def test_distinct_frames() -> None:
    hashes = FILM.at(np.array([0.0, 100.0, 200.0, 4_000.0, 4_100.0, 100.0]))
    assert n_distinct(hashes) == 3
    assert n_distinct(hashes[:0]) == 0
    assert (is_one_picture(hashes[:3]), is_one_picture(hashes), is_one_picture(hashes[:0])) == (
        True,
        False,
        False,
    )
    assert is_one_picture(noisy(np.repeat(hashes[:1], 9, axis=0), 6))


def test_spans_of_a_list_are_bounded() -> None:
    """A list that leaves out what says nothing has gaps, and no frame stands for all of one."""
    times = np.array([0.0, 1000.0, 2000.0, 60_000.0, 61_000.0])
    line = timeline(times, None, np.ones(5, np.bool_))
    assert line.spans.tolist() == [1000, 1000, 8000, 1000, 1000]
    assert line.informative_ms == 12_000
    assert line.informative_within([(500, 1500), (1000, 3000), (60_500, 90_000)]) == 4000
    assert line.informative_before(np.array([0.0, 500.0, 2500.0, 70_000.0])).tolist() == [
        *(0, 500, 2500),
        12_000,
    ]


def test_two_votes_of_one_frame_are_one() -> None:
    """Frames that are near to two scenes do not pull the offset between them."""
    stored = made(np.arange(0, 6000, 250.0), FILM.at(np.arange(0, 6000, 250.0)), 250)
    (found,) = votes(stored, stored).segments
    assert (found.offset, found.query_from, found.query_to) == (0.0, 0.0, 6000.0)
