"""One video's fingerprint from its JSON form, the keys of ``VideoFingerprint.to_dict``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.encoding import parse_hex
from hashmatch.fingerprinting.listing_values import read_count, read_text, read_texts
from hashmatch.fingerprinting.model import FingerprintStatus
from hashmatch.fingerprinting.video_checks import checked_frames
from hashmatch.fingerprinting.video_model import NO_FRAMES, FrameHashes, VideoFingerprint
from hashmatch.hashing import ORIENTATIONS
from hashmatch.types import Digests, MediaKind

VIDEO_SCHEMA = "hashmatch.video/1"

_HASHED = (
    FingerprintStatus.OK,
    FingerprintStatus.PARTIAL,
    FingerprintStatus.LOW_INFORMATION,
)


def read_video_record(values: dict[str, Any]) -> VideoFingerprint:
    """The fingerprint in one JSON object.

    Raises:
        ValueError, TypeError, KeyError, AttributeError, HashmatchError: it is something else.
    """
    status = FingerprintStatus(values["status"])
    frames = _frames(values["frames"])
    if status in _HASHED and len(frames) == 0:
        raise ValueError(f"status {status.value}: expected frames, got none")
    orientation = read_text(values, "orientation")
    if orientation is not None and orientation not in ORIENTATIONS:
        raise ValueError(f"orientation: expected one of {', '.join(ORIENTATIONS)}")
    return VideoFingerprint(
        status=status,
        reason=read_text(values, "reason"),
        name=read_text(values, "name"),
        size=read_count(values, "size"),
        digests=Digests.parse(**{name: values[name] for name in ("md5", "sha1", "sha256")}),
        kind=MediaKind(values["kind"]),
        mime=read_text(values, "mime"),
        width=read_count(values, "width"),
        height=read_count(values, "height"),
        orientation=orientation,
        container=read_text(values, "container"),
        codec=read_text(values, "codec"),
        duration_ms=read_count(values, "duration_ms"),
        frame_rate=_number(values, "frame_rate"),
        n_frames=read_count(values, "n_frames"),
        n_broken=read_count(values, "n_broken") or 0,
        cover_art=read_text(values, "cover_art"),
        interval_s=_number(values, "interval_s"),
        n_sampled=read_count(values, "n_sampled") or 0,
        prune_distance=read_count(values, "prune_distance"),
        trim=_trim(values["trim"]),
        frames=frames,
        made_with=read_texts(values, "made_with"),
    )


def _frames(values: object) -> FrameHashes:
    if not isinstance(values, list):
        raise ValueError(f"frames: expected a list, got {type(values).__name__}")
    if not values:
        return NO_FRAMES
    hashes = b"".join(parse_hex(frame["pdq"], 32, name="pdq hash") for frame in values)
    qualities = _column(values, "quality")
    if max(qualities) > 100:
        raise ValueError(f"quality: expected 0..100, got {max(qualities)}")
    return checked_frames(
        FrameHashes(
            times_ms=_integers(values, "time_ms"),
            numbers=_integers(values, "number"),
            hashes=np.frombuffer(hashes, np.uint8).reshape(-1, 32),
            qualities=np.array(qualities, np.uint8),
            spans_ms=_integers(values, "span_ms"),
        )
    )


def _integers(frames: list[dict[str, Any]], name: str) -> NDArray[np.int64]:
    return np.array(_column(frames, name), np.int64)


def _column(frames: list[dict[str, Any]], name: str) -> list[int]:
    column = [frame[name] for frame in frames]
    for value in column:
        if type(value) is not int or not 0 <= value < 2**53:
            raise ValueError(f"{name}: expected a whole number, got {str(value)[:80]!r}")
    return column


def _number(values: dict[str, Any], name: str) -> float | None:
    value = values[name]
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e12:
        raise ValueError(f"{name}: expected a number or null, got {str(value)[:80]!r}")
    return float(value)


def _trim(value: object) -> tuple[int, int, int, int] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 4:
        raise ValueError("trim: expected four numbers or null")
    left, top, right, bottom = (_column([{"trim": side}], "trim")[0] for side in value)
    return left, top, right, bottom
