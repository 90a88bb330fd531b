"""A container's display matrix as one of the eight orientations.

Source: ISO/IEC 14496-12 section 8.5.2 (track header matrix), as FFmpeg hands it on with a frame.
"""

from __future__ import annotations

import struct

UPRIGHT = "original"

# (a, b, c, d): a pixel at (x, y) is shown at (a x + c y, b x + d y), y downwards.
_NAMES = {
    (1, 0, 0, 1): UPRIGHT,
    (0, -1, 1, 0): "rotate90",
    (-1, 0, 0, -1): "rotate180",
    (0, 1, -1, 0): "rotate270",
    (1, 0, 0, -1): "flip_x",
    (-1, 0, 0, 1): "flip_y",
    (0, 1, 1, 0): "flip_plus1",
    (0, -1, -1, 0): "flip_minus1",
}


def orientation_name(matrix: bytes) -> str:
    """PDQ's name of the orientation that a display matrix asks for.

    Args:
        matrix: nine int32 in the machine's order. Scale and shear are left aside; what is turned by
            an odd angle counts as turned by the nearest quarter.
    """
    if len(matrix) < 36:
        return UPRIGHT
    a, b, _, c, d, *_ = struct.unpack("=9i", matrix[:36])
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return _NAMES.get((_sign(a), 0, 0, _sign(d)), UPRIGHT)
    return _NAMES.get((0, _sign(b), _sign(c), 0), UPRIGHT)


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)
