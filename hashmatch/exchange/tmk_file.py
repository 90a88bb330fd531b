"""The bytes of a TMK+PDQF file to numbers and back, exactly.

Little-endian: three magics, five int32, the periods (int32), then float32 arrays: Fourier
coefficients, pure average feature, cosine features, sine features. Source: facebook/ThreatExchange,
tmk/cpp/io/tmkiotypes.h, tmkio.cpp, tmkfv.cpp.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from hashmatch.errors import ExchangeError

PROJECT = b"TMK1"
FEATURE_VECTORS = b"FVEC"
ALGORITHM = b"PDQF"
HEADER = struct.Struct("<4s4s4s5i")
DIMENSION = 256
"""Floats of one frame feature: PDQ's 16 x 16 coefficients. No other PDQF exists."""
MAX_PERIODS = 64
MAX_COEFFICIENTS = 1024
MAX_BYTES = 32 << 20
"""A default file has 263,344 bytes."""

_OTHER_KINDS = {
    b"FEAT": "frame features, from which a fingerprint is still to be made",
    b"VSTR": "decoded frames of a video, which are no fingerprint and never read",
}


@dataclass(frozen=True, slots=True)
class TmkFile:
    """One video's TMK+PDQF fingerprint.

    Attributes:
        frames_per_second: rate to which the video was resampled.
        frame_count: frames of the resampled video; informational.
        periods: int32 periods, P of them.
        fourier: m float32, as bytes.
        average: 256 float32, as bytes: the level-1 feature.
        cosines: P * m * 256 float32, period-major, as bytes.
        sines: as ``cosines``.
    """

    frames_per_second: int
    frame_count: int
    periods: tuple[int, ...]
    fourier: bytes
    average: bytes
    cosines: bytes
    sines: bytes

    def to_bytes(self) -> bytes:
        """The file."""
        header = HEADER.pack(
            *(PROJECT, FEATURE_VECTORS, ALGORITHM, self.frames_per_second, len(self.periods)),
            *(len(self.fourier) // 4, len(self.average) // 4, self.frame_count),
        )
        periods = struct.pack(f"<{len(self.periods)}i", *self.periods)
        return b"".join((header, periods, self.fourier, self.average, self.cosines, self.sines))


def measure(header: bytes, size: int, name: str) -> tuple[int, int]:
    """Numbers of periods and of Fourier coefficients, checked against the file's size.

    Nothing is allocated for what a header claims.

    Args:
        header: the first ``HEADER.size`` bytes.
        size: bytes of the whole file.
        name: the file in messages.

    Raises:
        ExchangeError: no TMK feature vector, numbers out of range, or another size than theirs.
    """
    if len(header) < HEADER.size:
        raise ExchangeError(f"{name}: expected a TMK header of 32 bytes, got {len(header)}")
    project, kind, algorithm, rate, n_periods, n_fourier, dimension, count = HEADER.unpack(
        header[: HEADER.size]
    )
    if project != PROJECT:
        raise ExchangeError(f"{name}: expected the magic TMK1, got {project!r}")
    if kind in _OTHER_KINDS:
        raise ExchangeError(f"{name}: expected TMK feature vectors, got {_OTHER_KINDS[kind]}")
    if kind != FEATURE_VECTORS:
        raise ExchangeError(f"{name}: expected TMK feature vectors (FVEC), got {kind!r}")
    if algorithm != ALGORITHM:
        raise ExchangeError(f"{name}: expected PDQF frame features, got {algorithm!r}")
    for what, value, limit in (
        ("frames per second", rate, 1000),
        ("periods", n_periods, MAX_PERIODS),
        ("Fourier coefficients", n_fourier, MAX_COEFFICIENTS),
    ):
        if not 1 <= value <= limit:
            raise ExchangeError(f"{name}: {what}: expected 1 to {limit}, got {value}")
    if dimension != DIMENSION:
        raise ExchangeError(f"{name}: feature dimension: expected {DIMENSION}, got {dimension}")
    if count < 0:
        raise ExchangeError(f"{name}: frame count: expected 0 or more, got {count}")
    fields = n_periods + n_fourier + dimension + 2 * n_periods * n_fourier * dimension
    expected = HEADER.size + 4 * fields
    if expected > MAX_BYTES:
        raise ExchangeError(f"{name}: expected at most {MAX_BYTES} bytes, its header says more")
    if size != expected:
        raise ExchangeError(
            f"{name}: expected {expected} bytes as its header says, got a file of {size}"
        )
    return n_periods, n_fourier


def parse_tmk(data: bytes, name: str) -> TmkFile:
    """Take a whole file apart.

    Raises:
        ExchangeError: see ``measure``; or a period or a float that no fingerprint has.
    """
    n_periods, n_fourier = measure(data[: HEADER.size], len(data), name)
    rate, count = struct.unpack_from("<i", data, 12)[0], struct.unpack_from("<i", data, 28)[0]
    at = HEADER.size
    periods = struct.unpack_from(f"<{n_periods}i", data, at)
    at += 4 * n_periods
    if min(periods) < 1:
        raise ExchangeError(f"{name}: periods: expected 1 or more, got {min(periods)}")
    _require_finite(data, at, name)
    parts = []
    for n_floats in (n_fourier, DIMENSION, *(2 * (n_periods * n_fourier * DIMENSION,))):
        parts.append(data[at : at + 4 * n_floats])
        at += 4 * n_floats
    return TmkFile(rate, count, tuple(periods), *parts)


def _require_finite(data: bytes, start: int, name: str) -> None:
    import numpy as np

    # All bits of the exponent set is how float32 spells NaN and infinity.
    bits = np.frombuffer(data, "<u4", offset=start)
    strange = np.flatnonzero((bits & 0x7F800000) == 0x7F800000)
    if len(strange):
        at = start + 4 * int(strange[0])
        raise ExchangeError(f"{name}: expected finite numbers, got NaN or infinity at byte {at}")
