"""A video's frames by their time, from any container that FFmpeg reads; PyAV is imported when used.

Which frames are taken is the rule of ``video_timeline.py``; docs/video.md has it in words.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from hashmatch.closing import Closing
from hashmatch.decode.limits import DEFAULT_LIMITS, Limits
from hashmatch.decode.video_budget import Budget, BudgetedFile
from hashmatch.decode.video_container import (
    choose_stream,
    codec_name,
    declared_ms,
    no_video,
    open_container,
)
from hashmatch.decode.video_decoding import Decoder, Packets, every_frame
from hashmatch.decode.video_errors import av_errors, load_av
from hashmatch.decode.video_length import missing_bytes
from hashmatch.decode.video_model import VideoFacts, VideoFrame, VideoReport
from hashmatch.decode.video_pixels import Orientations, SmallFrames, frame_pixels
from hashmatch.decode.video_planning import PlannedFrames, can_plan
from hashmatch.decode.video_sampling import require_sampling
from hashmatch.decode.video_timeline import Entry, Timeline
from hashmatch.errors import CorruptMediaError, DecodeError, InputError, MediaLimitError

if TYPE_CHECKING:
    import av

MIN_PASSED = 2
"""Where fewer frames than this are passed over for one that is taken, all are decoded."""


class VideoReader(Closing):
    """One pass over the frames of a video; a context manager.

    Attributes:
        facts: what the file says of itself, there once it is open.
        report: how the reading goes; complete when the iteration has ended.
    """

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
        """Open the video and decode its first frame.

        Args:
            stream: binary file at its beginning; left open.
            interval_s: one frame is taken for each so many seconds; 0: every frame.
            every: instead, frames whose number is a multiple of this (vPDQ's rule).
            threads: of the decoder; 0: as many as there are processors.
            deadline: value of ``time.monotonic()`` at which reading ends, as over a limit.
            small: give each frame at 64 x 64 too, as TMK+PDQF takes it.

        Raises:
            InputError: an argument.
            MissingExtraError: PyAV can't be loaded.
            NoVideoError: no stream of video, or one without a frame.
            UnsupportedMediaError: no video, or a codec that is not decoded here.
            CorruptMediaError: not one frame can be decoded.
            MediaLimitError: over a limit before the first frame.
        """
        require_sampling(interval_s, every, threads)
        library = load_av()
        self.report = VideoReport()
        self._budget = Budget(limits, deadline)
        self._file = BudgetedFile(stream, self._budget)
        self._started = False
        self._small = SmallFrames() if small else None
        self._orientations = Orientations()
        with self._stopped_by_limits(), av_errors("video"):
            container = open_container(library, self._file, limits)
        try:
            with self._stopped_by_limits(), av_errors("video"):
                self._opened = choose_stream(container, limits)
            with av_errors("video"):
                self._frames: Generator[VideoFrame, None, None] = self._read(
                    interval_s, every, threads
                )
                self._first = next(self._frames, None)
            if self._first is None:
                raise self._why_no_frame()
        except BaseException:
            container.close()
            raise

    def close(self) -> None:
        """Let go of the decoder; the stream stays open."""
        self._frames.close()
        self._first = None
        self._opened.container.close()

    def __iter__(self) -> Iterator[VideoFrame]:
        """The taken frames in order of presentation, once.

        A video that breaks or goes over a limit after its first frame ends the iteration, and
        ``report.ended`` says why.
        """
        if self._started:
            raise InputError("video: its frames can be asked for once")
        self._started = True
        first, self._first = self._first, None
        if first is not None:
            yield first
            del first
        try:
            with av_errors("video"):
                yield from self._frames
        except DecodeError as error:
            kind = "limit" if isinstance(error, MediaLimitError) else "corrupt"
            self.report.ended = f"{kind}: {error}"

    def _read(
        self, interval_s: float, every: int | None, threads: int
    ) -> Generator[VideoFrame, None, None]:
        opened = self._opened
        timeline = Timeline(opened.time_base, opened.stream.average_rate, interval_s, every)
        packets = Packets(opened, self._file, self._budget, self.report)
        decoder = Decoder(opened, self.report, threads)
        held: Entry | None = None
        entries: Iterable[Entry]
        if timeline.passes_over(MIN_PASSED) and can_plan(opened):
            entries = PlannedFrames(opened, packets, decoder, timeline, self.report)
        else:
            entries = every_frame(packets, decoder, timeline)
        for entry in entries:
            if held is not None:
                yield self._shown(held, timeline, entry.at)
                held = None
            self.report.n_frames = entry.number + 1
            self.report.n_untimed = timeline.n_untimed
            self.report.duration_ms = timeline.milliseconds(entry.at + entry.lasts)
            if entry.taken:
                held = entry
        if held is not None:
            yield self._shown(held, timeline, held.at + held.lasts)
        if self.report.ended is None:
            missing = missing_bytes(opened, self._file.head, self._file.size())
            if missing:
                self.report.ended = f"corrupt: the file is cut short, {missing} bytes are missing"

    def _shown(self, entry: Entry, timeline: Timeline, end: int) -> VideoFrame:
        frame = entry.frame
        pixels, full_range = frame_pixels(frame)
        orientation = self._orientations.of(frame)
        if not self.report.sizes:  # the first one that is taken, whether it is number 0 or not
            self.facts = self._facts(frame, orientation)
        self.report.sizes.add((frame.width, frame.height))
        return VideoFrame(
            entry.number,
            timeline.milliseconds(entry.at),
            timeline.milliseconds(end),
            pixels,
            full_range,
            orientation,
            None if self._small is None else self._small.of(frame),
        )

    def _facts(self, frame: av.VideoFrame, orientation: str) -> VideoFacts:
        opened = self._opened
        rate = opened.stream.average_rate
        return VideoFacts(
            container=opened.container.format.name,
            codec=codec_name(opened.stream),
            width=frame.width,
            height=frame.height,
            orientation=orientation,
            frame_rate=float(rate) if rate else None,
            declared_ms=declared_ms(opened),
            has_audio=opened.has_audio,
            cover_art=opened.cover_art,
            n_video_streams=opened.n_video_streams,
            pixel_format=frame.format.name,
        )

    @contextmanager
    def _stopped_by_limits(self) -> Iterator[None]:
        """What was not read because of a limit is neither broken nor absent."""
        try:
            yield
        except DecodeError as error:
            if self._file.stopped is None:
                raise
            self.report.ended = self._file.stopped
            raise self._why_no_frame() from error

    def _why_no_frame(self) -> DecodeError:
        ended = self.report.ended
        if ended is not None and ended.startswith("limit"):
            return MediaLimitError(f"video: no frame before the limit: {ended}")
        if ended is None and self.report.n_broken == 0:
            return no_video("a stream without a frame", self._opened.cover_art)
        return CorruptMediaError(f"video: no frame can be decoded: {ended or 'all are broken'}")
