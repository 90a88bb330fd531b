"""Samples of more than 8 bits to 8 bits: scaled to the container that holds them, never clipped.

Whoever wrote the file knew its range; where the file does not say it, the smallest usual container
is taken that holds every sample of the picture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.generic]
Range = tuple[float, float]

_INTEGER_TOPS = (0xFF, 0xFFFF)
_FLOAT_TOPS = (1.0, 255.0, 65535.0)


def integer_range(low: float, high: float) -> Range:
    """What is black and what is white in 32-bit integer samples that reach from low to high.

    0..255 if they fit, else 0..65535, else (32-bit or negative samples) low..high themselves.
    """
    return _container(low, high, _INTEGER_TOPS)


def float_range(low: float, high: float) -> Range:
    """What is black and what is white in float samples that reach from low to high.

    0..1 if they fit, else 0..255, else 0..65535, else low..high themselves.
    """
    return _container(low, high, _FLOAT_TOPS)


def _container(low: float, high: float, tops: tuple[float, ...]) -> Range:
    if low >= 0:
        for top in tops:
            if high <= top:
                return 0.0, float(top)
    return low, high


def extent(samples: Samples) -> Range | None:
    """The smallest and the largest finite sample; None if there is none."""
    if samples.dtype.kind == "f":
        samples = samples[np.isfinite(samples)]
    if samples.size == 0:
        return None
    return float(samples.min()), float(samples.max())


def scaled(samples: Samples, black_white: Range) -> NDArray[np.uint8]:
    """Samples on 0..255, rounded; infinities become the ends of the range, NaN black."""
    low, high = black_white
    if high <= low:
        return np.zeros(samples.shape, dtype=np.uint8)
    values = samples.astype(np.float64)
    share = (np.nan_to_num(values, nan=low, posinf=high, neginf=low) - low) / (high - low)
    return np.rint(share * 255).astype(np.uint8)


def upper_byte(samples: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """16-bit samples of a format that says so: the upper 8 bits, as libpng strips them."""
    return (samples >> 8).astype(np.uint8)
