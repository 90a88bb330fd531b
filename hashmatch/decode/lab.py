"""CIE L*a*b* (D50) to sRGB: Pillow opens such pictures and can't convert them by itself.

Source: ICC.1:2022 (PCSLAB, D50), IEC 61966-2-1 (sRGB); the matrix is sRGB's, Bradford-adapted to
D50.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_WHITE = np.array([0.9642, 1.0, 0.8249], dtype=np.float32)
_TO_LINEAR = np.array(
    [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ],
    dtype=np.float32,
)
_KNEE = np.float32(6 / 29)


def lab_to_rgb(
    lightness: NDArray[np.uint8], a: NDArray[np.uint8], b: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """sRGB, uint8 (h, w, 3); colours that sRGB does not have go to its nearest edge.

    Args:
        lightness: 0..255 for L* 0..100.
        a, b: a* and b* with 128 added, as Pillow keeps them.
    """
    fy = (lightness.astype(np.float32) * np.float32(100 / 255) + 16) / 116
    fx = fy + (a.astype(np.float32) - 128) / 500
    fz = fy - (b.astype(np.float32) - 128) / 200
    f = np.stack([fx, fy, fz], axis=-1)
    xyz = np.where(f > _KNEE, f**3, 3 * _KNEE**2 * (f - np.float32(4 / 29))) * _WHITE
    linear = np.clip(xyz @ _TO_LINEAR.T, 0, 1)
    curved = 1.055 * np.power(linear, np.float32(1 / 2.4)) - 0.055
    gamma: NDArray[np.float32] = np.where(linear <= 0.0031308, 12.92 * linear, curved)
    return np.rint(gamma * 255).astype(np.uint8)
