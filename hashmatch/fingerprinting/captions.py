"""Bars with text at a picture's sides: whether there are some, and the picture without what they
say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashmatch.hashing import Box

_TONE_REACH = 4  # levels around the commonest one that count as the same tone
_MARK = 60  # levels from it at which something is written on it
_BLANK = 16  # levels from it up to which nothing is
_GRAIN = 4  # samples a side
_LEAST_BAR = 10  # pixels


def captions_of(luma: NDArray[np.uint8], box: Box) -> list[NDArray[np.uint8]]:
    """The strips outside a box that are bars with text: lines of marks on one tone, and that tone
    alone at the bar's outer end and next to the picture. No sky and no shadow of 224 photographs is
    one.

    Returns:
        Views of ``luma``, the first row of each at the picture's edge.
    """
    strips = (
        luma[: box.top],
        luma[box.bottom :][::-1],
        luma[:, : box.left].T,
        luma[:, box.right :].T[::-1],
    )
    return [s for s in strips if s.size >= luma.size // 50 and _has_lines(s)]


def without_text(luma: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """The whole picture with the text of its bars smeared along them: what bars with any text are
    nearest to."""
    smeared = luma.copy()
    for strip in captions_of(smeared, box):
        length = strip.shape[1]
        reach = max(1, length // 12)
        padded = np.pad(strip.astype(np.int64), ((0, 0), (reach + 1, reach)), mode="edge")
        sums = padded.cumsum(axis=1)
        strip[...] = (sums[:, 2 * reach + 1 :] - sums[:, :length]) // (2 * reach + 1)
    return smeared


def flatness_of(compact: NDArray[np.uint8]) -> float:
    """How far a compact luma is of one tone, 0..1: the share within a few levels of the commonest
    one, as it is or without its grain; or that of the two commonest ones, less 0.2, as a
    checkerboard has.

    Photographs reach 0.65, one object on plain ground has 0.75 to 1.
    """
    side = compact.shape[0] // _GRAIN
    means = compact.reshape(side, _GRAIN, side, _GRAIN).mean(axis=(1, 3))
    smooth = np.rint(means).astype(np.uint8)
    share, tone = share_of_tone(compact)
    other = compact[np.abs(compact.astype(np.int16) - tone) > 2 * _TONE_REACH]
    second = share_of_tone(other)[0] * other.size / compact.size if other.size else 0.0
    return max(share, share_of_tone(smooth)[0], share + second - 0.2)


def share_of_tone(samples: NDArray[np.uint8]) -> tuple[float, int]:
    """Share of the samples near their commonest tone, and that tone."""
    counts = np.bincount(samples.reshape(-1), minlength=256)
    near = np.convolve(counts, np.ones(2 * _TONE_REACH + 1, np.int64), mode="same")
    tone = int(near.argmax())
    return float(near[tone] / samples.size), tone


def _has_lines(strip: NDArray[np.uint8]) -> bool:
    """Args: strip: its first row at the picture's edge, its last one next to what was kept."""
    if len(strip) < _LEAST_BAR:
        return False
    columns = strip[:, :: max(1, strip.shape[1] // 512)]
    share, tone = share_of_tone(columns)
    apart = np.abs(columns.astype(np.int16) - tone)
    empty = (apart <= _BLANK).mean(axis=1) >= 0.97
    ends = max(1, len(strip) // 20)
    return bool(
        share >= 0.6
        and (apart > _MARK).mean() >= 0.03
        and empty.mean() >= 0.3
        and empty[:ends].all()
        and empty[-1 - ends : -1].any()
    )
