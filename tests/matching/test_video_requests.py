"""Videos with what else is known of them, and files of videos through the checker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from clips import make_clip, make_sound, shots
from known_media import digests_of, record

from hashmatch.database import Database
from hashmatch.errors import InputError
from hashmatch.fingerprinting import VideoFingerprint, hash_video, video_record
from hashmatch.matching import Checker, CheckRequest, CheckStatus, Level, MatchKind, MatchPolicy
from hashmatch.types import HashValue, MediaKind

PHOTODNA = HashValue("photodna", np.random.default_rng(1).bytes(144))


@pytest.fixture(scope="module")
def clip() -> bytes:
    return make_clip(shots(range(40, 44), 12), fps=10)


@pytest.fixture(scope="module")
def copy() -> bytes:
    """The same, smaller, after a second of something else."""
    return make_clip(
        (frame[::2, ::2] for frame in shots([60, 40, 41, 42, 43], 12)), fps=10, bit_rate=400_000
    )


@pytest.fixture
def checker(db: Database, clip: bytes) -> Checker:
    db.import_records([video_record(hash_video(clip, interval_s=0.5))], source="List")
    return Checker(db)


@pytest.mark.parametrize("isolate", [False, True])
def test_a_file(checker: Checker, copy: bytes, tmp_path: Path, isolate: bool) -> None:
    path = tmp_path / "copy.mp4"
    path.write_bytes(copy)
    result = checker.check(path, isolate=isolate)
    (match,) = result.matches
    assert (result.status, match.kind) == (CheckStatus.MATCH, MatchKind.FRAMES)
    assert match.video is not None
    assert abs((match.video.segments[0].offset_ms or 0) + 1200) <= 500
    made = result.fingerprint
    assert isinstance(made, VideoFingerprint)
    assert made.interval_s == checker.policy.video.interval_s
    assert result.to_dict()["fingerprint"]["frames"]


def test_the_same_bytes(checker: Checker, clip: bytes) -> None:
    (match,) = checker.check(clip).matches
    assert (match.kind, match.algorithm) == (MatchKind.DIGEST, "sha256")
    level = Checker(checker._db, MatchPolicy(level=Level.DIGEST)).check(clip)
    assert (level.status, level.n_variants) == (CheckStatus.MATCH, 0)


def test_sound_alone_is_no_video(checker: Checker) -> None:
    result = checker.check(make_sound())
    assert (result.status, result.matches) == (CheckStatus.FAILED, ())


def test_an_explanation(checker: Checker, copy: bytes) -> None:
    made = checker.explain(copy)
    assert made.result.status is CheckStatus.MATCH
    (_, step) = made.steps
    assert (step.name, step.done, step.n_found) == ("frames of the video", True, 1)
    assert "of the known video" in step.said
    assert made.to_dict()["steps"][1]["said"] == step.said
    assert "no frame is near" in Checker(checker._db).explain(_other()).steps[1].said


def test_values_that_are_stated_beside_it(checker: Checker, copy: bytes) -> None:
    """What another tool made of the video counts too; and its frames still do."""
    known = replace(record("p", digests_of(b"p"), PHOTODNA), kind=MediaKind.VIDEO)
    checker._db.import_records([known], source="Other")
    result = checker.check_request(CheckRequest(source=copy, photodna=PHOTODNA.value))
    assert [match.kind for match in result.matches] == [MatchKind.FRAMES, MatchKind.HASH]
    assert [value.algorithm for value in result.query] == ["photodna"]
    other = checker.check_request(CheckRequest(source=_other(), photodna=PHOTODNA.value))
    assert [match.algorithm for match in other.matches] == ["photodna"]
    with pytest.raises(InputError, match="source"):
        checker.check_request(CheckRequest(source=copy, sha256="0" * 64))


def _other() -> bytes:
    return make_clip(shots([70, 71], 12), fps=10)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_turned_clips_match_each_other(db: Database, clip: bytes, degrees: int) -> None:
    """V06: shown turned it is found in that orientation; turned back by the display matrix, as it
    is."""
    db.import_records([video_record(hash_video(clip, interval_s=0.5))], source="List")
    checker, pictures = Checker(db), list(shots(range(40, 44), 12))
    (match,) = checker.check(make_clip(pictures, fps=10, rotation=degrees)).matches
    assert match.status is CheckStatus.MATCH
    assert match.variant == {90: "rotate270", 180: "rotate180", 270: "rotate90"}[degrees]
    turned = [np.rot90(picture, -degrees // 90) for picture in pictures]
    (match,) = checker.check(make_clip(turned, fps=10, rotation=degrees)).matches
    assert (match.status, match.variant) == (CheckStatus.MATCH, "original")


def test_clips_of_one_length_and_palette(db: Database) -> None:
    """V09: what moves another way is another video."""

    def moving(across: bool) -> bytes:
        frames = []
        for k in range(20):
            picture = np.full((120, 160, 3), 90, np.uint8)
            picture[20:50, 4 * k : 4 * k + 50] = (230, 40, 40)
            if across:
                picture[70:100, 4 * k : 4 * k + 50] = (40, 200, 60)
            else:
                picture[70:100, 80 - 4 * k : 130 - 4 * k] = (40, 200, 60)
            frames.append(picture)
        return make_clip(frames, fps=10)

    db.import_records([video_record(hash_video(moving(True), interval_s=0.1))], source="List")
    checker = Checker(db)
    assert checker.check(moving(True)).status is CheckStatus.MATCH
    assert checker.check(moving(False)).status is not CheckStatus.MATCH
