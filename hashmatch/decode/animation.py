"""Animated GIF, WebP and PNG as videos: frames as a viewer shows them, timed by their delays.

A delay of at most ``SHORTEST_MS`` counts as ``DEFAULT_MS``, as browsers take it. Transparent pixels
show the background that pictures get too.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from hashmatch.closing import Closing
from hashmatch.decode.frames import count_gif_frames
from hashmatch.decode.image import pillow_errors
from hashmatch.decode.limits import DEFAULT_LIMITS, Limits
from hashmatch.decode.modes import to_8_bit
from hashmatch.decode.opening import open_picture, require_pixels
from hashmatch.decode.sniff import SNIFF_BYTES, sniff
from hashmatch.decode.video_budget import Budget
from hashmatch.decode.video_model import VideoFacts, VideoFrame, VideoReport
from hashmatch.decode.video_orientation import UPRIGHT
from hashmatch.decode.video_sampling import require_sampling
from hashmatch.decode.video_timeline import Entry, Timeline
from hashmatch.errors import (
    CorruptMediaError,
    DecodeError,
    InputError,
    MediaLimitError,
    UnsupportedMediaError,
)

if TYPE_CHECKING:
    from PIL import Image

SHORTEST_MS = 10
DEFAULT_MS = 100
_NAMES = {"image/gif": "gif", "image/webp": "webp", "image/png": "apng"}


def is_animation(data: bytes, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Whether a GIF, WebP or PNG has more than one frame; False for anything else."""
    mime = sniff(data[:SNIFF_BYTES]).mime
    if mime not in _NAMES:
        return False
    if mime == "image/gif":
        return count_gif_frames(data, 2) > 1
    try:
        with open_picture(data, mime, limits) as image:
            frames = int(getattr(image, "n_frames", 1))
            return frames - bool(getattr(image, "default_image", False)) > 1
    except Exception:  # noqa: BLE001 - Pillow's plugins raise anything on hostile files
        return False


class AnimationReader(Closing):
    """One pass over the frames of an animation, in the manner of ``VideoReader``."""

    facts: VideoFacts
    report: VideoReport

    def __init__(
        self,
        stream: BinaryIO,
        limits: Limits = DEFAULT_LIMITS,
        *,
        interval_s: float = 1.0,
        every: int | None = None,
        threads: int = 0,
        deadline: float | None = None,
        small: bool = False,
    ) -> None:
        """Open the animation and decode its first frame; arguments as of ``VideoReader``.

        Raises:
            InputError: an argument.
            UnsupportedMediaError: no GIF, WebP or PNG.
            CorruptMediaError: not one frame can be decoded.
            MediaLimitError: over a limit before the first frame.
        """
        require_sampling(interval_s, every, threads)
        self.report = VideoReport()
        self._limits = limits
        self._budget = Budget(limits, deadline)
        self._timeline = Timeline(Fraction(1, 1000), None, interval_s, every)
        self._started = False
        self._small = small
        data = stream.read(limits.max_bytes + 1)
        if len(data) > limits.max_bytes:
            raise MediaLimitError(f"file size: expected at most {limits.max_bytes} bytes")
        mime = sniff(data[:SNIFF_BYTES]).mime
        if mime not in _NAMES:
            raise UnsupportedMediaError(f"not an animation: {mime or 'unknown type'}")
        self._name = _NAMES[mime]
        with pillow_errors(mime):
            self._image = open_picture(data, mime, limits)
        self._frames = self._read()
        self._first = next(self._frames, None)
        if self._first is None:
            self._image.close()
            raise self._why_no_frame()
        self.facts = self._facts(self._image)

    def close(self) -> None:
        """Let go of the decoder; the stream stays open."""
        self._frames.close()
        self._first = None
        self._image.close()

    def __iter__(self) -> Iterator[VideoFrame]:
        """The taken frames in order of presentation, once; ends as ``VideoReader`` does."""
        if self._started:
            raise InputError("animation: its frames can be asked for once")
        self._started = True
        if self._first is not None:
            yield self._first
            self._first = None
            yield from self._frames

    def _read(self) -> Generator[VideoFrame, None, None]:
        # The picture after an APNG's default one is where the animation begins.
        number = int(bool(getattr(self._image, "default_image", False)))
        while self._may_go_on():
            try:
                entry = self._next(number)
            except EOFError:
                return
            except DecodeError as error:
                self.report.n_broken += 1
                kind = "limit" if isinstance(error, MediaLimitError) else "corrupt"
                self.report.ended = f"{kind}: {error}"
                return
            if entry.taken:
                yield self._shown(entry)
            number += 1

    def _may_go_on(self) -> bool:
        over = self._budget.over_frames(self.report.n_decoded) or self._budget.over_time()
        self.report.ended = over
        return over is None

    def _next(self, number: int) -> Entry:
        with pillow_errors("animation"):
            try:
                self._image.seek(number)
            except EOFError:
                ended = True
            else:
                ended = False
                require_pixels(*self._image.size, self._limits)
                self._image.load()
                delay = _delay_ms(self._image)
        if ended:
            raise EOFError
        start = self.report.duration_ms
        entry = self._timeline.place(start, delay)
        self.report.n_decoded += 1
        self.report.n_frames += 1
        self.report.duration_ms = start + delay
        return entry

    def _shown(self, entry: Entry) -> VideoFrame:
        with pillow_errors("animation"):
            pixels = np.ascontiguousarray(to_8_bit(self._image))
        self.report.sizes.add(self._image.size)
        end = entry.at + entry.lasts
        small = _small_frame(pixels) if self._small else None
        return VideoFrame(entry.number, entry.at, end, pixels, True, UPRIGHT, small)

    def _facts(self, image: Image.Image) -> VideoFacts:
        return VideoFacts(
            container=self._name,
            codec=self._name,
            width=image.width,
            height=image.height,
            orientation=UPRIGHT,
            frame_rate=None,
            declared_ms=None,
            has_audio=False,
            cover_art=None,
            n_video_streams=1,
            pixel_format=image.mode.lower(),
        )

    def _why_no_frame(self) -> DecodeError:
        ended = self.report.ended or "it has none"
        if ended.startswith("limit"):
            return MediaLimitError(f"animation: no frame before the limit: {ended}")
        return CorruptMediaError(f"animation: no frame can be decoded: {ended}")


def _delay_ms(image: Image.Image) -> int:
    try:
        delay = round(float(image.info.get("duration", 0)))
    except (TypeError, ValueError, OverflowError):
        return DEFAULT_MS
    return DEFAULT_MS if delay <= SHORTEST_MS else delay


def _small_frame(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    from PIL import Image

    small = Image.fromarray(pixels).convert("RGB").resize((64, 64), Image.Resampling.BICUBIC)
    return np.asarray(small)
