"""Limits on what an untrusted medium may cost."""

from __future__ import annotations

from dataclasses import dataclass

from hashmatch.errors import InputError

MIB = 1024 * 1024


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
    """

    max_pixels: int = 178_000_000
    max_bytes: int = 512 * MIB
    max_frames: int = 1000
    max_seconds: float = 30.0
    max_memory: int = 4096 * MIB

    def __post_init__(self) -> None:
        for name in ("max_pixels", "max_bytes", "max_frames", "max_memory"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise InputError(f"{name}: expected an integer of 1 or more, got {value!r}")
        seconds = self.max_seconds
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds > 0:
            raise InputError(f"max_seconds: expected a number above 0, got {seconds!r}")


DEFAULT_LIMITS = Limits()
