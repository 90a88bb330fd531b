"""vPDQ: PDQ of a video's frames by the rules of Meta's tools, for exchange with them.

Frames are counted as they come from the decoder, and every n-th is hashed, as it is stored: the
display matrix is not applied. Times are the frame's number over the average rate, whatever the
video's own times are. Source: facebook/ThreatExchange, vpdq/cpp.
"""

from __future__ import annotations

import base64
import dataclasses

import numpy as np

from hashmatch.decode import Limits, Source
from hashmatch.errors import InputError
from hashmatch.fingerprinting.video import examine
from hashmatch.fingerprinting.video_job import VideoJob, checked_seconds
from hashmatch.fingerprinting.video_model import VideoFingerprint
from hashmatch.fingerprinting.worker import shared_workers
from hashmatch.hashing import TmkFeatures, digest_blocks
from hashmatch.types import HashRecord, HashValue, Label, MediaKind, Opinion

SECONDS_PER_HASH = 1.0
WHOLE_TMK = "tmk"
"""Member of ``HashRecord.extra`` with the ``.tmk`` file in base64, as ``exchange`` reads it."""


def vpdq_features(
    source: Source,
    *,
    seconds_per_hash: float = SECONDS_PER_HASH,
    limits: Limits | None = None,
    isolate: bool = False,
) -> VideoFingerprint:
    """A video's frame hashes as Meta's vPDQ gives them, but for the rounding of colours.

    Args:
        source: a path, bytes, or a binary file object.
        seconds_per_hash: of the n frames that the average rate gives for so many seconds, the first
            is hashed; 0: every frame.
        limits, isolate: as ``hash_video``.

    Returns:
        A fingerprint whose ``frames`` are all that the rule takes; none is left out.

    Raises:
        DecodeError, MissingExtraError, InputError: as ``hash_video``.
    """
    seconds = checked_seconds("seconds_per_hash", seconds_per_hash)
    job = vpdq_job(VideoJob.of(seconds, ("pdq",), False, None, "none", limits))
    made, error = examine(source, job, workers=shared_workers() if isolate else None)
    if error is not None:
        raise error
    return with_vpdq_times(made)


def vpdq_job(job: VideoJob) -> VideoJob:
    """The job by vPDQ's rules, with ``interval_s`` for its seconds a hash."""
    return dataclasses.replace(
        job, seconds_per_hash=job.interval_s, prune_distance=None, upright=False
    )


def with_vpdq_times(made: VideoFingerprint) -> VideoFingerprint:
    """The fingerprint with times as vPDQ counts them; untouched where the rate is not known."""
    rate = np.float32(made.frame_rate or 0.0)
    if not rate > 0:
        return made
    seconds = made.frames.numbers.astype(np.float32) / rate
    times = np.round(seconds.astype(np.float64) * 1000).astype(np.int64)
    return dataclasses.replace(made, frames=dataclasses.replace(made.frames, times_ms=times))


def video_record(made: VideoFingerprint) -> HashRecord:
    """A fingerprint as an entry of a list, for the writers of ``hashmatch.exchange``.

    Its hashes are the frames', with their numbers and times, and TMK's level-1 feature where it was
    asked for, with the whole ``.tmk`` file in ``extra``. It holds no opinion.

    Raises:
        InputError: a fingerprint without digests and hashes: nothing to be listed.
    """
    frames = made.frames
    rows = zip(
        frames.hashes,
        frames.qualities.tolist(),
        frames.numbers.tolist(),
        frames.times_ms.tolist(),
        strict=True,
    )
    hashes = [
        HashValue("pdq", value.tobytes(), quality, frame=number, time_s=time / 1000)
        for value, quality, number, time in rows
    ]
    extra = {}
    if made.tmk is not None:
        average = TmkFeatures.from_bytes(made.tmk).average
        hashes.append(HashValue("tmk", average.astype("<f4").tobytes()))
        extra[WHOLE_TMK] = base64.b64encode(made.tmk).decode()
    if not hashes and not made.digests:
        raise InputError("made: expected a fingerprint with digests or hashes, got neither")
    return HashRecord(
        record_key=_key(made, hashes),
        position=1,
        digests=made.digests,
        opinion=Opinion("unmapped", None, Label.UNCATEGORIZED),
        kind=MediaKind.VIDEO,
        mime=made.mime,
        size=made.size,
        hashes=tuple(hashes),
        extra=extra,
    )


def _key(made: VideoFingerprint, hashes: list[HashValue]) -> str:
    if made.digests.sha256 is not None:
        return f"sha256:{made.digests.sha256}"
    digest = digest_blocks(iter([item.value for item in hashes])).sha256
    return f"frames:{(digest or '')[:32]}"
