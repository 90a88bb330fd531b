"""One video in, one fingerprint out: digests from one reading of the file, hashes from a second.

The bytes pass through the calling process once, for their digests, and are not kept. The decoder
reads them again, here or, with ``isolate=True``, in a worker process that opens the same file.
"""

from __future__ import annotations

import dataclasses
import io
import os
from collections.abc import Sequence
from typing import Any, BinaryIO

from hashmatch import cpu
from hashmatch._version import __version__
from hashmatch.decode import Limits, MediaType, Source, source_name
from hashmatch.errors import (
    DecodeError,
    HashmatchError,
    MissingExtraError,
    UnsupportedMediaError,
)
from hashmatch.fingerprinting.failures import failed_status
from hashmatch.fingerprinting.handed import Handed, require_same
from hashmatch.fingerprinting.model import FingerprintStatus
from hashmatch.fingerprinting.pruning import PRUNE_DISTANCE
from hashmatch.fingerprinting.reading import Reading, read_again
from hashmatch.fingerprinting.video_frames import Content, hashed_video
from hashmatch.fingerprinting.video_job import VideoJob
from hashmatch.fingerprinting.video_model import VideoFingerprint
from hashmatch.fingerprinting.video_received import from_plain, to_plain
from hashmatch.fingerprinting.video_threads import decoder_threads
from hashmatch.fingerprinting.worker import WorkerPool, shared_workers
from hashmatch.types import MediaKind

GRACE_SECONDS = 15.0
"""A worker is stopped so long after the time at which the decoder should have ended by itself."""

ANIMATIONS = ("image/gif", "image/webp", "image/png")
"""Pictures that may have several frames with times: hashed as videos if asked."""


def hash_video(
    source: Source,
    *,
    interval_s: float = 1.0,
    algorithms: Sequence[str] = ("pdq",),
    dihedral: bool = False,
    prune_distance: int | None = PRUNE_DISTANCE,
    views: str = "none",
    limits: Limits | None = None,
    isolate: bool = False,
) -> VideoFingerprint:
    """Digests and frame hashes of one video, or of an animated GIF, WebP or PNG.

    Args:
        source: a path, bytes, or a binary file object. One that can't be read twice (a pipe, a
            decompressing one) is held in memory, up to ``limits.max_bytes``.
        interval_s: one frame is taken for each so many seconds (the rule is that of
            ``VideoReader``); 0: every frame. Of an animation it is always every frame.
        algorithms: "pdq", of frames, upright; and "tmk", TMK+PDQF of the whole, for which every
            frame is decoded.
        dihedral: also hash the seven other orientations.
        prune_distance: within a shot, a frame is left out if it is within so many bits of the last
            one that stayed; None: none is.
        views: "none"; "trims" or "all": choose representative frames and what ``hash_image`` gives
            as views of each; find the borders that most frames have (letterbox, frame), and hash
            the frames within them too. Views hold thumbnails: they stay in memory.
        limits: the default ones if None; ``max_memory`` holds with ``isolate`` only.
        isolate: decode in a worker process.

    Returns:
        The fingerprint; its status is OK, PARTIAL, LOW_INFORMATION or TOO_SMALL.

    Raises:
        DecodeError: the source can't be read or decoded (see its subclasses).
        MissingExtraError: PyAV is not installed.
        InputError: a wrong argument.
    """
    job = VideoJob.of(interval_s, algorithms, dihedral, prune_distance, views, limits)
    result, error = examine(source, job, workers=shared_workers() if isolate else None)
    if error is not None:
        raise error
    return result


def examine_video(
    source: Source,
    *,
    interval_s: float = 1.0,
    algorithms: Sequence[str] = ("pdq",),
    dihedral: bool = False,
    prune_distance: int | None = PRUNE_DISTANCE,
    views: str = "none",
    limits: Limits | None = None,
    isolate: bool = False,
) -> VideoFingerprint:
    """As ``hash_video``, but a source that can't be decoded gives a fingerprint that says so.

    Its digests are there whenever its bytes could be read. Without PyAV it is UNSUPPORTED.

    Raises:
        InputError: a wrong argument.
    """
    job = VideoJob.of(interval_s, algorithms, dihedral, prune_distance, views, limits)
    return examine(source, job, workers=shared_workers() if isolate else None)[0]


Examined = tuple[VideoFingerprint, HashmatchError | None]


def examine(source: Source, job: VideoJob, *, workers: WorkerPool | None = None) -> Examined:
    """The fingerprint of a source, and why it has no hash if it has none.

    Args:
        workers: where to decode; None: here.

    Raises:
        InputError: no source.
    """
    known = VideoFingerprint(
        status=FingerprintStatus.OK, name=source_name(source), kind=MediaKind.UNKNOWN
    )
    try:
        with read_again(source, job.limits) as (reading, stream):
            return examine_reading(source, reading, stream, job, workers=workers)
    except DecodeError as error:
        return failed(known, error), error


def examine_reading(
    source: Source,
    reading: Reading,
    stream: BinaryIO | None,
    job: VideoJob,
    *,
    workers: WorkerPool | None = None,
) -> Examined:
    """The same of a source that was read once; without ``stream``, ``reading`` has its bytes."""
    known = known_of(source, reading)
    media = reading.media
    job = job.for_media(media)
    try:
        if media.kind is MediaKind.VIDEO:
            if stream is None:
                stream = io.BytesIO(reading.data(job.limits))
            if workers is None:
                made = decoded(stream, media, job)
                if reading.identity is not None:
                    require_same(stream.fileno(), reading.identity)
                return described(known, job, made), None
            path = os.fspath(source) if isinstance(source, (str, os.PathLike)) else None
            with Handed.holding(stream, path, reading.identity) as handed:
                return described(known, job, decoded(handed, media, job, workers)), None
        if media.mime not in ANIMATIONS:
            raise UnsupportedMediaError(f"{media.mime or 'unknown type'}: not a video")
        data = reading.data(job.limits)
        return described(known, job, decoded(data, media, job, workers)), None
    except (DecodeError, MissingExtraError) as error:
        return failed(known, error), error


def decoded(
    content: Content, media: MediaType, job: VideoJob, workers: WorkerPool | None = None
) -> VideoFingerprint:
    """What the frames of a video say, decoded here or in a worker, which has a video's time.

    Raises:
        DecodeError, MissingExtraError: as ``hashed_video``.
    """
    with decoder_threads() as threads:
        job = dataclasses.replace(job, threads=threads)
        if workers is None:
            return hashed_video(content, media, job)
        seconds = job.limits.max_video_seconds + GRACE_SECONDS
        limits = dataclasses.replace(job.limits, max_seconds=seconds)
        return VideoFingerprint(**from_plain(workers.run(limits, worker_step, content, media, job)))


def worker_step(content: Content, media: MediaType, job: VideoJob) -> dict[str, Any]:
    """What a worker does with a video."""
    return to_plain(hashed_video(content, media, job))


def known_of(source: Source, reading: Reading) -> VideoFingerprint:
    """What is known of a video before it is decoded."""
    return VideoFingerprint(
        status=FingerprintStatus.OK,
        name=source_name(source),
        size=reading.size,
        digests=reading.digests,
        kind=reading.media.kind,
        mime=reading.media.mime,
        made_with={"hashmatch": __version__, "isa": cpu.active_isa()},
    )


def described(known: VideoFingerprint, job: VideoJob, made: VideoFingerprint) -> VideoFingerprint:
    """What its frames say, with what was known: that is never taken from a worker."""
    return dataclasses.replace(
        made,
        name=known.name,
        size=known.size,
        digests=known.digests,
        kind=MediaKind.VIDEO,
        mime=known.mime,
        interval_s=job.interval_s,
        prune_distance=job.prune_distance,
        made_with={**made.made_with, **known.made_with},
    )


def failed(known: VideoFingerprint, error: HashmatchError) -> VideoFingerprint:
    """The fingerprint of a source that has no hash."""
    status = failed_status(error, known.size)
    return dataclasses.replace(known, status=status, reason=str(error))
