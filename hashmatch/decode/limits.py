"""Limits on what an untrusted medium may cost."""

from __future__ import annotations

from dataclasses import dataclass

from hashmatch.errors import InputError

MIB = 1024 * 1024
_COUNTS = (
    "max_pixels",
    "max_bytes",
    "max_frames",
    "max_memory",
    "max_video_frames",
    "max_video_bytes",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What decoding one medium may use; over a limit it is refused, never cut down silently.

    Attributes:
        max_pixels: width times height of a picture, checked before any pixel is decoded.
        max_bytes: size of a file that is decoded. Larger files still get their digests.
        max_frames: frames of one file that are counted, and decoded where more than the first is
            asked for. The first frame is hashed whatever their number.
        max_seconds: wall and processor time of one medium; holds in a worker process only.
        max_memory: address space of a worker process in bytes; holds in a worker process only.
        max_video_frames: frames of a video that are decoded, shown or not.
        max_video_seconds: wall time of reading a video; holds without a worker process too.
        max_video_bytes: bytes of a video file that are read, those read twice counted twice.

    Over one of the three limits on videos, what was read until then is there and says why it ends.
    """

    max_pixels: int = 178_000_000
    max_bytes: int = 512 * MIB
    max_frames: int = 1000
    max_seconds: float = 30.0
    max_memory: int = 4096 * MIB
    max_video_frames: int = 2_000_000
    max_video_seconds: float = 600.0
    max_video_bytes: int = 64 * 1024 * MIB

    def __post_init__(self) -> None:
        for name in _COUNTS:
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise InputError(f"{name}: expected an integer of 1 or more, got {value!r}")
        for name in ("max_seconds", "max_video_seconds"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
                raise InputError(f"{name}: expected a number above 0, got {value!r}")


DEFAULT_LIMITS = Limits()
