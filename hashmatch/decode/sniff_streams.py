"""Streams without a header of their own, and sound: told by how their packets and frames begin.

Source: ISO/IEC 13818-1 (transport stream), 14496-10 and 23008-2 annex B, 11172-3 and 13818-7 (frame
headers of MP3 and AAC), RFC 3533 (Ogg), and the formats' magic numbers.
"""

from __future__ import annotations

from hashmatch.types import MediaKind

_SOUND: tuple[tuple[bytes, str], ...] = (
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"#!AMR", "audio/amr"),
    (b"MThd\x00\x00\x00\x06", "audio/midi"),
    (b".snd\x00\x00", "audio/basic"),
    (b"caff\x00\x01", "audio/x-caf"),
    (b"wvpk", "audio/x-wavpack"),
)
_TS_PACKET = 188
_H264_FIRST = (7, 9)  # sequence parameter set, access unit delimiter
_HEVC_FIRST = (b"\x40\x01", b"\x46\x01")  # video parameter set, access unit delimiter
_OGG_PICTURES = (b"\x80theora", b"BBCD\x00", b"\x01video", b"fishead\x00", b"OVP80")


def sniff_stream(head: bytes) -> tuple[MediaKind, str] | None:
    """Kind and MIME type, None where the bytes begin no such stream."""
    video = _video(head)
    if video is not None:
        return MediaKind.VIDEO, video
    sound = _sound(head)
    return None if sound is None else (MediaKind.OTHER, sound)


def _video(head: bytes) -> str | None:
    if _has_sync(head, 0, _TS_PACKET) or _has_sync(head, 4, _TS_PACKET + 4):
        return "video/mp2t"
    if head[:4] == b"OggS":
        return "video/ogg" if any(mark in head for mark in _OGG_PICTURES) else None
    if head[:4] == b"\x00\x00\x01\xb0":
        return "video/mp4v-es"
    for code in (b"\x00\x00\x00\x01", b"\x00\x00\x01"):
        if head.startswith(code) and len(head) > len(code) + 1:
            return _annex_b(head[len(code) :])
    return None


def _annex_b(unit: bytes) -> str | None:
    if unit[:2] in _HEVC_FIRST:
        return "video/h265"
    if unit[0] & 0x80 == 0 and unit[0] & 0x1F in _H264_FIRST:
        return "video/h264"
    return None


def _has_sync(head: bytes, first: int, step: int) -> bool:
    """Whether every packet that begins here begins with the sync byte, at least two of them."""
    places = range(first, len(head), step)
    return len(places) >= 2 and all(head[at] == 0x47 for at in places)


def _sound(head: bytes) -> str | None:
    for prefix, mime in _SOUND:
        if head.startswith(prefix):
            return mime
    if head[:4] == b"OggS":
        return "audio/ogg"
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "audio/aiff"
    return _frame_of_sound(head)


def _frame_of_sound(head: bytes) -> str | None:
    """MP3 (layer III) and AAC in ADTS have nothing but their frame's header."""
    if len(head) < 4 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0 and (head[2] >> 2) & 15 < 13:
        return "audio/aac"
    bitrate, rate = head[2] >> 4, (head[2] >> 2) & 3
    if head[1] & 0xE6 == 0xE2 and bitrate not in (0, 15) and rate != 3:
        return "audio/mpeg"
    return None
