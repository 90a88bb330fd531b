"""Packets to frames, every one of them; a broken one is skipped and counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hashmatch.decode.video_budget import Budget, BudgetedFile
from hashmatch.decode.video_container import RAW_PICTURE_BYTES, RAW_STREAMS, Opened
from hashmatch.decode.video_errors import in_words, is_harmless
from hashmatch.decode.video_model import VideoReport
from hashmatch.decode.video_timeline import Entry, Timeline

if TYPE_CHECKING:
    import av

_BROKEN_READS = 16
"""So many failures to read a packet, one after the other, are the end of the file."""


class Packets:
    """The stream's packets; says in the report why they end, if it is not the file's end."""

    def __init__(
        self, opened: Opened, file: BudgetedFile, budget: Budget, report: VideoReport
    ) -> None:
        self._opened = opened
        self._file = file
        self._budget = budget
        self._report = report
        raw = opened.container.format.name in RAW_STREAMS
        self._at_once = RAW_PICTURE_BYTES if raw else None

    def __iter__(self) -> Iterator[av.Packet[av.VideoStream]]:
        broken = 0
        self._file.allow(self._at_once)
        while broken < _BROKEN_READS:
            try:
                for packet in self._opened.container.demux(self._opened.stream):
                    if packet.size == 0 and packet.pts is None and packet.dts is None:
                        break  # PyAV's mark for the end
                    broken = 0
                    yield packet
                    self._file.allow(self._at_once)
                    if self._is_over():
                        return
                self._report.ended = self._report.ended or self._file.stopped
                return
            except Exception as error:
                if not is_harmless(error):
                    raise
                broken += 1
                self._report.n_broken += 1
                last = error
                if self._is_over():
                    return
        failed = f"corrupt: no further packet can be read: {in_words(last)}"
        self._report.ended = self._file.stopped or failed

    def _is_over(self) -> bool:
        # A file that has ended before its end is no reason to stop: packets of it are waiting.
        over = self._budget.over_frames(self._report.n_decoded) or self._budget.over_time()
        self._report.ended = over
        return over is not None


class Decoder:
    """The codec, its errors counted."""

    def __init__(self, opened: Opened, report: VideoReport, threads: int) -> None:
        self._context = opened.stream.codec_context
        self._context.thread_count = threads
        self._context.thread_type = "AUTO"
        self._report = report

    def frames(
        self, packet: av.Packet[av.VideoStream], *, without_references: bool = False
    ) -> list[av.VideoFrame]:
        """What comes out after this packet, in order of presentation.

        Args:
            without_references: leave the packet out if nothing rests on its picture.
        """
        self._context.skip_frame = "NONREF" if without_references else "DEFAULT"
        try:
            return self._counted(self._context.decode(packet))
        except Exception as error:
            if not is_harmless(error):
                raise
            self._report.n_broken += 1
            return []

    def drain(self) -> list[av.VideoFrame]:
        """What is left inside; then the decoder is as new."""
        found: list[av.VideoFrame] = []
        try:
            found = self._counted(self._context.decode(None))
        except Exception as error:
            if not is_harmless(error):
                raise
        self._context.flush_buffers()
        return found

    def _counted(self, frames: list[av.VideoFrame]) -> list[av.VideoFrame]:
        self._report.n_decoded += len(frames)
        self._report.n_broken += sum(frame.is_corrupt for frame in frames)
        return frames


def every_frame(packets: Packets, decoder: Decoder, timeline: Timeline) -> Iterator[Entry]:
    """All frames in order of presentation, those that are taken with their picture."""
    for packet in packets:
        yield from _placed(decoder.frames(packet), timeline)
    yield from _placed(decoder.drain(), timeline)


def _placed(frames: list[av.VideoFrame], timeline: Timeline) -> Iterator[Entry]:
    for frame in frames:
        entry = timeline.place(frame.pts, frame.duration)
        entry.frame = frame if entry.taken else None
        yield entry
