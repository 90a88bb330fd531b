"""Broken videos of every container: each a status with a reason, its digests, and no error."""

from __future__ import annotations

import numpy as np
import pytest
from clips import animation, make_clip, shots

from hashmatch import digest_bytes
from hashmatch.decode import Limits
from hashmatch.fingerprinting import FingerprintStatus, VideoFingerprint, examine_medium

FRAMES = list(shots([1, 2], 8, height=64, width=80))
MADE = {
    "mp4": make_clip(FRAMES, container="mp4", codec="libx264"),
    "matroska": make_clip(FRAMES, container="matroska", codec="ffv1"),
    "avi": make_clip(FRAMES, container="avi", codec="mpeg4"),
    "mpegts": make_clip(FRAMES, container="mpegts", codec="mpeg2video", fps=25),
    "webm": make_clip(FRAMES, container="webm", codec="libvpx"),
    "gif": animation(FRAMES),
    "webp": animation(FRAMES, "WEBP"),
    "apng": animation(FRAMES, "PNG"),
}
EXPECTED = {
    *(FingerprintStatus.OK, FingerprintStatus.PARTIAL, FingerprintStatus.LOW_INFORMATION),
    *(FingerprintStatus.TOO_SMALL, FingerprintStatus.UNSUPPORTED, FingerprintStatus.CORRUPT),
    *(FingerprintStatus.LIMIT, FingerprintStatus.NO_VIDEO, FingerprintStatus.EMPTY),
    FingerprintStatus.TRUNCATED,
}
LIMITS = Limits(max_pixels=1_000_000, max_video_frames=200, max_video_seconds=5)


def mutated(data: bytes, seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, 30))):
        at = int(rng.integers(0, len(changed)))
        changed[at] = int(rng.integers(0, 256))
    if seed % 3 == 0:
        del changed[int(rng.integers(0, len(changed))) :]
    if seed % 5 == 0:
        start = int(rng.integers(0, len(changed) + 1))
        del changed[start : start + int(rng.integers(0, 500))]
    return bytes(changed)


@pytest.mark.parametrize("name", MADE)
def test_every_one_has_a_status(name: str) -> None:
    whole = examine_medium(MADE[name], interval_s=0, prune_distance=None)
    assert isinstance(whole, VideoFingerprint)
    assert (whole.status, len(whole.frames)) == (FingerprintStatus.OK, 16)
    for seed in range(12):
        data = mutated(MADE[name], seed)
        made = examine_medium(data, interval_s=0, limits=LIMITS, views="trims")
        assert made.status in EXPECTED
        assert made.reason or made.status is FingerprintStatus.OK
        assert made.digests == digest_bytes(data)
        made.to_dict()


def test_a_damaged_beginning() -> None:
    """The first frame that is there need not be the first of the video."""
    data = make_clip(shots([1, 2, 3], 10), codec="mpeg4", gop=5)
    late = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        changed = bytearray(data)
        changed[40:3000] = rng.bytes(2960)
        made = examine_medium(bytes(changed), interval_s=0.3)
        assert isinstance(made, VideoFingerprint)
        frames = made.frames
        late += len(frames) > 0 and frames.numbers[0] > 0
        if len(frames):
            assert made.status is not FingerprintStatus.OK
            assert frames.spans_ms.sum() + frames.times_ms[0] == made.duration_ms
            assert (made.container, made.codec) == ("mov", "mpeg4")
    assert late
