"""One video in, one fingerprint out: frames, times, sources, workers."""

from __future__ import annotations

import gzip
import io
import os
import sys
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pytest
from clips import Pixels, animation, make_clip, make_sound, shots
from numpy.typing import NDArray
from pictures import encoded, photograph

from hashmatch import digest_bytes, pdq, pdq_dihedral
from hashmatch.decode import Limits, Source
from hashmatch.errors import InputError, MissingExtraError, NoVideoError, UnsupportedMediaError
from hashmatch.fingerprinting import (
    FingerprintStatus,
    VideoFingerprint,
    examine_video,
    hash_video,
)
from hashmatch.fingerprinting.video_received import to_plain

FRAMES: list[Pixels] = list(shots([1, 2, 3], 10))
CLIP = make_clip(FRAMES, codec="ffv1", container="matroska")
LOSSY = make_clip(FRAMES, audio="aac")
BLACK = np.zeros((96, 128, 3), np.uint8)


def distance(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> int:
    return int(np.unpackbits(a ^ b).sum())


def test_every_frame() -> None:
    made = hash_video(CLIP, interval_s=0, prune_distance=None)
    assert (made.status, made.reason) == (FingerprintStatus.OK, None)
    assert (made.container, made.codec, made.width, made.height) == ("matroska", "ffv1", 128, 96)
    assert (made.n_frames, made.n_sampled, made.duration_ms) == (30, 30, 3000)
    assert made.digests == digest_bytes(CLIP)
    assert made.size == len(CLIP)
    frames = made.frames
    assert frames.numbers.tolist() == list(range(30))
    assert frames.times_ms.tolist() == [100 * k for k in range(30)]
    assert frames.spans_ms.tolist() == [100] * 30
    for k in range(0, 30, 7):
        value, quality = pdq(FRAMES[k])
        assert distance(frames.hashes[k], value) <= 6  # colours were brought to YUV
        assert abs(int(frames.qualities[k]) - quality) <= 2


def test_eight_orientations() -> None:
    made = hash_video(CLIP, interval_s=1, dihedral=True)
    assert made.frames.dihedral is not None
    assert made.frames.trimmed is None
    rows, _ = pdq_dihedral(FRAMES[0])
    for mine, row in zip(made.frames.dihedral[0], rows, strict=True):
        assert distance(mine, row) <= 6
    assert (made.frames.dihedral[:, 0] == made.frames.hashes).all()


def test_sampled_and_pruned_frames_stand_for_the_whole_time() -> None:
    still = [FRAMES[0]] * 25 + [FRAMES[12]] * 10
    made = hash_video(make_clip(still, codec="ffv1", container="matroska"), interval_s=0.5)
    assert made.n_sampled == 7
    # The first and the last sampled frame of each shot.
    assert made.frames.times_ms.tolist() == [0, 2000, 2500, 3000]
    assert made.frames.spans_ms.tolist() == [2000, 500, 500, 500]
    assert made.frames.spans_ms.sum() == made.duration_ms == 3500


def test_turned_clips_match_each_other() -> None:
    """V06."""
    made = []
    for turns, rotation in ((0, 0), (1, 270), (2, 180), (3, 90)):
        stored = [np.rot90(frame, turns) for frame in FRAMES[:3]]
        made.append(hash_video(make_clip(stored, rotation=rotation), interval_s=0))
    for one in made:
        assert (one.width, one.height) == (128, 96)
        assert distance(one.frames.hashes[0], made[0].frames.hashes[0]) <= 31
    assert {one.orientation for one in made} == {
        *("original", "rotate90", "rotate180", "rotate270"),
    }


def test_the_corpus_turned(corpus: Path) -> None:
    """V06, of real phones."""
    made = [hash_video(corpus / "robust" / f"video_{k}.mov") for k in (0, 90, 180, 270)]
    assert {one.orientation for one in made} == {
        *("original", "rotate90", "rotate180", "rotate270"),
    }
    assert all(one.frames.qualities[0] >= 50 for one in made)


def same(a: VideoFingerprint, b: VideoFingerprint) -> None:
    assert (a.status, a.digests, a.size, a.mime) == (b.status, b.digests, b.size, b.mime)
    mine, theirs = to_plain(a), to_plain(b)
    assert mine.keys() == theirs.keys()
    for name in mine.keys() - {"views"}:
        assert mine[name] == theirs[name], name


@pytest.mark.parametrize("isolate", [False, True])
def test_sources(tmp_path: Path, isolate: bool) -> None:
    """Whatever the bytes come from, and wherever they are decoded."""
    expected = hash_video(LOSSY, interval_s=0.4)
    path = tmp_path / "clip"
    path.write_bytes(LOSSY)
    with path.open("rb") as stream:
        same(hash_video(stream, interval_s=0.4, isolate=isolate), expected)
    path.with_suffix(".gz").write_bytes(gzip.compress(LOSSY))
    with gzip.open(path.with_suffix(".gz")) as packed:
        # It has a descriptor, and that gives other bytes.
        same(hash_video(cast(BinaryIO, packed), interval_s=0.4, isolate=isolate), expected)
    late = io.BytesIO(b"before" + LOSSY)
    late.seek(6)
    for source in (path, str(path), LOSSY, io.BytesIO(LOSSY), late):
        same(hash_video(source, interval_s=0.4, isolate=isolate), expected)


def test_what_can_not_be_read_twice_is_held_up_to_a_limit() -> None:
    late = io.BytesIO(b"before" + CLIP)
    late.seek(6)
    made = examine_video(late, limits=Limits(max_bytes=len(CLIP) - 1))
    assert made.status is FingerprintStatus.LIMIT
    assert made.digests == digest_bytes(CLIP)
    assert hash_video(CLIP, limits=Limits(max_bytes=len(CLIP) - 1)).n_sampled == 3


def test_a_worker_gives_the_same(tmp_path: Path) -> None:
    path = tmp_path / "clip"
    path.write_bytes(CLIP)
    options = {"algorithms": ("pdq", "tmk"), "dihedral": True, "views": "trims"}
    here = hash_video(path, **options)  # type: ignore[arg-type]
    there = hash_video(path, isolate=True, **options)  # type: ignore[arg-type]
    same(here, there)
    assert here.made_with == there.made_with
    assert [held.frame for held in here.frame_views] == [held.frame for held in there.frame_views]
    assert here.frame_views


def status(data: Source, **options: object) -> tuple[FingerprintStatus, str | None]:
    made = examine_video(data, **options)  # type: ignore[arg-type]
    assert made.status is FingerprintStatus.OK or made.reason
    return made.status, made.reason


COVER = encoded(photograph(5, 64, 64), "JPEG")


@pytest.mark.parametrize("isolate", [False, True])
def test_no_video(isolate: bool) -> None:
    """V02: said, with what there is instead."""
    for data in (make_sound(), make_clip([])):
        made = examine_video(data, isolate=isolate)
        assert made.status is FingerprintStatus.NO_VIDEO
        assert made.out_of_scope
        assert made.digests == digest_bytes(data)
    with pytest.raises(NoVideoError):
        hash_video(make_sound(), isolate=isolate)
    sound, reason = status(make_sound(cover=COVER), isolate=isolate)
    assert sound is FingerprintStatus.NO_VIDEO
    assert "cover" in str(reason)


def test_one_and_two_frames() -> None:
    """V02."""
    one = hash_video(make_clip(FRAMES[:1]))
    assert (one.status, len(one.frames)) == (FingerprintStatus.OK, 1)
    assert one.frames.spans_ms.sum() == one.duration_ms
    two = hash_video(animation([FRAMES[0], FRAMES[15]]), interval_s=0)
    assert (two.status, len(two.frames), two.mime) == (FingerprintStatus.OK, 2, "image/gif")
    assert (two.kind.value, two.duration_ms) == ("video", 200)


def test_black_alone_says_nothing() -> None:
    """V08."""
    made = examine_video(make_clip([BLACK] * 30), interval_s=0)
    assert made.status is FingerprintStatus.LOW_INFORMATION
    assert "quality" in str(made.reason)
    assert (made.n_sampled, len(made.frames)) == (30, 1)
    mixed = hash_video(make_clip([BLACK] * 10 + FRAMES[:10] + [BLACK] * 10), interval_s=0)
    assert mixed.status is FingerprintStatus.OK
    low = mixed.frames.qualities < 50
    assert low.tolist() == [True, *[False] * (len(low) - 2), True]
    assert mixed.frames.spans_ms[low].tolist() == [1000, 1000]


def test_too_small() -> None:
    """V12."""
    made = examine_video(
        make_clip([frame[:4, :4] for frame in FRAMES], codec="ffv1", container="matroska")
    )
    assert made.status is FingerprintStatus.TOO_SMALL
    assert "4 x 4" in str(made.reason)
    assert len(made.frames) == 0


def test_what_is_cut_is_partial() -> None:
    whole = hash_video(CLIP, interval_s=0, prune_distance=None)
    made = examine_video(CLIP[: len(CLIP) * 2 // 3], interval_s=0, prune_distance=None)
    assert made.status in (FingerprintStatus.PARTIAL, FingerprintStatus.OK)
    n = len(made.frames)
    assert 10 < n < 30
    assert (made.frames.hashes == whole.frames.hashes[:n]).all()
    assert made.frames.spans_ms.sum() == made.duration_ms


def test_a_limit_ends_the_frames() -> None:
    made = examine_video(CLIP, interval_s=0, prune_distance=None, limits=Limits(max_video_frames=7))
    assert made.status is FingerprintStatus.PARTIAL
    assert "limit" in str(made.reason)
    assert 0 < len(made.frames) < 30


def test_the_corpus_broken(corpus: Path) -> None:
    made = examine_video(corpus / "robust" / "corrupted.mp4")
    assert made.status is FingerprintStatus.PARTIAL
    assert made.n_broken > 0
    assert len(made.frames) > 0


@pytest.mark.parametrize("isolate", [False, True])
def test_what_is_no_video(tmp_path: Path, isolate: bool) -> None:
    """V14, and the rest: each with its reason, none with a wait."""
    os.mkfifo(tmp_path / "pipe")
    cases: dict[Source, FingerprintStatus] = {
        b"": FingerprintStatus.EMPTY,
        b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41": FingerprintStatus.CORRUPT,
        LOSSY[:600]: FingerprintStatus.CORRUPT,  # no index of its frames
        COVER: FingerprintStatus.UNSUPPORTED,
        b"ten bytes.": FingerprintStatus.UNSUPPORTED,
        tmp_path / "pipe": FingerprintStatus.UNSUPPORTED,
        tmp_path / "missing": FingerprintStatus.VANISHED,
        tmp_path: FingerprintStatus.UNSUPPORTED,
    }
    for source, expected in cases.items():
        assert status(source, isolate=isolate)[0] is expected, source
    with pytest.raises(UnsupportedMediaError, match="image/jpeg"):
        hash_video(COVER, isolate=isolate)


def test_without_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    """P02."""
    monkeypatch.setitem(sys.modules, "av", None)
    made = examine_video(CLIP)
    assert made.status is FingerprintStatus.UNSUPPORTED
    assert "PyAV" in str(made.reason)
    assert made.digests == digest_bytes(CLIP)
    assert not made.out_of_scope
    with pytest.raises(MissingExtraError):
        hash_video(CLIP)
    assert hash_video(animation(FRAMES[:2])).status is FingerprintStatus.OK


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"interval_s": -1}, "interval_s"),
        ({"interval_s": float("nan")}, "interval_s"),
        ({"algorithms": ("phash",)}, "pdq"),
        ({"algorithms": ("pdq", "phash")}, "phash"),
        ({"algorithms": "pdq"}, "sequence"),
        ({"prune_distance": 257}, "prune_distance"),
        ({"prune_distance": True}, "prune_distance"),
        ({"views": "some"}, "views"),
    ],
)
def test_wrong_arguments(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        examine_video(CLIP, **options)  # type: ignore[arg-type]


def test_a_scene_is_pruned_by_what_changes() -> None:
    """Slow changes do not add up: each frame is near one that stayed."""
    steps = [k / 40 for k in range(40)]
    fading = [(FRAMES[0] * (1 - s) + FRAMES[15] * s).astype(np.uint8) for s in steps]
    slow = make_clip(fading, codec="ffv1", container="matroska")
    whole = hash_video(slow, interval_s=0, prune_distance=None).frames
    kept = hash_video(slow, interval_s=0, prune_distance=20).frames
    assert 1 < len(kept) < len(whole)
    places = np.searchsorted(kept.times_ms, whole.times_ms, side="right") - 1
    for k, place in enumerate(places):
        assert distance(whole.hashes[k], kept.hashes[place]) <= 20
