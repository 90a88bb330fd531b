"""Videos and sound as they are really written, and what only looks like them."""

from __future__ import annotations

import pytest
from clips import make_clip, make_sound, scene
from hypothesis import given
from hypothesis import strategies as st
from pictures import encoded, photograph

from hashmatch.decode import SNIFF_BYTES, UNKNOWN_TYPE, sniff
from hashmatch.decode.video_container import DEMUXERS
from hashmatch.types import MediaKind

VIDEOS = [
    ("mp4", "mpeg4", "video/mp4"),
    ("mov", "mpeg4", "video/quicktime"),
    ("3gp", "mpeg4", "video/3gpp"),
    ("ipod", "mpeg4", "video/mp4"),
    ("matroska", "mpeg4", "video/x-matroska"),
    ("webm", "libvpx", "video/x-matroska"),
    ("avi", "mpeg4", "video/x-msvideo"),
    ("flv", "flv", "video/x-flv"),
    ("mpeg", "mpeg2video", "video/mpeg"),
    ("mpeg2video", "mpeg2video", "video/mpeg"),
    ("mpegts", "mpeg2video", "video/mp2t"),
    ("asf", "wmv2", "video/x-ms-asf"),
    ("ogg", "libvpx", "video/ogg"),
    ("mxf", "mpeg2video", "application/mxf"),
    ("rm", "rv20", "application/vnd.rn-realmedia"),
    ("ivf", "libvpx", "video/x-ivf"),
    ("yuv4mpegpipe", "rawvideo", "video/x-yuv4mpeg"),
    ("nut", "mpeg4", "video/x-nut"),
    ("h264", "libx264", "video/h264"),
    ("hevc", "libx265", "video/h265"),
    ("m4v", "mpeg4", "video/mp4v-es"),
]
SOUNDS = [
    ("mp3", "libmp3lame", "audio/mpeg"),
    ("flac", "flac", "audio/flac"),
    ("wav", "pcm_s16le", "audio/wav"),
    ("adts", "aac", "audio/aac"),
    ("aiff", "pcm_s16be", "audio/aiff"),
    ("ogg", "flac", "audio/ogg"),
    ("au", "pcm_s16be", "audio/basic"),
    ("caf", "pcm_s16be", "audio/x-caf"),
]


@pytest.mark.parametrize(("container", "codec", "mime"), VIDEOS)
def test_videos(container: str, codec: str, mime: str) -> None:
    options = {"x265-params": "log-level=none"} if codec == "libx265" else None
    data = make_clip(scene(1, 3), codec=codec, container=container, options=options, fps=25)
    found = sniff(data[:SNIFF_BYTES])
    assert (found.kind, found.mime) == (MediaKind.VIDEO, mime)
    assert mime in DEMUXERS


@pytest.mark.parametrize(("container", "codec", "mime"), SOUNDS)
def test_sound(container: str, codec: str, mime: str) -> None:
    found = sniff(make_sound(codec=codec, container=container)[:SNIFF_BYTES])
    assert (found.kind, found.mime) == (MediaKind.OTHER, mime)
    assert mime in DEMUXERS


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (b"\x1f\x07\x00\x3f" + bytes(80), "video/x-dv"),
        (b"#!AMR\n", "audio/amr"),
        (b"MThd\0\0\0\6\0\1", "audio/midi"),
        (b"RF64\xff\xff\xff\xffWAVEds64", "audio/wav"),
        (b"\0\0\1\x67\x42\xc0", "video/h264"),
        (b"\0\0\0\1\x09\x10", "video/h264"),
        (b"\0\0\0\1\x46\x01\x50", "video/h265"),
        (b"\0\0\0\x10ftypM4A \0\0\0\0", "video/mp4"),
        (b"\0\0\0\x08skip", "video/quicktime"),
    ],
)
def test_other_streams(head: bytes, mime: str) -> None:
    assert sniff(head).mime == mime


def test_transport_streams_with_a_time_before_each_packet() -> None:
    packet = b"\0\0\0\0\x47\x40\x11\x10" + bytes(184)
    assert sniff((packet * 3)[:SNIFF_BYTES]).mime == "video/mp2t"
    assert sniff((packet[4:] * 3)[:SNIFF_BYTES]).mime == "video/mp2t"
    assert sniff(packet[4:] + b"\x46" * 188) == UNKNOWN_TYPE
    assert sniff(packet[4:]) == UNKNOWN_TYPE


@pytest.mark.parametrize(
    "head",
    [
        "text in UTF-16".encode("utf-16-le"),
        b"\xff\xfet\0e\0x\0t\0",
        b"GGGG",
        b"Good morning, " * 40,
        b"\0\0\1\0",
        b"\0\0\0\1",
        b"\0\0\1\x41\x9a",
        b"RIFF\0\0\0\0RMID",
        b"FORM\0\0\0\0ILBM",
    ],
)
def test_what_only_looks_like_one(head: bytes) -> None:
    assert sniff(head).kind not in (MediaKind.VIDEO, MediaKind.OTHER)


@given(st.binary(max_size=SNIFF_BYTES), st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "TIFF"]))
def test_a_picture_is_one_whatever_follows(tail: bytes, format: str) -> None:
    head = PICTURES[format]
    assert sniff((head + tail)[:SNIFF_BYTES]).kind is MediaKind.IMAGE


PICTURES = {
    format: encoded(photograph(1, 8, 8), format)[:32]
    for format in ("JPEG", "PNG", "GIF", "WEBP", "TIFF")
}
