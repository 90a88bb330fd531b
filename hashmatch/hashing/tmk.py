"""TMK+PDQF: one vector for a whole video, compared at every offset in time.

Source: facebook/ThreatExchange, tmk/cpp. Frame features are ``pdq_feature`` of 64 x 64 RGB frames
at 15 a second; the file's layout is shared with ``exchange``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native
from hashmatch.errors import InputError, InputTypeError

FRAMES_PER_SECOND = 15
DIMENSION = 256
N_FOURIER = 32
PERIODS = tuple(_native.tmk_periods())
"""In frames."""

_HEADER = struct.Struct("<12s5i")
_MAGIC = b"TMK1FVECPDQF"
_SHAPE = (len(PERIODS), N_FOURIER, DIMENSION)
_FLOATS = DIMENSION + 2 * _SHAPE[0] * _SHAPE[1] * _SHAPE[2]
FILE_BYTES = _HEADER.size + 4 * (len(PERIODS) + N_FOURIER + _FLOATS)

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class TmkFeatures:
    """One video's fingerprint.

    Attributes:
        n_frames: frames at 15 a second.
        average: float32 (256,), the mean of the frames' features: level 1.
        cosines, sines: float32 (4, 32, 256), by period and Fourier coefficient: level 2.
    """

    n_frames: int
    average: Vector
    cosines: Vector
    sines: Vector

    def to_bytes(self) -> bytes:
        """The ``.tmk`` file, little-endian, 263,344 bytes."""
        sizes = (FRAMES_PER_SECOND, len(PERIODS), N_FOURIER, DIMENSION, self.n_frames)
        floats = (_native.tmk_fourier_coefficients(), self.average, self.cosines, self.sines)
        return b"".join(
            (
                _HEADER.pack(_MAGIC, *sizes),
                struct.pack(f"<{len(PERIODS)}i", *PERIODS),
                *(values.astype("<f4").tobytes() for values in floats),
            )
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> TmkFeatures:
        """Read a ``.tmk`` file of the usual parameters.

        Raises:
            InputError: another file, other parameters (those do not compare), or no finite numbers.
        """
        if len(data) != FILE_BYTES:
            raise InputError(f"tmk: expected a file of {FILE_BYTES} bytes, got {len(data)}")
        magic, *sizes, n_frames = _HEADER.unpack_from(data)
        periods = struct.unpack_from(f"<{len(PERIODS)}i", data, _HEADER.size)
        expected = [FRAMES_PER_SECOND, len(PERIODS), N_FOURIER, DIMENSION]
        if magic != _MAGIC or sizes != expected or periods != PERIODS or n_frames < 0:
            raise InputError(
                f"tmk: expected {_MAGIC!r} with {expected} and periods {PERIODS}, "
                f"got {magic!r} with {sizes} and periods {periods}"
            )
        at = _HEADER.size + 4 * len(PERIODS)
        floats = np.frombuffer(data, "<f4", offset=at).astype(np.float32)
        if not np.isfinite(floats).all():
            raise InputError("tmk: expected finite numbers, got NaN or infinity")
        weights, average, cosines, sines = np.split(
            floats, np.cumsum([N_FOURIER, DIMENSION, (len(floats) - N_FOURIER - DIMENSION) // 2])
        )
        if not np.allclose(weights, _native.tmk_fourier_coefficients(), rtol=1e-5):
            raise InputError("tmk: expected the Fourier coefficients of beta 32, got others")
        return cls(n_frames, average, cosines.reshape(_SHAPE), sines.reshape(_SHAPE))


class TmkBuilder:
    """Makes a fingerprint from frames as they come; memory does not grow with their number."""

    def __init__(self) -> None:
        self._native = _native.TmkBuilder()

    def add(self, features: Vector, times: int = 1) -> None:
        """Add frames in the order in which they are shown.

        Args:
            features: float32 (256,) of one frame, or (n, 256).
            times: how often each of them is shown at 15 frames a second; 0 leaves them out.

        Raises:
            InputTypeError, InputError: another dtype or shape.
        """
        if not isinstance(features, np.ndarray) or features.dtype != np.float32:
            raise InputTypeError("features: expected float32 (256,) or (n, 256)")
        if features.shape[-1:] != (DIMENSION,) or features.ndim not in (1, 2):
            raise InputError(f"features: expected (256,) or (n, 256), got {features.shape}")
        rows = np.ascontiguousarray(features.reshape(-1, DIMENSION))
        if times != 1:
            rows = np.repeat(rows, times, axis=0)
        self._native.add(rows)

    def finish(self) -> TmkFeatures:
        """The fingerprint of all frames so far; all zero without any."""
        return TmkFeatures(*self._native.finish())


def tmk_level1(a: Vector, b: Vector) -> float:
    """Cosine of two average features, -1..1; 0 where one is all zero.

    Args:
        a, b: float32 (256,).
    """
    mine, theirs = a.astype(np.float64), b.astype(np.float64)
    lengths = float(np.linalg.norm(mine) * np.linalg.norm(theirs))
    return float(mine @ theirs) / lengths if lengths > 0 else 0.0


def tmk_level2(a: TmkFeatures, b: TmkFeatures) -> tuple[float, int]:
    """The best agreement of two videos over all offsets in time, and that offset.

    Returns:
        The score, up to 1 for the same video; the offset in frames at 15 a second: frame t of ``a``
        is frame t + offset of ``b``, known up to a multiple of the period that agreed best.
    """
    weights = _native.tmk_fourier_coefficients().astype(np.float64)
    best, offset = -np.inf, 0
    for number, period in enumerate(PERIODS):
        cos_a, sin_a = a.cosines[number].astype(np.float64), a.sines[number].astype(np.float64)
        cos_b, sin_b = b.cosines[number].astype(np.float64), b.sines[number].astype(np.float64)
        even = (cos_a * cos_b).sum(axis=1) + (sin_a * sin_b).sum(axis=1)
        odd = (sin_a * cos_b).sum(axis=1) - (cos_a * sin_b).sum(axis=1)
        even[0] = cos_a[0] @ cos_b[0]  # its sine is zero
        # K(d) = sum over j of even_j cos(2 pi j d / T) + odd_j sin(2 pi j d / T): an inverse FFT.
        spectrum = np.zeros(period // 2 + 1, np.complex128)
        spectrum[:N_FOURIER] = (even - 1j * odd) / 2
        spectrum[0] = even[0]
        scores = np.fft.irfft(spectrum, period) * period
        at = int(scores.argmax())
        if scores[at] > best:
            best = float(scores[at])
            offset = at if at <= period // 2 else at - period
    return best / float(weights[0] + 2 * weights[1:].sum()), -offset


class Resampler:
    """How often each frame of a video is shown when it is brought to a constant rate.

    Frames are duplicated and dropped as ``ffmpeg -r`` does it for raw output: a frame is dropped
    where it ends more than 1.1 places late, and repeated where it ends more than 1.1 early.
    Source: FFmpeg 4.1, behaviour of constant-rate output (checked on the reference's frame counts).

    Args:
        frame_rate: of the video, frames a second; None where it is not known.
        rate: frames a second to come to.
    """

    def __init__(self, frame_rate: float | None, rate: int = FRAMES_PER_SECOND) -> None:
        self._rate = rate
        self._longest = rate / frame_rate if frame_rate else np.inf
        self._next = 0

    def times(self, time_ms: float, end_ms: float) -> tuple[int, int]:
        """(how often the frame before is shown once more, how often this one) in the output.

        Args:
            time_ms, end_ms: when the frame is shown, and until when.
        """
        duration = min((end_ms - time_ms) * self._rate / 1000, self._longest)
        drift = time_ms * self._rate / 1000 - self._next
        end = drift + duration
        if drift < 0 < end:
            drift = 0.0
        if end < -1.1:
            return 0, 0
        shown, before = 1, 0
        if end > 1.1:
            shown = round(end)
            before = min(round(drift - 0.6), shown) if drift > 1.1 else 0
        self._next += shown
        return before, shown - before
