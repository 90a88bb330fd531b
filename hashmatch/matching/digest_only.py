"""A medium of which only the bytes count: nothing is decoded."""

from __future__ import annotations

from hashmatch.decode import DEFAULT_LIMITS, Limits, source_name
from hashmatch.errors import DecodeError, InputError, MediaAccessError
from hashmatch.fingerprinting import FingerprintStatus, ImageFingerprint, ImageSource, access_status
from hashmatch.fingerprinting.reading import read_source

NOT_DECODED = "not decoded: the policy's level is digest"


def read_digests(source: ImageSource, limits: Limits | None) -> ImageFingerprint:
    """The digests of a path, bytes or binary file, and no hash.

    Raises:
        InputError: an array or a Pillow picture, which has no bytes; or no source at all.
    """
    if hasattr(source, "__array_interface__"):  # arrays, and Pillow pictures
        kind = type(source).__name__
        raise InputError(f"source: expected a path, bytes or a file at level digest, got a {kind}")
    name = source_name(source)
    try:
        reading = read_source(source, limits or DEFAULT_LIMITS)
    except DecodeError as error:
        status = FingerprintStatus.UNSUPPORTED  # no regular file
        if isinstance(error, MediaAccessError):
            status = access_status(error.errno)
        return ImageFingerprint(status=status, name=name, reason=str(error))
    return ImageFingerprint(
        status=FingerprintStatus.OK if reading.size else FingerprintStatus.EMPTY,
        reason=NOT_DECODED if reading.size else "empty file: 0 bytes",
        name=name,
        size=reading.size,
        digests=reading.digests,
        kind=reading.media.kind,
        mime=reading.media.mime,
    )
