"""Many small pictures in one call of a worker: what a call costs is shared by all of them.

``hash_batch`` is what the worker does: bytes in, plain values out. What it can't settle, it leaves:
an animation, a limit, an unexpected error, what there was no time for. That is done again, one
picture a call, under the limits of one picture; so is all of a batch in which a worker dies or runs
out of time. So a hostile file costs itself, and nothing is kept that could be another file's doing.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from typing import Any

from hashmatch.decode import SNIFF_BYTES, is_animation, sniff
from hashmatch.errors import (
    CorruptMediaError,
    InputError,
    MediaLimitError,
    UnsupportedMediaError,
    WorkerCrashError,
)
from hashmatch.fingerprinting.failures import failed_status
from hashmatch.fingerprinting.image import fingerprint_picture
from hashmatch.fingerprinting.job import Job
from hashmatch.fingerprinting.model import FingerprintStatus, ImageFingerprint
from hashmatch.fingerprinting.picture_received import MAX_TEXT, from_plain, to_plain
from hashmatch.fingerprinting.video import ANIMATIONS
from hashmatch.fingerprinting.worker import WorkerPool

BATCH_SECONDS = 2.0
"""After so many seconds a worker begins no further picture of its batch."""

_NOTHING_KNOWN = ImageFingerprint(FingerprintStatus.OK)


def batch_fingerprints(
    files: Sequence[tuple[bytes, ImageFingerprint]], job: Job, workers: WorkerPool
) -> list[ImageFingerprint | None]:
    """The fingerprints of many pictures, by one call of a worker.

    Args:
        files: the bytes of each, few and small: they are copied; and what is known of it, which is
            not taken from the worker.

    Returns:
        For each file its fingerprint, or None: it is to be examined by itself.

    Raises:
        InputError: a job with more than the first frame.
    """
    limits = dataclasses.replace(
        job.limits, max_seconds=job.limits.max_seconds + BATCH_SECONDS + _lateness(job)
    )
    try:
        plain = workers.run(limits, hash_batch, [data for data, _ in files], job, BATCH_SECONDS)
        if type(plain) is not list or len(plain) != len(files):
            raise WorkerCrashError("the decoding process sent no answers")
        return [
            None if one is None else from_plain(one, known, job)
            for one, (_, known) in zip(plain, files, strict=True)
        ]
    except (WorkerCrashError, MediaLimitError):
        return [None] * len(files)


def _lateness(job: Job) -> float:
    """A picture that took too long is found out by the worker, if it comes back at all."""
    return min(1.0, job.limits.max_seconds)


def hash_batch(
    files: Sequence[bytes], job: Job, seconds: float = BATCH_SECONDS
) -> list[tuple[Any, ...] | None]:
    """Decode and hash pictures, one after the other.

    Args:
        files: the bytes of each.
        job: what is wanted; of the first frame alone.
        seconds: no picture is begun later than that.

    Returns:
        For each file plain values, which ``from_plain`` makes a fingerprint of, or None: it is to
        be examined by itself.

    Raises:
        InputError: a job with more than the first frame.
    """
    if job.frames != 1:
        raise InputError(f"frames: expected 1 in a batch, got {job.frames}")
    ends_at = time.monotonic() + seconds
    made: list[tuple[Any, ...] | None] = []
    for data in files:
        begun = time.monotonic()
        one = _hashed(data, job) if begun < ends_at else None
        late = one is not None and time.monotonic() - begun > job.limits.max_seconds
        made.append(None if late else one)
    return made


def _hashed(data: bytes, job: Job) -> tuple[Any, ...] | None:
    try:
        if sniff(data[:SNIFF_BYTES]).mime in ANIMATIONS and is_animation(data, job.limits):
            return None
        made = fingerprint_picture(data, _NOTHING_KNOWN, job)
    except (CorruptMediaError, UnsupportedMediaError) as error:
        made = dataclasses.replace(
            _NOTHING_KNOWN, status=failed_status(error, len(data)), reason=str(error)
        )
    except Exception:  # noqa: BLE001 - a limit, or a defect: it will show by itself
        return None
    if len(made.reason or "") > MAX_TEXT:
        return None
    return to_plain(made)
