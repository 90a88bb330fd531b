"""A few frames of a video for registration, and the borders that its frames have in common.

Frames are chosen while they pass. Only those that are held have pixels here: their luma, reduced
to at most ``LONGEST`` samples a side.

Which frames: informative ones that stayed after pruning, each more than ``DISTINCT`` bits from all
others that are held. The first ``most`` are held; from then on a frame is admitted if it comes
later than the last one by the ``most``-th part of the time so far (a quarter of that where a new
shot begins), and the one leaves whose neighbours in time are nearest to each other.

Borders: of the first ``TRIM_HELD`` informative frames that stayed, ``TRIM_FRAMES`` are asked,
evenly chosen; a box counts that half of them have, and at least two. All that were held, and every
frame that comes later, are hashed within it too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.decode import DecodedImage, VideoFrame
from hashmatch.fingerprinting.pruning import HashedFrame, KeptFrames
from hashmatch.fingerprinting.turning import Box, as_shown, part_as_stored
from hashmatch.fingerprinting.video_model import FrameView
from hashmatch.fingerprinting.video_trim import common_box
from hashmatch.fingerprinting.views import views_of
from hashmatch.hashing import Box as FoundBox
from hashmatch.hashing import luma_of, pdq_plane_dihedral, trims

MOST = {"none": 0, "trims": 12, "all": 40}
"""Frames that are held, by what is asked for of each."""
LONGEST = 1280
"""PDQ of a smaller picture of the same is another by many bits once a side is a few hundred."""
DISTINCT = 31
TRIM_HELD = 24
TRIM_FRAMES = 12
_MOST_TRIMS = 3


@dataclass(frozen=True, slots=True)
class _Held:
    """A frame that is held.

    Attributes:
        place: among the frames that stayed.
        luma: uint8 (h, w) upright, of full range, means of ``scale`` x ``scale`` pixels.
    """

    place: int
    time_ms: int
    bits: int
    luma: NDArray[np.uint8]
    scale: int


class Representatives:
    """Chooses frames as they come.

    Args:
        views: one of ``VIEWS``: what is wanted of each.
    """

    def __init__(self, views: str) -> None:
        self._views = views
        self._most = MOST[views]
        self._held: list[_Held] = []
        self._last_ms = 0
        self._shots = 0
        self._asked: list[_Held] | None = []
        self._trim: Box | None = None
        self._size: tuple[int, ...] = ()

    def offer(
        self, frame: VideoFrame, orientation: str, hashed: HashedFrame, kept: KeptFrames
    ) -> None:
        """A frame that just stayed; it is held if it tells more than what is held already."""
        if not hashed.informative:
            return
        bits = int.from_bytes(hashed.rows[:32], "big")
        admitted = self._admits(hashed.time_ms, bits, kept.n_shots)
        if not admitted and self._asked is None:
            return
        luma, scale = _reduced(frame, orientation)
        made = _Held(len(kept) - 1, hashed.time_ms, bits, luma, scale)
        if admitted:
            self._hold(made, kept.n_shots)
        if self._asked is not None:
            shown = as_shown(frame.pixels, orientation).shape[:2]
            if not self._asked:
                self._size = shown
            if shown == self._size:
                self._asked.append(made)
            if len(self._asked) == TRIM_HELD:
                self._settle(kept)

    def inside(self, frame: VideoFrame, orientation: str) -> bytes | None:
        """The hashes of a frame within the common borders, 256 bytes; None without.

        A frame of another size than those that have the borders has none.
        """
        if self._trim is None:
            return None
        if as_shown(frame.pixels, orientation).shape[:2] != self._size:
            return None
        part = part_as_stored(frame.pixels, orientation, self._trim)
        rows, _ = pdq_plane_dihedral(part, full_range=frame.full_range, orientation=orientation)
        return rows.tobytes()

    def finish(self, kept: KeptFrames) -> tuple[tuple[FrameView, ...], Box | None]:
        """The views of the frames that are held, and the common borders."""
        if self._asked is not None:
            self._settle(kept)
        made = []
        for held in self._held:
            picture = DecodedImage(
                held.luma, mime=None, stored_mode="frame", orientation=1, frames=1, scale=held.scale
            )
            made.append(FrameView(held.place, views_of(picture, self._views)))
        return tuple(made), self._trim

    def _admits(self, time_ms: int, bits: int, n_shots: int) -> bool:
        if len(self._held) >= self._most:
            wait = time_ms / self._most
            if n_shots != self._shots:
                wait /= 4
            if time_ms < self._last_ms + wait:
                return False
        return all((bits ^ held.bits).bit_count() > DISTINCT for held in self._held)

    def _hold(self, made: _Held, n_shots: int) -> None:
        self._held.append(made)
        self._last_ms, self._shots = made.time_ms, n_shots
        if len(self._held) > self._most:
            times = [held.time_ms for held in self._held]
            gaps = [after - before for before, after in zip(times, times[2:], strict=False)]
            del self._held[1 + gaps.index(min(gaps))]

    def _settle(self, kept: KeptFrames) -> None:
        """Decide on the borders; what was asked is hashed within them from the reduced luma."""
        held_all, self._asked = self._asked or [], None
        if len(held_all) < 2:
            return
        places = np.linspace(0, len(held_all) - 1, TRIM_FRAMES).round().astype(int).tolist()
        asked = [held_all[place] for place in sorted(set(places))]
        boxes = [[_sides(box) for box in trims(held.luma, _MOST_TRIMS)] for held in asked]
        height, width = asked[0].luma.shape
        found = common_box(boxes, width, height)
        if found is None:
            return
        left, top, right, bottom = found
        scale = asked[0].scale
        self._trim = (left * scale, top * scale, right * scale, bottom * scale)
        for held in held_all:
            rows, _ = pdq_plane_dihedral(np.ascontiguousarray(held.luma[top:bottom, left:right]))
            kept.set_inside(held.place, rows.tobytes())


def _sides(box: FoundBox) -> Box:
    return box.left, box.top, box.right, box.bottom


def _reduced(frame: VideoFrame, orientation: str) -> tuple[NDArray[np.uint8], int]:
    """The luma of a frame upright and of full range, means of cells; how many pixels a cell has."""
    luma = frame.pixels if frame.pixels.ndim == 2 else luma_of(frame.pixels)
    height, width = luma.shape
    scale = -(-max(height, width) // LONGEST)
    if scale > 1:
        rows, columns = height // scale, width // scale
        if min(rows, columns) == 0:  # a line: nothing to be registered
            scale = 1
        else:
            luma = _means(luma[: rows * scale, : columns * scale], scale)
    if not frame.full_range:
        luma = _EXPANDED[luma]
    shown = as_shown(luma, orientation)
    return np.array(shown, order="C"), scale  # a copy: the decoder uses its own again


def _means(luma: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """Means of cells, rounded; added up line by line, which is ten times as fast as by axes."""
    down = luma[::scale].astype(np.uint32)
    for row in range(1, scale):
        down += luma[row::scale]
    sums = down[:, ::scale].copy()
    for column in range(1, scale):
        sums += down[:, column::scale]
    cell = scale * scale
    means: NDArray[np.uint8] = ((sums + cell // 2) // cell).astype(np.uint8)
    return means


_EXPANDED = np.clip(np.round((np.arange(256, dtype=np.float64) - 16) * 255 / 219), 0, 255).astype(
    np.uint8
)
"""Luma of full range by that of limited range."""
