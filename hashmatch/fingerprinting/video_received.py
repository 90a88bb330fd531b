"""A video's fingerprint on its way from a worker, which may have been taken over.

It travels as plain values; each is looked at before it is believed. What the worker can't know, the
file's name and digests, is not taken from it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import InputError, WorkerCrashError
from hashmatch.fingerprinting.model import FingerprintStatus
from hashmatch.fingerprinting.video_checks import checked_frames
from hashmatch.fingerprinting.video_model import FrameHashes, FrameView, VideoFingerprint
from hashmatch.fingerprinting.views import View
from hashmatch.hashing import ORIENTATIONS, TmkFeatures

MAX_TEXT = 1000
"""Characters of a text that a worker may send."""

_STATUSES = (
    FingerprintStatus.OK,
    FingerprintStatus.PARTIAL,
    FingerprintStatus.LOW_INFORMATION,
    FingerprintStatus.TOO_SMALL,
)
_TEXTS = ("reason", "container", "codec", "cover_art")
_COUNTS = ("width", "height", "duration_ms", "n_frames", "n_broken", "n_sampled")
_COLUMNS = ("times_ms", "numbers", "spans_ms")


def to_plain(made: VideoFingerprint) -> dict[str, Any]:
    """What a worker sends."""
    frames = made.frames
    plain: dict[str, Any] = {name: getattr(made, name) for name in (*_TEXTS, *_COUNTS)}
    for name in _TEXTS:
        if plain[name] is not None:
            plain[name] = plain[name][:MAX_TEXT]
    plain |= {name: getattr(frames, name).astype("<i8").tobytes() for name in _COLUMNS}
    plain |= {
        "status": made.status.value,
        "orientation": made.orientation,
        "frame_rate": made.frame_rate,
        "trim": made.trim,
        "hashes": frames.hashes.tobytes(),
        "qualities": frames.qualities.tobytes(),
        "dihedral": None if frames.dihedral is None else frames.dihedral.tobytes(),
        "trimmed": None if frames.trimmed is None else frames.trimmed.tobytes(),
        "tmk": made.tmk,
        "made_with": dict(made.made_with),
        "views": tuple((held.frame, held.views) for held in made.frame_views),
    }
    return plain


def from_plain(plain: object) -> dict[str, Any]:
    """The fields of ``VideoFingerprint`` that a worker finds out.

    Raises:
        WorkerCrashError: a value that no fingerprint has.
    """
    try:
        return _fields(plain)
    except (ValueError, TypeError, KeyError, InputError) as error:
        raise WorkerCrashError(f"the decoding process sent no fingerprint: {error}") from error


def _fields(plain: object) -> dict[str, Any]:
    if type(plain) is not dict:
        raise ValueError("expected a fingerprint")
    frames = checked_frames(_frames(plain))
    fields: dict[str, Any] = {name: _text(plain, name) for name in _TEXTS}
    fields |= {name: _count(plain[name], name) for name in _COUNTS}
    rate, tmk = plain["frame_rate"], plain["tmk"]
    if rate is not None and not (type(rate) is float and 0 <= rate < 1e9):
        raise ValueError("frame_rate")
    if tmk is not None:
        if type(tmk) is not bytes:
            raise ValueError("tmk")
        TmkFeatures.from_bytes(tmk)
    if plain["orientation"] not in ORIENTATIONS:
        raise ValueError("orientation")
    status = FingerprintStatus(plain["status"])
    if status not in _STATUSES:
        raise ValueError("status")
    return fields | {
        "status": status,
        "orientation": plain["orientation"],
        "frame_rate": rate,
        "trim": _trim(plain["trim"]),
        "frames": frames,
        "tmk": tmk,
        "made_with": _versions(plain["made_with"]),
        "frame_views": tuple(_view(held, len(frames)) for held in plain["views"]),
    }


def _frames(plain: dict[str, Any]) -> FrameHashes:
    columns = {name: np.frombuffer(_bytes(plain[name]), "<i8") for name in _COLUMNS}
    n = len(columns["times_ms"])
    return FrameHashes(
        times_ms=columns["times_ms"].astype(np.int64),
        numbers=columns["numbers"].astype(np.int64),
        spans_ms=columns["spans_ms"].astype(np.int64),
        hashes=_array(plain["hashes"], (n, 32)),
        qualities=_array(plain["qualities"], (n,)),
        dihedral=None if plain["dihedral"] is None else _array(plain["dihedral"], (n, 8, 32)),
        trimmed=None if plain["trimmed"] is None else _array(plain["trimmed"], (n, 8, 32)),
    )


def _array(value: object, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    return np.frombuffer(_bytes(value), np.uint8).reshape(shape)


def _bytes(value: object) -> bytes:
    if type(value) is not bytes:
        raise ValueError("expected bytes")
    return value


def _text(plain: dict[str, Any], name: str) -> str | None:
    value = plain[name]
    if value is not None and not (type(value) is str and len(value) <= MAX_TEXT):
        raise ValueError(name)
    return value


def _count(value: object, name: str) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError(name)
    return value


def _trim(value: object) -> tuple[int, int, int, int] | None:
    if value is None:
        return None
    if type(value) is not tuple or len(value) != 4:
        raise ValueError("trim")
    left, top, right, bottom = (_count(side, "trim") for side in value)
    if not (left < right and top < bottom):
        raise ValueError("trim")
    return left, top, right, bottom


def _view(held: object, n_frames: int) -> FrameView:
    if type(held) is not tuple or len(held) != 2 or type(held[1]) is not tuple:
        raise ValueError("views")
    frame, views = held
    if _count(frame, "views") >= n_frames or not all(type(view) is View for view in views):
        raise ValueError("views")
    return FrameView(frame, views)


def _versions(value: object) -> dict[str, str]:
    if type(value) is not dict or len(value) > 20:
        raise ValueError("made_with")
    texts = [*value, *value.values()]
    if not all(type(text) is str and len(text) <= 100 for text in texts):
        raise ValueError("made_with")
    return value
