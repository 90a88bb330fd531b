"""What a coded packet is, by its first bytes: where decoding may begin, what nothing rests on.

Source: ITU-T H.264 section 7.4.1 (nal_ref_idc, nal_unit_type), H.265 section 7.4.2.2 (table 7-1),
RFC 6386 section 9.1 (VP8's show_frame).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import av

_H264_IDR = 5
_H264_PICTURE = (1, 2, _H264_IDR)
_HEVC_PICTURE = range(32)
_HEVC_ENTRY = range(16, 24)  # BLA, IDR, CRA
_HEVC_LEFT_ALONE = frozenset((0, 2, 4, 6, 8, 10, 12, 14))
_START = b"\x00\x00\x01"


class Units:
    """Questions about the packets of one stream; for other codecs the container's word holds."""

    def __init__(self, codec: str, extradata: bytes | None) -> None:
        self._codec = codec
        self._length_bytes = _length_bytes(codec, extradata or b"")
        self._top_layer = 0

    def is_entry(self, packet: av.Packet[av.VideoStream]) -> bool:
        """Whether all that is shown after this picture can be decoded from here on.

        A keyframe of H.264 that is no IDR picture is none: what follows may refer to pictures
        before it.
        """
        if not packet.is_keyframe:
            return False
        if self._codec == "h264":
            return self._h264_picture(packet) == _H264_IDR
        if self._codec == "hevc":
            return self._hevc_picture(packet)[0] in _HEVC_ENTRY
        return True

    def is_shown(self, packet: av.Packet[av.VideoStream]) -> bool:
        """Whether a frame comes of it: VP8 has packets that only serve as references."""
        if packet.is_discard:
            return False
        return self._codec != "vp8" or packet.size == 0 or bool(memoryview(packet)[0] & 0x10)

    def learn(self, packet: av.Packet[av.VideoStream]) -> None:
        """Take note of a packet before ``may_skip`` is asked about those that come before it."""
        if self._codec == "hevc":
            self._top_layer = max(self._top_layer, self._hevc_picture(packet)[1])

    def may_skip(self, packet: av.Packet[av.VideoStream]) -> bool:
        """Whether the decoder, told to leave out what is no reference, is right about it."""
        if self._codec != "hevc":
            return self._codec in _SKIPPING
        # A sub-layer non-reference picture may be a reference for the layers above it.
        kind, layer = self._hevc_picture(packet)
        return kind in _HEVC_LEFT_ALONE and layer == self._top_layer

    def _hevc_picture(self, packet: av.Packet[av.VideoStream]) -> tuple[int, int]:
        """Type and layer of the first coded picture; (-1, 0) where there is none."""
        for unit in self._units(packet):
            kind = (unit[0] >> 1) & 63
            if kind in _HEVC_PICTURE:
                return kind, unit[1] & 7
        return -1, 0

    def _h264_picture(self, packet: av.Packet[av.VideoStream]) -> int:
        for unit in self._units(packet):
            if unit[0] & 31 in _H264_PICTURE:
                return unit[0] & 31
        return -1

    def _units(self, packet: av.Packet[av.VideoStream]) -> Iterator[bytes]:
        """The first two bytes of each NAL unit."""
        data = memoryview(packet)
        if self._length_bytes:
            at, n = 0, self._length_bytes
            while at + n + 2 <= len(data):
                size = int.from_bytes(data[at : at + n], "big")
                yield bytes(data[at + n : at + n + 2])
                at += n + size
            return
        text = bytes(data)
        at = text.find(_START)
        while 0 <= at <= len(text) - 5:
            yield text[at + 3 : at + 5]
            at = text.find(_START, at + 3)


_SKIPPING = ("h264", "mpeg4", "mpeg2video", "mpeg1video", "vp8")


def _length_bytes(codec: str, extradata: bytes) -> int:
    """Bytes of the length before each unit; 0: start codes (annex B)."""
    if extradata[:1] != b"\x01":
        return 0
    if codec == "h264" and len(extradata) > 4:
        return (extradata[4] & 3) + 1
    if codec == "hevc" and len(extradata) > 21:
        return (extradata[21] & 3) + 1
    return 0
