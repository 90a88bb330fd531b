"""Whether arrays can be a video's frames: for what another process or a list says of them."""

from __future__ import annotations

import numpy as np

from hashmatch.fingerprinting.video_model import FrameHashes

_MOST = 2**53


def checked_frames(frames: FrameHashes) -> FrameHashes:
    """The frames themselves.

    Raises:
        ValueError: times that do not ascend, numbers that repeat, values out of range, or other
            shapes than ``FrameHashes`` has.
    """
    n = len(frames)
    rows = (frames.hashes, frames.qualities, frames.numbers, frames.spans_ms)
    if any(len(column) != n for column in rows) or frames.hashes.shape != (n, 32):
        raise ValueError("frames: expected columns of one length")
    if n == 0:
        return frames
    if frames.times_ms[0] < 0 or (np.diff(frames.times_ms) < 0).any():
        raise ValueError("frames: expected ascending times")
    if frames.numbers[0] < 0 or (np.diff(frames.numbers) <= 0).any():
        raise ValueError("frames: expected ascending numbers")
    if max(frames.times_ms[-1], frames.numbers[-1], frames.spans_ms.max()) >= _MOST:
        raise ValueError("frames: a time, number or span out of range")
    if frames.spans_ms.min() < 0 or frames.qualities.max() > 100:
        raise ValueError("frames: expected spans of 0 or more and qualities of 0..100")
    for turned in (frames.dihedral, frames.trimmed):
        if turned is not None and turned.shape != (n, 8, 32):
            raise ValueError("frames: expected eight orientations of each")
    if frames.dihedral is not None and (frames.dihedral[:, 0] != frames.hashes).any():
        raise ValueError("frames: expected the hash as the first orientation")
    return frames
