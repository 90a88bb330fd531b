"""A picture's fingerprint on its way from a worker, which may have been taken over.

It travels as plain values; each is looked at before it is believed. What the worker can't know, the
file's name, type and digests, is not taken from it.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from hashmatch.algorithms import get_algorithm
from hashmatch.errors import WorkerCrashError
from hashmatch.fingerprinting.job import Job
from hashmatch.fingerprinting.model import FingerprintStatus, ImageFingerprint
from hashmatch.fingerprinting.views import View
from hashmatch.hashing import ORIENTATIONS
from hashmatch.types import HashValue, MediaKind

MAX_TEXT = 1000
"""Characters of a text that a worker may send."""

_DECODED = (
    FingerprintStatus.OK,
    FingerprintStatus.TRUNCATED,
    FingerprintStatus.LOW_INFORMATION,
    FingerprintStatus.TOO_SMALL,
)
_FAILED = (FingerprintStatus.CORRUPT, FingerprintStatus.UNSUPPORTED)
_STATUSES = {status.value: status for status in (*_DECODED, *_FAILED)}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?", re.ASCII)
_LONGEST_CAMERA = 129


def to_plain(made: ImageFingerprint) -> tuple[Any, ...]:
    """What a worker sends; hashes as name, quality, and one or eight of them after each other."""
    hashes = tuple(
        (
            name,
            value.quality,
            b"".join(row.value for row in made.dihedral.get(name, (value,))),
        )
        for name, value in made.hashes.items()
    )
    return (
        made.status.value,
        made.reason,
        made.width,
        made.height,
        made.stored_mode,
        made.orientation,
        made.frames,
        made.fraction,
        made.decode,
        made.captured,
        made.camera,
        hashes,
        made.views,
    )


def from_plain(plain: object, known: ImageFingerprint, job: Job) -> ImageFingerprint:
    """The fingerprint that a worker made.

    Args:
        known: what is known of the file without the worker.
        job: what was wanted.

    Raises:
        WorkerCrashError: a value that no fingerprint has.
    """
    try:
        return _made(plain, known, job)
    except (ValueError, TypeError, KeyError) as error:
        raise WorkerCrashError(f"the decoding process sent no fingerprint: {error}") from error


def _made(plain: object, known: ImageFingerprint, job: Job) -> ImageFingerprint:
    if type(plain) is not tuple:
        raise ValueError("expected a fingerprint")
    status_text, reason, width, height, stored_mode, orientation, frames, *rest = plain
    fraction, decode, captured, camera, hashes, views = rest
    status = _STATUSES[_text(status_text)]
    if status in _FAILED:
        return dataclasses.replace(known, status=status, reason=_text(reason))
    if fraction is not None and not (type(fraction) is float and 0 <= fraction <= 1):
        raise ValueError("fraction")
    if captured is not None and not _MOMENT.fullmatch(_text(captured)):
        raise ValueError("captured")
    if camera is not None and not (
        _text(camera).isprintable() and 0 < len(camera) <= _LONGEST_CAMERA
    ):
        raise ValueError("camera")
    if type(views) is not tuple or not all(type(view) is View for view in views):
        raise ValueError("views")
    rows = _hashes(hashes, job)
    return ImageFingerprint(
        status=status,
        reason=None if reason is None else _text(reason),
        name=known.name,
        size=known.size,
        digests=known.digests,
        kind=MediaKind.IMAGE,
        mime=known.mime,
        width=_count(width, 2**31),
        height=_count(height, 2**31),
        stored_mode=_text(stored_mode),
        orientation=_count(orientation, 9),
        frames=_count(frames, 2**31),
        fraction=fraction,
        decode=_text(decode),
        hashes={name: values[0] for name, values in rows.items()},
        dihedral=rows if job.dihedral else {},
        made_with=known.made_with,
        views=views,
        captured=captured,
        camera=camera,
    )


def _hashes(plain: object, job: Job) -> dict[str, tuple[HashValue, ...]]:
    if type(plain) is not tuple:
        raise ValueError("hashes")
    rows: dict[str, tuple[HashValue, ...]] = {}
    for name, quality, blob in plain:
        if type(name) is not str or name not in job.algorithms or type(blob) is not bytes:
            raise ValueError("hashes")
        if quality is not None:
            _count(quality, 101)
        each = get_algorithm(name).n_bytes
        if len(blob) != each * (len(ORIENTATIONS) if job.dihedral else 1):
            raise ValueError("hashes")
        rows[name] = tuple(
            HashValue(name, blob[at : at + each], quality) for at in range(0, len(blob), each)
        )
    return rows


def _text(value: object) -> str:
    if type(value) is not str or len(value) > MAX_TEXT:
        raise ValueError("expected a text")
    return value


def _count(value: object, below: int) -> int:
    if type(value) is not int or not 0 <= value < below:
        raise ValueError("expected a number")
    return value
