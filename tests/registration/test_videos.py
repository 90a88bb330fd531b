"""Cropped and framed copies of videos: a few frames are registered as pictures are."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from frame_tracks import fingerprint, stored_hashes
from known_media import record
from registration.edits import Luma, cropped, texture

from hashmatch.database import Database
from hashmatch.fingerprinting import FrameHashes, FrameView, VideoFingerprint, examine_image
from hashmatch.matching import Checker, CheckStatus, Level, MatchPolicy, VideoThresholds
from hashmatch.types import HashValue, MediaKind

N_SHOTS = 8
SHOT_MS = 2_000
CUT = (0.1, 0.08, 0.12, 0.06)


@cache
def shots(first: int) -> tuple[Luma, ...]:
    return tuple(texture(first + number, 180, 240) for number in range(N_SHOTS))


def shown(pictures: tuple[Luma, ...], *, mirrored: bool = False) -> VideoFingerprint:
    """A video with one still picture a shot, hashed once each: pruned, and with views of all."""
    made = [
        examine_image(
            np.ascontiguousarray(one[:, ::-1] if mirrored else one), dihedral=True, views="trims"
        )
        for one in pictures
    ]
    times = np.arange(len(made), dtype=np.int64) * SHOT_MS
    dihedral = np.array(
        [[np.frombuffer(v.value, np.uint8) for v in one.dihedral["pdq"]] for one in made]
    )
    given = FrameHashes(
        times_ms=times,
        numbers=times // 40,
        hashes=dihedral[:, 0],
        qualities=np.array([one.hashes["pdq"].quality for one in made], np.uint8),
        spans_ms=np.full(len(made), SHOT_MS),
        dihedral=dihedral,
    )
    views = tuple(FrameView(place, one.views) for place, one in enumerate(made))
    return fingerprint(given, 0.25, frame_views=views)


@pytest.fixture(scope="module")
def query() -> VideoFingerprint:
    return shown(tuple(cropped(one, *CUT) for one in shots(100)))


@pytest.fixture
def checker(db: Database) -> Checker:
    listed = stored_hashes(shown(shots(100)).frames)
    db.import_records([replace(record("v", None, *listed), kind=MediaKind.VIDEO)], source="List")
    return Checker(db)


def test_a_cropped_copy(checker: Checker, query: VideoFingerprint) -> None:
    result = checker.check_fingerprint(query)
    (match,) = result.matches
    assert (result.status, match.reason) == (CheckStatus.MATCH, None)
    assert match.video is not None
    assert match.video.registered
    assert match.placement is not None
    assert match.adjusted_distance is not None
    assert match.adjusted_distance <= match.threshold == 63
    pair = [HashValue.from_hex("pdq", v) for v in (match.query_value, match.stored_value)]
    assert pair[0].distance(pair[1]) == match.distance
    where = match.placement
    assert (where.left, where.right, where.top, where.bottom) == pytest.approx(CUT, abs=0.03)
    assert match.video.query_percent >= 70
    (segment,) = match.video.segments
    assert abs(segment.offset_ms or 0) <= SHOT_MS
    assert segment.n_frames >= 6
    assert result.n_comparisons > result.n_entries * 8 * N_SHOTS
    again = checker.check_fingerprint(query)
    assert again.matches == result.matches


def test_only_where_the_level_says_so(checker: Checker, query: VideoFingerprint) -> None:
    fast = Checker(checker._db, MatchPolicy(level=Level.FAST)).check_fingerprint(query)
    assert (fast.status, fast.n_variants) == (CheckStatus.NO_MATCH, 8 * N_SHOTS)
    none = MatchPolicy(video=VideoThresholds(max_registered_frames=0))
    assert Checker(checker._db, none).check_fingerprint(query).status is CheckStatus.NO_MATCH


def test_other_pictures_are_not_found(checker: Checker) -> None:
    result = checker.check_fingerprint(shown(tuple(cropped(one, *CUT) for one in shots(300))))
    assert (result.status, result.matches) == (CheckStatus.NO_MATCH, ())


def test_the_budget_is_the_whole_videos(checker: Checker, query: VideoFingerprint) -> None:
    policy = MatchPolicy(max_comparisons=N_SHOTS * N_SHOTS * 100)
    result = Checker(checker._db, policy).check_fingerprint(query)
    plain = 8 * N_SHOTS * result.n_entries  # once, at the wide radius, and of what was found whole
    assert result.n_comparisons <= policy.max_comparisons + 3 * plain
    whole = checker.check_fingerprint(query)
    assert whole.n_comparisons > result.n_comparisons
    assert any("frames:" in gate and "placements" in gate for gate in result.gates)


def test_fewer_frames_are_taken_evenly(checker: Checker, query: VideoFingerprint) -> None:
    policy = MatchPolicy(video=VideoThresholds(max_registered_frames=4))
    result = Checker(checker._db, policy).check_fingerprint(query)
    (match,) = result.matches
    assert match.video is not None
    (segment,) = match.video.segments
    assert segment.n_frames <= 4
    assert segment.query_to_ms - segment.query_from_ms >= N_SHOTS * SHOT_MS / 2


def test_one_frame_is_not_the_whole(checker: Checker, query: VideoFingerprint) -> None:
    policy = MatchPolicy(video=VideoThresholds(max_registered_frames=1))
    (match,) = Checker(checker._db, policy).check_fingerprint(query).matches
    assert (match.status, match.reason) == (CheckStatus.POSSIBLE, "a single frame agrees")
    # Unless all that the query shows is one picture.
    still = shown(tuple(cropped(shots(100)[2], *CUT) for _ in range(4)))
    (match,) = Checker(checker._db, policy).check_fingerprint(still).matches
    assert match.status is CheckStatus.MATCH


def test_a_known_picture_cropped_within_a_video(db: Database, query: VideoFingerprint) -> None:
    """One frame is enough for a picture, at a picture's strength."""
    (value, *_) = stored_hashes(shown(shots(100)[3:4]).frames, times=False, numbers=False)
    db.import_records([replace(record("p", None, value), kind=MediaKind.IMAGE)], source="List")
    result = Checker(db).check_fingerprint(query)
    (match,) = result.matches
    assert match.status is CheckStatus.MATCH
    assert match.video is not None
    (segment,) = match.video.segments
    assert segment.query_from_ms == 3 * SHOT_MS


def test_what_plain_frames_settle_is_not_registered(checker: Checker) -> None:
    result = checker.check_fingerprint(shown(shots(100)))
    assert result.status is CheckStatus.MATCH
    assert result.n_comparisons == 8 * N_SHOTS * result.n_entries
