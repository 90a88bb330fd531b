"""How deep a bar at one side of a picture may be: lines of one colour, with marks, without texture.

Lines run along the side, the outermost first. Depths are numbers of lines; 0 where there is no bar.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.hashing.views_boxes import Grey
from hashmatch.hashing.views_edges import CHANCE, ridges

NEAR = 12
"""Grey levels: as near as that is the bar's colour; more than noise and most of JPEG's ringing."""
FLAT = 0.02
"""Share of a line that may differ in a flat one: corners, dust, ringing of the picture's edge."""
MARKED = 0.7
"""Share of a line that text and buttons may take; four lines with more end the bar."""
RISE = 0.15
"""Least growth of that share where the picture begins."""
BENT = 5
"""Grey levels, second difference along a line: texture, not a gradient, blur or noise."""
STRAIGHT = 0.45
"""Share of its length that the edge of a bar without texture shows."""
PLAIN = 0.7
"""Share that says enough alone, whatever lies outside."""
BEGUN = 0.6
"""Growth and share together where the picture begins behind a bar with marks."""
PAIRED = 0.35
"""Share, mean of both, of the edges of two bars with the same depth."""

Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Profile:
    """What each line is: float64 (lines,) each."""

    edges: Shares
    """Share of the length at which a line differs from the one outside it more than lines near."""
    texture: Shares
    """Share of the length with texture."""

    def inverted(self) -> Profile:
        """The same seen from the opposite side."""
        return Profile(np.concatenate([[0.0], self.edges[:0:-1]]), self.texture[::-1])


def profile(lines: Grey) -> Profile:
    """Of at least 4 lines of at least 3 samples."""
    sharp = np.zeros(len(lines))
    sharp[2:-1] = np.count_nonzero(ridges(lines), axis=1) / lines.shape[1]
    # A soft edge is on one of two lines, here and there; chance puts a fifth to a fourth on each.
    beside = np.zeros(len(lines))
    beside[1:-1] = np.maximum(sharp[:-2], sharp[2:])
    edges = np.maximum(sharp, sharp + beside - CHANCE)
    bent = np.abs(lines[:, 2:] + lines[:, :-2] - 2 * lines[:, 1:-1]) > BENT
    return Profile(edges, np.count_nonzero(bent, axis=1) / bent.shape[1])


def colour_of(lines: Grey) -> int:
    """Of the outermost line."""
    return int(np.median(lines[0]))


def flat_depth(lines: Grey, colour: int, near: int = NEAR, off_share: float = FLAT) -> int:
    """Lines of one colour."""
    depth, size = 0, 32
    while depth < len(lines):  # most pictures end in the first part
        part = lines[depth : depth + size]
        off = np.count_nonzero(np.abs(part - colour) > near, axis=1)
        beyond = np.flatnonzero(off > off_share * part.shape[1])
        if len(beyond):
            return depth + int(beyond[0])
        depth += len(part)
        size *= 4
    return depth


def marked_depth(lines: Grey, colour: int, edges: Shares, *, begun: bool) -> int:
    """Lines of one colour with text, icons or buttons on them.

    ``begun``: flat lines of that colour lie outside; else the first four must have one.
    """
    off = np.count_nonzero(np.abs(lines - colour) > NEAR, axis=1) / lines.shape[1]
    if not begun and off[:4].min() > 2 * FLAT:
        return 0
    full = off > MARKED
    lasting = np.flatnonzero(full[:-3] & full[1:-2] & full[2:-1] & full[3:])
    end = int(lasting[0]) + 1 if len(lasting) else len(lines) * 2 // 3
    outside = np.concatenate([np.repeat(off[:1], 3), off])  # the line before may be half inside
    rise = np.minimum(off[:end], off[1 : end + 1]) - np.maximum(outside[:-3], outside[1:-2])[:end]
    score = np.where(rise >= RISE, rise + edges[:end], 0.0)
    depth = int(score.argmax())
    return depth if score[depth] >= BEGUN else 0


def quiet_depth(seen: Profile) -> int:
    """Lines with half the picture's texture or less, up to a straight edge."""
    size = len(seen.edges)
    total = np.concatenate([[0.0], np.cumsum(seen.texture)])
    at = np.arange(size)
    outside = total[:-1] / np.maximum(at, 1)
    inside = (total[-1] - total[:-1]) / (size - at)
    score = np.where(outside <= inside / 2 + 0.01, seen.edges, 0.0)
    depth = int(score.argmax())
    return depth if score[depth] >= STRAIGHT else 0


def plain_depth(edges: Shares) -> int:
    """Lines up to the straightest edge in the outer two fifths."""
    outer = edges[: len(edges) * 2 // 5]
    depth = int(outer.argmax())
    return depth if outer[depth] >= PLAIN else 0


def paired_depth(seen: Profile) -> tuple[float, int]:
    """Bars without texture, as deep at this side as at the opposite: (evidence, depth)."""
    size = len(seen.edges)
    half = size * 9 // 25
    here, there = _widened(seen.edges)[:half], _widened(seen.inverted().edges)[:half]
    total = np.concatenate([[0.0], np.cumsum(seen.texture)])
    depths = np.arange(half)
    outside = (total[:half] + total[-1] - total[size - depths]) / np.maximum(2 * depths, 1)
    inside = (total[size - depths] - total[:half]) / (size - 2 * depths)
    calm = (outside <= 0.6 * inside + 0.01) & (np.minimum(here, there) > PAIRED / 3)
    score = np.where(calm, (here + there) / 2 + seen.edges[:half] / 100, 0.0)
    score[:3] = 0.0
    depth = int(score.argmax())
    return (float(score[depth]), depth) if score[depth] >= PAIRED else (0.0, 0)


def _widened(edges: Shares) -> Shares:
    """Each the largest of itself and its neighbours."""
    padded = np.concatenate([[0.0], edges, [0.0]])
    found: Shares = np.maximum(np.maximum(padded[:-2], padded[2:]), padded[1:-1])
    return found
