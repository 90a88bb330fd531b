"""Errors of a source as the status of its fingerprint."""

from __future__ import annotations

from hashmatch.errors import (
    CorruptMediaError,
    HashmatchError,
    MediaAccessError,
    MediaLimitError,
    MediaTimeoutError,
    MissingExtraError,
    NoVideoError,
    UnsupportedMediaError,
    WorkerCrashError,
)
from hashmatch.fingerprinting.model import FingerprintStatus
from hashmatch.fingerprinting.reading import access_status

_STATUS_OF_ERROR: tuple[tuple[type[HashmatchError], FingerprintStatus], ...] = (
    (MediaTimeoutError, FingerprintStatus.TIMEOUT),
    (MediaLimitError, FingerprintStatus.LIMIT),
    (NoVideoError, FingerprintStatus.NO_VIDEO),
    (UnsupportedMediaError, FingerprintStatus.UNSUPPORTED),
    (MissingExtraError, FingerprintStatus.UNSUPPORTED),
    (CorruptMediaError, FingerprintStatus.CORRUPT),
    (WorkerCrashError, FingerprintStatus.CRASHED),
)


def failed_status(error: HashmatchError, size: int | None) -> FingerprintStatus:
    """Why a source has no hash.

    Args:
        size: of the file in bytes; None where it could not be read.
    """
    if isinstance(error, MediaAccessError):
        return access_status(error.errno)
    if size == 0:
        return FingerprintStatus.EMPTY
    return next(
        (status for kind, status in _STATUS_OF_ERROR if isinstance(error, kind)),
        FingerprintStatus.CORRUPT,
    )
