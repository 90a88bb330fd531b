"""One medium of any kind in, one fingerprint out: its bytes say which kind.

Videos, and GIF, WebP and PNG files with more than one frame, are hashed as videos; everything else
is a picture, or nothing that has a hash.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from hashmatch.decode import Admit, Limits, MediaType, Source, is_animation
from hashmatch.errors import DecodeError, HashmatchError
from hashmatch.fingerprinting import image, video
from hashmatch.fingerprinting.image import ImageSource
from hashmatch.fingerprinting.job import Job
from hashmatch.fingerprinting.model import ImageFingerprint
from hashmatch.fingerprinting.pruning import PRUNE_DISTANCE
from hashmatch.fingerprinting.reading import Reading, read_again
from hashmatch.fingerprinting.video_job import VideoJob
from hashmatch.fingerprinting.video_model import VideoFingerprint
from hashmatch.fingerprinting.video_received import from_plain
from hashmatch.fingerprinting.worker import WorkerPool, shared_workers
from hashmatch.types import MediaKind

Fingerprint = ImageFingerprint | VideoFingerprint

ANIMATION_SHARE = 0.8
"""Of ``max_seconds``, what the frames of an animation may take; beyond it the rest is left out."""


def fingerprint(source: ImageSource, *, limits: Limits | None = None) -> Fingerprint:
    """Digests and all hashes of one medium, by what its bytes are.

    Returns:
        A ``VideoFingerprint`` (one frame a second) of a video, and of a GIF, WebP or PNG file with
        more than one frame; else an ``ImageFingerprint``. See ``hash_image``, ``hash_video``.

    Raises:
        UnsupportedMediaError: the bytes are of another kind, which the message names.
        MissingExtraError: a video, and PyAV is not installed.
        DecodeError, InputError: as ``hash_image``.
    """
    job = Job.of(("pdq",), "exact", False, limits)
    video_job = VideoJob.of(1.0, ("pdq",), False, PRUNE_DISTANCE, "none", limits)
    made, error = examine(source, job, video_job)
    if error is not None:
        raise error
    return made


def examine_medium(
    source: ImageSource,
    *,
    algorithms: Sequence[str] = ("pdq",),
    video_algorithms: Sequence[str] = ("pdq",),
    decode: str = "exact",
    dihedral: bool = False,
    views: str = "none",
    interval_s: float = 1.0,
    prune_distance: int | None = PRUNE_DISTANCE,
    limits: Limits | None = None,
    isolate: bool = False,
) -> Fingerprint:
    """As ``fingerprint``, but a source without a hash gives a fingerprint that says why.

    Args:
        source, algorithms, decode, limits, isolate: as ``hash_image``.
        dihedral, views: of a picture as ``hash_image``, of a video as ``hash_video``.
        video_algorithms, interval_s, prune_distance: as ``hash_video``.

    Raises:
        InputError: a wrong argument.
    """
    job = Job.of(algorithms, decode, dihedral, limits, views=views)
    video_job = VideoJob.of(interval_s, video_algorithms, dihedral, prune_distance, views, limits)
    return examine(source, job, video_job, workers=shared_workers() if isolate else None)[0]


def examine(
    source: ImageSource,
    job: Job,
    video_job: VideoJob,
    *,
    workers: WorkerPool | None = None,
    admit: Admit | None = None,
) -> tuple[Fingerprint, HashmatchError | None]:
    """The fingerprint of a source, and why it has no hash if it has none.

    Args:
        job, video_job: what is wanted of a picture, and of a video.
        workers: where to decode; None: here.
        admit: called with the number of pixels before a picture is decoded here; may wait.

    Raises:
        InputError: no source, or a Pillow picture for a worker.
    """
    if isinstance(source, np.ndarray) or image.is_pillow(source):
        return image.examine(source, job, workers=workers, admit=admit)
    known = image.unread(source)
    try:
        with read_again(source, job.limits) as (reading, stream):
            if reading.media.kind is MediaKind.VIDEO:
                return video.examine_reading(source, reading, stream, video_job, workers=workers)
            if reading.media.mime not in video.ANIMATIONS:
                return image.examine_reading(source, reading, job, workers=workers, admit=admit)
            return _animation(source, reading, job, video_job, workers, admit)
    except DecodeError as error:
        return image.failed(known, error), error


def _animation(
    source: Source,
    reading: Reading,
    job: Job,
    video_job: VideoJob,
    workers: WorkerPool | None,
    admit: Admit | None,
) -> tuple[Fingerprint, HashmatchError | None]:
    """Of a file that is an animation if it has more than one frame."""
    limits = video_job.limits
    seconds = min(limits.max_video_seconds, ANIMATION_SHARE * limits.max_seconds)
    video_job = dataclasses.replace(
        video_job.for_media(reading.media),
        limits=dataclasses.replace(limits, max_video_seconds=seconds),
    )
    known = image.known_of(source, reading)
    try:
        data = reading.data(job.limits)
        if workers is not None:
            made = workers.run(
                job.limits, animation_step, data, known, job, reading.media, video_job
            )
            if isinstance(made, ImageFingerprint):
                return made, None
            found = VideoFingerprint(**from_plain(made))
        elif is_animation(data, job.limits):
            found = video.decoded(data, reading.media, video_job)
        else:
            return image.fingerprint_picture(data, known, job, admit=admit), None
    except DecodeError as error:
        return image.failed(known, error), error
    return video.described(video.known_of(source, reading), video_job, found), None


def animation_step(
    data: bytes, known: ImageFingerprint, job: Job, media: MediaType, video_job: VideoJob
) -> ImageFingerprint | dict[str, Any]:
    """What a worker does with a file that may be an animation."""
    if is_animation(data, job.limits):
        return video.worker_step(data, media, video_job)
    return image.fingerprint_picture(data, known, job)
