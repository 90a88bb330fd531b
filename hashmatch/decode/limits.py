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
    """

    max_pixels: int = 178_000_000
    max_bytes: int = 512 * MIB

    def __post_init__(self) -> None:
        for name in ("max_pixels", "max_bytes"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise InputError(f"{name}: expected an integer of 1 or more, got {value!r}")


DEFAULT_LIMITS = Limits()
