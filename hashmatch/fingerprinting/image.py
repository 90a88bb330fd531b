"""One picture in, one fingerprint out: digests and hashes from one reading of the file.

The bytes are read, and their digests taken, in the calling process. What an attacker aims at, the
decoder, runs here too or, with ``isolate=True``, in a worker process that gets nothing but them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hashmatch import cpu
from hashmatch._version import __version__
from hashmatch.decode import (
    Admit,
    DecodedImage,
    Limits,
    MediaType,
    Source,
    decode_image,
    decode_pillow,
    later_frames,
    source_name,
)
from hashmatch.errors import DecodeError, InputError
from hashmatch.fingerprinting.failures import failed_status
from hashmatch.fingerprinting.hashes import hash_picture
from hashmatch.fingerprinting.job import Job
from hashmatch.fingerprinting.model import FingerprintStatus, ImageFingerprint
from hashmatch.fingerprinting.reading import Reading, read_source
from hashmatch.fingerprinting.views import views_of
from hashmatch.fingerprinting.worker import WorkerPool, shared_workers
from hashmatch.hashing import cell_scale, digest_bytes, require_picture
from hashmatch.types import MediaKind

if TYPE_CHECKING:
    from PIL import Image
    from typing_extensions import TypeIs

ImageSource: TypeAlias = "Source | NDArray[np.uint8] | Image.Image"
"""What one picture can come from."""


def hash_image(
    source: ImageSource,
    *,
    algorithms: Sequence[str] = ("pdq",),
    decode: str = "exact",
    dihedral: bool = False,
    frames: int = 1,
    views: str = "none",
    limits: Limits | None = None,
    isolate: bool = False,
) -> ImageFingerprint:
    """Digests and perceptual hashes of one picture.

    Args:
        source: a path, bytes, a binary file object, a uint8 array (h, w, 3) or (h, w), or a Pillow
            picture. Arrays and Pillow pictures have no digests.
        algorithms: names that hashmatch computes.
        decode: "exact", the full decode, for hashes that are stored or exported; "fast", luma
            alone and at a reduced scale where the format allows it (JPEG), within 2 bits of the
            exact hash of a large picture, for checking and triage.
        dihedral: also hash the seven other orientations.
        frames: how many frames or pages of the file are hashed (``later_frames`` has those after
            the first), as far as they can be decoded; at most ``limits.max_frames``.
        views: "none"; "trims", also what the parts within borders and bars need to be matched;
            "all", also pictures within the picture. Views hold thumbnails: they stay in memory.
        limits: the default ones if None; those on time and memory hold with ``isolate`` only.
        isolate: decode in a worker process (not for Pillow pictures, which are open already).

    Returns:
        The fingerprint; its status is OK, TRUNCATED, LOW_INFORMATION or TOO_SMALL.

    Raises:
        DecodeError: the source can't be read or decoded (see its subclasses).
        InputError: a wrong argument.
    """
    job = Job.of(algorithms, decode, dihedral, limits, frames, views)
    result, error = examine(source, job, workers=shared_workers() if isolate else None)
    if error is not None:
        raise error
    return result


def examine_image(
    source: ImageSource,
    *,
    algorithms: Sequence[str] = ("pdq",),
    decode: str = "exact",
    dihedral: bool = False,
    frames: int = 1,
    views: str = "none",
    limits: Limits | None = None,
    isolate: bool = False,
) -> ImageFingerprint:
    """As ``hash_image``, but a source that can't be decoded gives a fingerprint that says so.

    Its digests are there whenever its bytes could be read, whatever the file is.

    Raises:
        InputError: a wrong argument.
    """
    job = Job.of(algorithms, decode, dihedral, limits, frames, views)
    return examine(source, job, workers=shared_workers() if isolate else None)[0]


def examine(
    source: ImageSource,
    job: Job,
    *,
    workers: WorkerPool | None = None,
    admit: Admit | None = None,
) -> tuple[ImageFingerprint, DecodeError | None]:
    """The fingerprint of a source, and why it has no hash if it has none.

    Args:
        workers: where to decode; None: here.
        admit: called with the number of pixels before they are decoded here; may wait.

    Raises:
        InputError: no source, or a Pillow picture for a worker.
    """
    known = unread(source)
    if isinstance(source, np.ndarray):
        require_picture(source)
        picture = DecodedImage(source, mime=None, stored_mode="array", orientation=1, frames=1)
        return _described(known, picture, job), None
    try:
        if is_pillow(source):
            if workers is not None:
                raise InputError("isolate: expected a path, bytes or a file, got a Pillow picture")
            picture = decode_pillow(source, job.limits, admit=admit)
            described = dataclasses.replace(known, decode="exact")
            return _described(described, picture, job), None
        reading = read_source(source, job.limits)
    except DecodeError as error:
        return failed(known, error), error
    return examine_reading(source, reading, job, workers=workers, admit=admit)


def examine_reading(
    source: Source,
    reading: Reading,
    job: Job,
    *,
    workers: WorkerPool | None = None,
    admit: Admit | None = None,
) -> tuple[ImageFingerprint, DecodeError | None]:
    """The same of a source that was read."""
    known = known_of(source, reading)
    try:
        data = reading.data(job.limits)
        if workers is None or reading.media.kind is not MediaKind.IMAGE:
            return fingerprint_picture(data, known, job, admit=admit), None
        return workers.run(job.limits, fingerprint_picture, data, known, job), None
    except DecodeError as error:
        return failed(known, error), error


def unread(source: ImageSource) -> ImageFingerprint:
    """What is known of a source before it is read."""
    return ImageFingerprint(
        status=FingerprintStatus.OK, name=source_name(source), made_with=_versions()
    )


def known_of(source: Source, reading: Reading) -> ImageFingerprint:
    """What is known of a picture before it is decoded."""
    return ImageFingerprint(
        status=FingerprintStatus.OK,
        name=source_name(source),
        size=reading.size,
        digests=reading.digests,
        kind=reading.media.kind,
        mime=reading.media.mime,
        made_with=_versions(),
    )


def known_of_bytes(data: bytes, media: MediaType, sha256: bytes) -> ImageFingerprint:
    """The same of a file in memory, whose digest was taken."""
    return ImageFingerprint(
        status=FingerprintStatus.OK,
        size=len(data),
        digests=digest_bytes(data, sha256=sha256),
        kind=media.kind,
        mime=media.mime,
        made_with=_versions(),
    )


def fingerprint_picture(
    data: bytes, known: ImageFingerprint, job: Job, *, admit: Admit | None = None
) -> ImageFingerprint:
    """Decode and hash the bytes of a picture: the step that a worker does.

    Args:
        known: what was known of it before.

    Raises:
        DecodeError: it can't be decoded.
    """
    reduce = cell_scale if job.decode == "fast" else None
    picture = decode_image(data, job.limits, admit=admit, reduce=reduce)
    decode = f"fast 1/{picture.scale}" if picture.luma_only else "exact"
    described = dataclasses.replace(known, decode=decode)
    made = _described(described, picture, job)
    if job.frames == 1 or picture.frames == 1:
        return made
    later = tuple(
        hash_picture(
            known, dataclasses.replace(picture, pixels=pixels, scale=1), job.algorithms, False
        ).hashes
        for pixels in later_frames(data, job.frames - 1, job.limits)
    )
    return dataclasses.replace(made, later_frames=later)


def _described(known: ImageFingerprint, picture: DecodedImage, job: Job) -> ImageFingerprint:
    made = hash_picture(known, picture, job.algorithms, job.dihedral)
    if job.views == "none":
        return made
    return dataclasses.replace(made, views=views_of(picture, job.views))


def failed(known: ImageFingerprint, error: DecodeError) -> ImageFingerprint:
    """The fingerprint of a source that has no hash."""
    status = failed_status(error, known.size)
    return dataclasses.replace(known, status=status, reason=str(error))


def is_pillow(source: Source | Image.Image) -> TypeIs[Image.Image]:
    """Whether it is a picture that Pillow has opened."""
    from PIL import Image

    return isinstance(source, Image.Image)


def _versions() -> dict[str, str]:
    import PIL

    return {"hashmatch": __version__, "pillow": PIL.__version__, "isa": cpu.active_isa()}
