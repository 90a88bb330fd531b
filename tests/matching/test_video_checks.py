"""A video against the database: which answer, and why."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from frame_tracks import Film, fingerprint, frames, joined, made, noisy, stored_hashes
from known_media import digests_of, flipped, record

from hashmatch.database import Database
from hashmatch.fingerprinting import FingerprintStatus, FrameHashes, VideoFingerprint
from hashmatch.matching import (
    Alert,
    Checker,
    CheckRequest,
    CheckResult,
    CheckStatus,
    Level,
    MatchKind,
    MatchPolicy,
    VideoThresholds,
)
from hashmatch.matching.variants import turned_rows
from hashmatch.types import HashRecord, HashValue, MediaKind

KNOWN = Film(1)
OTHER = Film(2, length_ms=60_000)
LISTED = frames(KNOWN, interval_ms=1000, phase=340)


def video(key: str, hashes: tuple[HashValue, ...], **more: Any) -> HashRecord:
    return replace(record(key, None, *hashes), kind=MediaKind.VIDEO, **more)


@pytest.fixture
def checker(db: Database) -> Checker:
    """Of a database that knows one video, by a frame a second with times."""
    db.import_records([video("known", stored_hashes(LISTED))], source="List")
    return Checker(db)


def check(checker: Checker, shown: FrameHashes, interval_s: float = 0.25) -> CheckResult:
    return checker.check_fingerprint(fingerprint(shown, interval_s))


def only_match(result: CheckResult) -> Any:
    (match,) = result.matches
    assert match.kind is MatchKind.FRAMES
    assert (result.status, result.alert) == (match.status, match.alert)
    return match


def test_a_copy(checker: Checker) -> None:
    result = check(checker, frames(KNOWN, interval_ms=250, noise=8))
    match = only_match(result)
    assert (match.status, match.alert, match.reason) == (CheckStatus.MATCH, Alert.NATIONAL, None)
    assert (match.algorithm, match.variant, match.threshold) == ("pdq", "original", 31)
    assert 0 < match.distance <= 31
    pair = [HashValue.from_hex("pdq", v) for v in (match.query_value, match.stored_value)]
    assert pair[0].distance(pair[1]) == match.distance
    assert (match.query_quality, match.stored_quality, match.asserted_by) == (90, 90, "List")
    at = LISTED.numbers.tolist().index(match.stored_frame)
    assert match.stored_time_s * 1000 == LISTED.times_ms[at]
    assert abs(match.query_time_ms - LISTED.times_ms[at]) <= 1250
    video = match.video
    assert (video.clock, video.registered, video.n_stored) == ("times", False, len(LISTED))
    assert video.query_percent == 100
    assert video.stored_percent > 95
    (segment,) = video.segments
    assert (segment.query_from_ms, segment.query_to_ms) == (0, 30_000)
    assert abs(segment.offset_ms) <= 1000
    assert (result.n_variants, result.n_entries) == (8 * 120, len(LISTED))
    assert result.fingerprint is not None
    assert result.query == ()


@pytest.mark.parametrize("start", [0, 7_300, 24_900])
def test_a_clip_of_five_seconds(checker: Checker, start: int) -> None:
    match = only_match(
        check(checker, frames(KNOWN, interval_ms=250, start=start, end=start + 5000, noise=6))
    )
    assert match.status is CheckStatus.MATCH
    assert match.video.query_percent > 90
    assert match.video.stored_percent < 30
    (segment,) = match.video.segments
    assert abs(segment.offset_ms - start) <= 1000


def test_a_known_clip_in_a_film_of_ten_minutes(db: Database) -> None:
    clip = frames(KNOWN, interval_ms=1000, start=10_000, end=20_000)
    db.import_records([video("clip", stored_hashes(clip))], source="List")
    film = frames(Film(5, length_ms=300_000), interval_ms=250)
    within = frames(KNOWN, interval_ms=250, start=10_000, end=20_000, noise=6)
    match = only_match(check(Checker(db), joined(film, within, film)))
    assert match.status is CheckStatus.MATCH
    assert match.video.stored_percent > 90
    assert match.video.query_percent < 5
    (segment,) = match.video.segments
    assert abs(segment.query_from_ms - 300_000) <= 1000
    assert abs(segment.query_to_ms - 310_000) <= 1000


def test_one_second_before_everything_else(checker: Checker) -> None:
    """V10: at one frame a second of both sides too."""
    ahead = frames(Film(9), interval_ms=250, end=1000)
    match = only_match(check(checker, joined(ahead, frames(KNOWN, interval_ms=250))))
    assert match.status is CheckStatus.MATCH
    assert abs(match.video.segments[0].offset_ms + 1000) <= 1000
    coarse = frames(KNOWN, interval_ms=1000, phase=860)
    match = only_match(
        check(checker, joined(frames(Film(9), interval_ms=1000, end=1000), coarse), 1)
    )
    assert match.status is CheckStatus.MATCH
    assert abs(match.video.segments[0].query_from_ms - 1860) <= 1000


@pytest.mark.parametrize("length_ms", [500, 3_000, 8_000])
def test_a_shared_intro_is_never_more_than_possible(checker: Checker, length_ms: int) -> None:
    intro = frames(KNOWN, interval_ms=250, end=length_ms)
    match = only_match(check(checker, joined(intro, frames(OTHER, interval_ms=250))))
    assert match.status is CheckStatus.POSSIBLE
    assert match.reason.startswith("only ")
    assert match.reason.count("agree") == 1
    assert match.video.segments[0].query_to_ms <= length_ms + 1000


def test_black_beginnings_are_nothing(db: Database) -> None:
    """V08: 3 s of black before two films make no match, nor does black alone."""
    black = made(np.arange(0, 3000, 250.0), np.zeros((12, 32), np.uint8), 250, quality=0)
    one = joined(black, frames(KNOWN, interval_ms=250))
    db.import_records([video("one", stored_hashes(one))], source="List")
    checker = Checker(db)
    other = check(checker, joined(black, frames(OTHER, interval_ms=250)))
    assert (other.status, other.matches) == (CheckStatus.NO_MATCH, ())
    assert other.gates == ("12 of 252 frames say too little and were left out",)
    result = check(checker, black)
    assert result.status is CheckStatus.LOW_INFORMATION
    assert "none of 12 frames" in (result.reason or "")
    # And it is in neither share.
    match = only_match(check(checker, one))
    assert (match.video.query_ms, match.video.stored_ms) == (30_000, 30_000)
    assert (match.video.query_percent, match.video.stored_percent) == (100, 100)


@pytest.mark.parametrize("interval_ms", [250, 1000])
def test_another_order_is_never_more_than_possible(checker: Checker, interval_ms: int) -> None:
    """V09."""
    shown = frames(KNOWN, interval_ms=interval_ms)
    order = np.random.default_rng(3).permutation(len(shown))
    result = check(checker, replace(shown, hashes=shown.hashes[order]), interval_ms / 1000)
    match = only_match(result)
    assert match.status is CheckStatus.POSSIBLE
    assert match.reason is not None


def test_a_chance_frame(checker: Checker) -> None:
    alike = KNOWN.at(LISTED.times_ms[5:6].astype(np.float64))
    one = made(np.array([0.0]), noisy(alike, 20), 250)
    around = frames(OTHER, interval_ms=250, end=20_000)
    match = only_match(check(checker, joined(around, one, around)))
    assert (match.status, match.reason) == (CheckStatus.POSSIBLE, "a single frame agrees")
    policy = MatchPolicy(video=VideoThresholds(review_min_frames=2))
    nothing = check(Checker(checker._db, policy), joined(around, one, around))
    assert (nothing.status, nothing.matches) == (CheckStatus.NO_MATCH, ())


def test_an_animation_of_two_known_frames(checker: Checker) -> None:
    two = made(np.array([0.0, 500.0]), KNOWN.at(np.array([9_340.0, 1_340.0])), 500)
    match = only_match(check(checker, two, 0))
    assert match.status is CheckStatus.MATCH
    assert match.video.n_frames + match.video.n_loose == 2


def test_a_still_of_a_known_video_shown_for_a_while(checker: Checker) -> None:
    still = np.repeat(KNOWN.at(np.array([5_340.0])), 20, axis=0)
    match = only_match(check(checker, made(np.arange(0, 5000, 250.0), noisy(still, 4), 250)))
    assert match.status is CheckStatus.MATCH


@pytest.mark.parametrize("kind", [MediaKind.IMAGE, MediaKind.UNKNOWN, MediaKind.VIDEO])
def test_a_known_picture_among_the_frames(db: Database, kind: MediaKind) -> None:
    """With the times at which it is shown. Of a video that one frame is not the whole."""
    value = HashValue("pdq", Film(7).at(np.array([0.0]))[0].tobytes(), 80)
    db.import_records([replace(record("1", None, value), kind=kind)], source="List")
    around = frames(OTHER, interval_ms=250, end=20_000)
    shown = np.repeat(Film(7).at(np.array([0.0])), 4, axis=0)
    match = only_match(
        check(Checker(db), joined(around, made(np.arange(0, 1000, 250.0), shown, 250), around))
    )
    wanted = CheckStatus.POSSIBLE if kind is MediaKind.VIDEO else CheckStatus.MATCH
    assert match.status is wanted
    assert (match.stored_frame, match.stored_time_s, match.video.clock) == (None, None, "none")
    (segment,) = match.video.segments
    assert (segment.query_from_ms, segment.query_to_ms) == (20_000, 21_000)
    assert (segment.stored_from_ms, segment.offset_ms) == (None, None)


def test_a_frame_of_a_known_video_as_a_picture(checker: Checker) -> None:
    """The answer says which frame it is."""
    match = checker.check_hash("pdq", LISTED.hashes[7].tobytes(), 90).matches[0]
    assert (match.kind, match.status) == (MatchKind.HASH, CheckStatus.MATCH)
    assert match.stored_frame == LISTED.numbers[7]
    assert match.stored_time_s == 7.34
    assert match.video is None
    assert match.to_dict()["stored_time_s"] == 7.34


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("turn", [4, 5])
def test_mirrored_and_turned(db: Database, exact: bool, turn: int) -> None:
    """By the orientations of the fingerprint; approximated where it has none."""
    listed = turned_rows(LISTED.hashes)[:, turn]
    db.import_records([video("1", stored_hashes(replace(LISTED, hashes=listed)))], source="List")
    shown = frames(KNOWN, interval_ms=250)
    if exact:
        shown = replace(shown, dihedral=turned_rows(shown.hashes))
    match = only_match(check(Checker(db), shown))
    assert match.status is CheckStatus.MATCH
    assert match.variant == {4: "flip_x", 5: "flip_y"}[turn]
    assert match.variant_exact is exact
    assert {one.orientation for one in match.video.segments} == {match.variant}
    upright = check(Checker(db, MatchPolicy(orientations=False)), shown)
    assert (upright.status, upright.n_variants) == (CheckStatus.NO_MATCH, 120)


def test_within_its_borders(db: Database) -> None:
    """A letterboxed copy by what is within its bars, from level standard on."""
    db.import_records([video("1", stored_hashes(LISTED))], source="List")
    barred = frames(OTHER, interval_ms=250, end=30_000)
    trimmed = turned_rows(frames(KNOWN, interval_ms=250).hashes)
    shown = replace(barred, dihedral=turned_rows(barred.hashes), trimmed=trimmed)
    result = check(Checker(db), shown)
    match = only_match(result)
    assert (match.status, match.variant) == (CheckStatus.MATCH, "original")
    assert result.n_variants == 16 * 120
    fast = check(Checker(db, MatchPolicy(level=Level.FAST)), shown)
    assert (fast.status, fast.n_variants) == (CheckStatus.NO_MATCH, 8 * 120)


def test_frames_by_number(db: Database) -> None:
    """At the query's own rate, where the list has no times."""
    db.import_records([video("1", stored_hashes(LISTED, times=False))], source="List")
    match = only_match(check(Checker(db), frames(KNOWN, interval_ms=250, start=5_000)))
    assert (match.status, match.video.clock) == (CheckStatus.MATCH, "numbers")
    assert abs(match.video.segments[0].offset_ms - 5_000) <= 1100
    assert match.stored_time_s is None


@pytest.mark.parametrize(
    ("n_shown", "wanted"), [(12, CheckStatus.MATCH), (3, CheckStatus.POSSIBLE)]
)
def test_frames_without_a_place(db: Database, n_shown: int, wanted: CheckStatus) -> None:
    times = np.arange(0, 15_000, 1000.0)
    listed = made(times, KNOWN.at(times), 1000)
    unplaced = stored_hashes(listed, times=False, numbers=False)
    db.import_records([video("1", unplaced)], source="List")
    around = frames(OTHER, interval_ms=250)
    shown = frames(KNOWN, interval_ms=250, end=1000 * n_shown - 500)
    match = only_match(check(Checker(db), joined(around, shown)))
    assert (match.status, match.video.clock) == (wanted, "none")
    assert abs(match.video.n_stored_matched - n_shown) <= 1
    assert match.video.n_stored == 15
    if wanted is CheckStatus.POSSIBLE:
        assert "no order" in match.reason


def test_each_medium_once_and_the_surest_first(db: Database) -> None:
    """Two lists state frames of one medium, another medium has a part of them."""
    digests = digests_of(b"a", "sha1")
    db.import_records([video("a", stored_hashes(LISTED), digests=digests)], source="One")
    sparse = frames(KNOWN, interval_ms=5000)
    db.import_records([video("a", stored_hashes(sparse), digests=digests)], source="Two")
    part = joined(frames(OTHER, interval_ms=1000), frames(KNOWN, interval_ms=1000, end=6_000))
    db.import_records([video("b", stored_hashes(part))], source="Three")
    result = check(Checker(db), frames(KNOWN, interval_ms=250, noise=6))
    assert [match.status for match in result.matches] == [CheckStatus.MATCH, CheckStatus.POSSIBLE]
    first = result.matches[0]
    assert first.video is not None
    assert (first.media.sources, first.asserted_by) == (("One", "Two"), "One")
    assert first.video.n_stored == len(LISTED)


def test_a_digest_settles_it(db: Database) -> None:
    digests = digests_of(b"a", "md5", "sha256")
    db.import_records([video("a", stored_hashes(LISTED), digests=digests)], source="List")
    shown = fingerprint(frames(OTHER, interval_ms=250), 0.25, digests=digests)
    (match,) = Checker(db).check_fingerprint(shown).matches
    assert (match.kind, match.status, match.video) == (MatchKind.DIGEST, CheckStatus.MATCH, None)
    level = Checker(db, MatchPolicy(level=Level.DIGEST)).check_fingerprint(shown)
    assert (level.status, level.n_variants) == (CheckStatus.MATCH, 0)


def test_between_the_radii_is_for_review(db: Database) -> None:
    far = tuple(flipped(value, 40) for value in stored_hashes(LISTED))
    placed = [
        replace(f, frame=v.frame, time_s=v.time_s)
        for f, v in zip(far, stored_hashes(LISTED), strict=True)
    ]
    db.import_records([video("1", tuple(placed))], source="List")
    shown = frames(KNOWN, interval_ms=250)
    assert check(Checker(db), shown).status is CheckStatus.NO_MATCH
    policy = MatchPolicy(level=Level.FAST, review_max_distance=60)
    match = only_match(check(Checker(db, policy), shown))
    assert (match.status, match.reason) == (
        CheckStatus.POSSIBLE,
        "only by frames beyond 31 bits or doubtful ones",
    )


def test_crowded_frames_are_in_no_share(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """An intro that very many media share says nothing about any of them."""
    monkeypatch.setattr("hashmatch.database.segments.crowded.LEAST_LIMIT", 8)
    intro = frames(Film(3), interval_ms=1000, end=4_000)
    films = [joined(intro, frames(Film(20 + n), interval_ms=1000, end=8_000)) for n in range(12)]
    db.import_records(
        [video(f"{n}", stored_hashes(film)) for n, film in enumerate(films)], source="List"
    )
    result = check(Checker(db), films[0], 1)
    match = only_match(result)
    assert match.status is CheckStatus.MATCH
    assert match.video.n_stored == 8
    assert match.video.stored_percent > 90
    assert result.n_excluded == 4 * 12


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (FingerprintStatus.CORRUPT, CheckStatus.FAILED),
        (FingerprintStatus.NO_VIDEO, CheckStatus.FAILED),
        (FingerprintStatus.TIMEOUT, CheckStatus.FAILED),
        (FingerprintStatus.TOO_SMALL, CheckStatus.LOW_INFORMATION),
    ],
)
def test_without_frames(checker: Checker, status: FingerprintStatus, answer: CheckStatus) -> None:
    result = checker.check_fingerprint(VideoFingerprint(status=status, reason="why"))
    assert (result.status, result.reason) == (answer, "why")


def test_a_part_of_a_video_says_so(checker: Checker) -> None:
    part = fingerprint(
        frames(KNOWN, interval_ms=250, end=12_000),
        0.25,
        status=FingerprintStatus.PARTIAL,
        reason="cut short",
    )
    result = checker.check_fingerprint(part)
    assert (result.status, result.reason) == (CheckStatus.MATCH, "PARTIAL: cut short")


def test_other_main_algorithms_have_no_frames(db: Database) -> None:
    db.import_records([video("1", stored_hashes(LISTED))], source="List")
    result = check(Checker(db, MatchPolicy(algorithm="phash256")), LISTED, 1)
    assert (result.status, result.n_variants) == (CheckStatus.NO_MATCH, 0)
    assert "frames are compared by pdq only" in result.gates[0]


@pytest.mark.parametrize("phase", [0, 130, 480, 770])
def test_what_moves_fast_is_looked_at_whole(db: Database, phase: int) -> None:
    """A list has a frame a second, and few frames of a copy are within the plain radius of one."""
    fast = replace(KNOWN, moving=200, scene_ms=1000)
    db.import_records(
        [video("1", stored_hashes(frames(fast, interval_ms=960, phase=phase)))], source="List"
    )
    shown = frames(fast, interval_ms=125, start=3_000, noise=28)
    match = only_match(check(Checker(db), shown, 0.125))
    assert match.status is CheckStatus.MATCH
    assert abs(match.video.segments[0].offset_ms - 3_000) <= 1000
    (plain,) = check(Checker(db, MatchPolicy(level=Level.FAST)), shown, 0.125).matches
    assert plain.video is not None
    assert (plain.status, plain.threshold) == (CheckStatus.POSSIBLE, 31)
    assert plain.video.matched_ms < match.video.matched_ms / 2


def test_stored_frames_that_say_too_little(checker: Checker) -> None:
    policy = MatchPolicy(min_quality=95)
    result = Checker(checker._db, policy).check_fingerprint(
        fingerprint(replace(LISTED, qualities=np.full(len(LISTED), 99, np.uint8)), 1)
    )
    assert (result.status, result.matches) == (CheckStatus.NO_MATCH, ())
    assert f"pdq: {len(LISTED)} near entries say too little and were left out" in result.gates


def test_many_entries_are_bounded(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that share most frames are compared in order; the answer says what was not."""
    parts = [frames(KNOWN, interval_ms=1000, end=1000 * (n + 1)) for n in range(6)]
    db.import_records(
        [video(f"{n}", stored_hashes(part)) for n, part in enumerate(parts)], source="List"
    )
    shown = frames(KNOWN, interval_ms=250)
    assert len(check(Checker(db), shown).matches) == 6
    monkeypatch.setattr("hashmatch.matching.video_stored.MOST_STATEMENTS", 4)
    result = check(Checker(db), shown)
    kept = {match.media.opinions[0].record_key for match in result.matches}
    assert kept == {"2", "3", "4", "5"}
    assert "6 entries share frames with it: the 4 that share most were compared in order" in (
        result.gates
    )
    monkeypatch.setattr("hashmatch.matching.video_stored._READ_AT_ONCE", 1)
    monkeypatch.setattr("hashmatch.matching.video_stored.MOST_FRAMES", 11)
    result = check(Checker(db), shown)
    assert {match.media.opinions[0].record_key for match in result.matches} == {"4", "5"}
    assert "2 entries with fewer shared frames were not read" in result.gates


def test_a_flood_of_near_frames_is_bounded(
    checker: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hashmatch.matching.video_near.MOST_HITS", 40)
    result = check(checker, frames(KNOWN, interval_ms=250, noise=4))
    assert any("pairs of frames are near: those within" in gate for gate in result.gates)
    assert result.status is CheckStatus.MATCH


def test_turned_forms_of_a_few_frames_a_second(checker: Checker) -> None:
    result = check(checker, frames(OTHER, interval_ms=50, end=10_000), 0.05)
    assert result.n_variants == 200 + 7 * 40


def test_what_is_withdrawn_is_not_found(db: Database) -> None:
    db.import_records([video("known", stored_hashes(LISTED))], source="List")
    checker, shown = Checker(db), frames(KNOWN, interval_ms=250)
    assert check(checker, shown).status is CheckStatus.MATCH
    db.withdraw(source="List", record_key="known")
    result = check(checker, shown)
    assert (result.status, result.revision) == (CheckStatus.NO_MATCH, 2)


def test_the_audit_log_keeps_a_match(db: Database) -> None:
    db.import_records([video("known", stored_hashes(LISTED))], source="List")
    check(Checker(db), frames(KNOWN, interval_ms=250))
    entry = list(db.audit_entries())[-1]
    assert entry.action == "check"
    assert json.loads(entry.details)["matches"][0]["kind"] == "frames"


def test_a_request_without_a_source_is_as_before(checker: Checker) -> None:
    found = checker.check_request(CheckRequest(hashes={"pdq": LISTED.hashes[3].tobytes()}))
    assert found.status is CheckStatus.MATCH
