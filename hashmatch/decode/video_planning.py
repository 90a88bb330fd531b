"""Only what the taken frames need is decoded; which they are, the packets' own times say.

The stream is cut into *groups*: from a picture where decoding may begin to the next such picture.
Pictures that are coded after that next one but shown before it (the leading pictures of an open
group) are placed with the group before, on which they rest. Of each group the packets up to the
last taken frame are decoded, without pictures that nothing rests on; a group without a taken frame
is passed over. Where packets do not say their times, or not in order, all is decoded from there on.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from hashmatch.decode.video_container import Opened, codec_name
from hashmatch.decode.video_decoding import Decoder, Packets
from hashmatch.decode.video_flight import Flight
from hashmatch.decode.video_model import VideoReport
from hashmatch.decode.video_timeline import Entry, Timeline
from hashmatch.decode.video_units import Units

if TYPE_CHECKING:
    import av

    Packet = av.Packet[av.VideoStream]

LONGEST_GROUP = 300
"""Packets; longer groups are cut where all that was coded is shown before all that comes."""

LARGEST_GROUP = 48 * 1024 * 1024
_REORDERING = 32
"""More packets than any codec holds back before it shows a picture."""

_INTRA = ("prores", "dnxhd", "mjpeg", "png", "ffv1", "dvvideo", "rawvideo")
_CODECS = {
    "mov": ("h264", "hevc", "mpeg4", "mpeg2video", "vp8", "vp9", "av1", *_INTRA),
    "matroska": ("h264", "hevc", "mpeg2video", "vp8", "vp9", "av1", *_INTRA),
    "mpegts": ("h264", "hevc", "mpeg2video"),
    "flv": ("h264",),
}
"""By container, codecs where one packet is one frame, at the packet's time."""

_PROGRESSIVE = 1


def can_plan(opened: Opened) -> bool:
    """Whether the packets of this stream are known to say when their frames are shown."""
    container, codec = opened.container.format.name, codec_name(opened.stream)
    if container == "mpegts" and opened.stream.codec_context.field_order > _PROGRESSIVE:
        return False  # a field may be a packet of its own
    return codec in _CODECS.get(container, ())


class PlannedFrames:
    """All frames in order of presentation, those that are taken with their picture.

    Which packets are a group, and how far it is decoded; ``Flight`` knows what comes out.
    """

    def __init__(
        self,
        opened: Opened,
        packets: Packets,
        decoder: Decoder,
        timeline: Timeline,
        report: VideoReport,
    ) -> None:
        self._units = Units(codec_name(opened.stream), opened.stream.codec_context.extradata)
        self._packets = packets
        self._decoder = decoder
        self._report = report
        self._flight = Flight(timeline, report)
        self._group: list[Packet] = []
        self._bytes = 0
        self._next_entry: int | None = None  # index in the group of what begins the next one
        self._ahead: set[int] = set()  # times of leading pictures, placed with the group before
        self._last_pts: int | None = None
        self._linked = False  # the decoder has had all that is coded before the group
        self._planning = True

    def __iter__(self) -> Iterator[Entry]:
        self._report.used = "planned"
        for packet in self._packets:
            if self._planning:
                yield from self._collect(packet)
            else:
                yield from self._send(packet, skip=False)
        if self._planning and self._group and not self._stopped():
            yield from self._rest()
        yield from self._drain()

    def _collect(self, packet: Packet) -> Iterator[Entry]:
        """Add a packet; work on the group before it once it is whole."""
        is_entry = self._units.is_entry(packet)
        if not self._group and not is_entry:
            # Before the first entry, as where a recording begins anywhere: all that comes out.
            yield from self._send(packet, skip=False)
            return
        if not self._group:
            yield from self._drain()
        self._units.learn(packet)
        begun, self._bytes = self._next_entry, self._bytes + packet.size
        if begun is not None and (is_entry or self._is_past(begun, packet)):
            yield from self._work(begun, entry=True)
            if not self._planning:
                yield from self._send(packet, skip=False)
                return
        self._group.append(packet)
        if is_entry and len(self._group) > 1:
            self._next_entry = len(self._group) - 1
        if len(self._group) >= LONGEST_GROUP + _REORDERING or self._bytes >= LARGEST_GROUP:
            yield from self._cut()

    def _is_past(self, begun: int, packet: Packet) -> bool:
        """Whether the leading pictures of the next group are all here."""
        first = self._group[begun].pts
        if first is None or packet.pts is None or packet.pts > first:
            return True
        return len(self._group) - begun > _REORDERING

    def _rest(self) -> Iterator[Entry]:
        if self._next_entry is not None:
            yield from self._work(self._next_entry, entry=True)
        if self._planning and self._group:
            yield from self._work(len(self._group), entry=True)

    def _cut(self) -> Iterator[Entry]:
        """Work on the part of a long group that is shown before all that comes."""
        at = self._next_entry
        if at is not None:
            yield from self._work(at, entry=True)
            return
        times = [packet.pts for packet in self._group if self._units.is_shown(packet)]
        at = None if None in times else _last_cut(self._group, _REORDERING)
        if at is None:
            yield from self._give_up()
        else:
            yield from self._work(at, entry=False)

    def _work(self, end: int, *, entry: bool) -> Iterator[Entry]:
        """Place the frames of the group's first packets and decode what is taken of them.

        Args:
            end: where the next group begins.
            entry: decoding may begin there.
        """
        group, leading = self._group[:end], self._group[end + 1 :] if entry else []
        placed = [p for p in group if p.pts not in self._ahead] + leading
        times = [(p.pts, p.duration) for p in placed if self._units.is_shown(p)]
        if not self._is_in_order([pts for pts, _ in times], group):
            yield from self._give_up()
            return
        for pts, duration in sorted(times, key=lambda pair: pair[0] or 0):
            self._flight.place(pts, duration)
        wanted = self._flight.wanted
        link = not entry or any(p.pts in wanted for p in leading)
        needed = max((k + 1 for k, p in enumerate(group) if p.pts in wanted), default=0)
        for packet in group if link else group[:needed]:
            if self._linked or packet.pts not in self._ahead:
                skip = packet.pts not in wanted and self._units.may_skip(packet)
                yield from self._send(packet, skip=skip)
        if not link and (self._linked or needed):
            yield from self._drain()
        self._linked = link
        self._ahead = {p.pts for p in leading if p.pts is not None}
        self._last_pts = max((pts for pts, _ in times if pts is not None), default=self._last_pts)
        self._group, self._next_entry = self._group[end:], None
        self._bytes = sum(packet.size for packet in self._group)
        yield from self._flight.ready()

    def _is_in_order(self, times: list[int | None], group: list[Packet]) -> bool:
        """Whether each frame has a time of its own, after those of all groups before."""
        known = [pts for pts in times if pts is not None]
        if len(known) < len(times) or len(set(known)) < len(known):
            return False
        first = group[0].pts
        if self._last_pts is None:
            # Leading pictures of the very first group: whether they show, the decoder knows.
            return all(first is not None and pts >= first for pts in known)
        return all(pts > self._last_pts for pts in known)

    def _give_up(self) -> Iterator[Entry]:
        """From the group on, decode everything; the decoder stands where it begins."""
        self._planning = False
        self._report.used = "every frame"
        group, self._group = self._group, []
        for packet in group:
            yield from self._send(packet, skip=False)

    def _send(self, packet: Packet, *, skip: bool) -> Iterator[Entry]:
        self._flight.receive(self._decoder.frames(packet, without_references=skip))
        yield from self._flight.ready()

    def _drain(self) -> Iterator[Entry]:
        self._flight.receive(self._decoder.drain())
        self._flight.landed()
        yield from self._flight.ready()

    def _stopped(self) -> bool:
        return self._report.ended is not None and self._report.ended.startswith("limit")


def _last_cut(group: list[Packet], keep: int) -> int | None:
    """The last place with all times before it less than all after it, ``keep`` packets off the end.

    Every packet has a time.
    """
    lowest = min(packet.pts or 0 for packet in group[-keep:])
    highest = list(accumulate((packet.pts or 0 for packet in group), max))
    for at in range(len(group) - keep, 0, -1):
        if highest[at - 1] < lowest:
            return at
        lowest = min(lowest, group[at - 1].pts or 0)
    return None
