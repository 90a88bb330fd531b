"""TMK+PDQF of a video while its frames pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hashmatch.decode import VideoFrame
from hashmatch.fingerprinting.turning import as_shown
from hashmatch.hashing import Resampler, TmkBuilder, pdq_feature

SMALL = (64, 64)
"""Height and width of the frames that TMK's features are made of; the aspect is not kept."""


class TmkFrames:
    """Takes every frame of a video and brings them to 15 a second.

    Args:
        frame_rate: of the video; None where it is not known.
    """

    def __init__(self, frame_rate: float | None) -> None:
        self._resampler = Resampler(frame_rate)
        self._builder = TmkBuilder()
        self._before: NDArray[np.float32] | None = None

    def add(self, frame: VideoFrame, orientation: str) -> None:
        """Take the next frame, which has its small picture, as it is shown in an orientation."""
        if frame.small is None:
            return
        again, shown = self._resampler.times(frame.time_ms, frame.end_ms)
        feature = pdq_feature(np.ascontiguousarray(as_shown(frame.small, orientation)))
        if again and self._before is not None:
            self._builder.add(self._before, again)
        if shown:
            self._builder.add(feature, shown)
        self._before = feature

    def finish(self) -> bytes:
        """The bytes of the ``.tmk`` file."""
        return self._builder.finish().to_bytes()
