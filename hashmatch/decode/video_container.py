"""A video file opened by FFmpeg: by the one demuxer that its bytes call for, and nothing else.

No demuxer that opens further files (playlists, image sequences, concatenations) is in the table,
and what a container asks to be opened is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import TYPE_CHECKING

from hashmatch.decode.limits import Limits
from hashmatch.decode.sniff import SNIFF_BYTES, sniff
from hashmatch.decode.video_budget import BudgetedFile
from hashmatch.errors import MediaLimitError, NoVideoError, UnsupportedMediaError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream

DEMUXERS = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/3gpp": "mov",
    "video/x-matroska": "matroska",
    "video/x-msvideo": "avi",
    "video/x-flv": "flv",
    "video/mpeg": "mpeg",
    "video/mp2t": "mpegts",
    "video/x-ms-asf": "asf",
    "video/ogg": "ogg",
    "application/mxf": "mxf",
    "application/vnd.rn-realmedia": "rm",
    "video/x-dv": "dv",
    "video/x-ivf": "ivf",
    "video/x-yuv4mpeg": "yuv4mpegpipe",
    "video/x-nut": "nut",
    "video/h264": "h264",
    "video/h265": "hevc",
    "video/mp4v-es": "m4v",
    # Sound, opened for what it may carry as a cover.
    "audio/mpeg": "mp3",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/aac": "aac",
    "audio/aiff": "aiff",
    "audio/amr": "amr",
    "audio/basic": "au",
    "audio/x-caf": "caf",
    "audio/x-wavpack": "wv",
}
"""FFmpeg's name of the demuxer for each type that ``sniff`` tells."""

BUFFER_BYTES = 1024 * 1024
_PROBE_BYTES = 5_000_000
_PROBE_MICROSECONDS = 5_000_000
_OPENING_BYTES = 256 * 1024 * 1024
"""A demuxer that looks for what is not there would read the whole file to open it."""

RAW_STREAMS = ("h264", "hevc", "m4v", "mpegvideo")
RAW_PICTURE_BYTES = 32 * 1024 * 1024
"""Of a stream without a container so many bytes may be one picture: it is gathered in memory."""

_RAW_MPEG = b"\x00\x00\x01\xb3"


@dataclass(frozen=True, slots=True)
class Opened:
    """A container, its stream of moving pictures, and what is beside it."""

    container: InputContainer
    stream: VideoStream
    time_base: Fraction
    cover_art: str | None
    n_video_streams: int
    has_audio: bool


def open_container(av: ModuleType, file: BudgetedFile, limits: Limits) -> InputContainer:
    """The container, its header read.

    Raises:
        UnsupportedMediaError: empty, or of no type that is read as a video.
        Exception: whatever PyAV raises for broken files.
    """
    head = file.head[:SNIFF_BYTES]
    if not head:
        raise UnsupportedMediaError("empty file: 0 bytes")
    mime = sniff(head).mime
    demuxer = DEMUXERS.get(mime or "")
    if demuxer is None:
        raise UnsupportedMediaError(
            f"not a video: {mime or 'unknown type'}, starts with {head[:8].hex(' ')}"
        )
    if head[:4] == _RAW_MPEG:
        demuxer = "mpegvideo"
    file.allow(RAW_PICTURE_BYTES if demuxer in RAW_STREAMS else _OPENING_BYTES)
    container: InputContainer = av.open(
        file,
        mode="r",
        format=demuxer,
        options={
            "protocol_whitelist": "none",
            "probesize": str(_PROBE_BYTES),
            "analyzeduration": str(_PROBE_MICROSECONDS),
            "max_pixels": str(limits.max_pixels),
            "max_streams": "100",
        },
        metadata_errors="replace",
        buffer_size=BUFFER_BYTES,
    )
    return container


def choose_stream(container: InputContainer, limits: Limits) -> Opened:
    """The first stream of moving pictures that is no cover; the others are not read.

    Raises:
        NoVideoError: there is none.
        UnsupportedMediaError: its codec is unknown here.
        MediaLimitError: its pictures are larger than ``max_pixels``.
    """
    from av.stream import Discard, Disposition

    covers = [s for s in container.streams.video if s.disposition & Disposition.attached_pic]
    moving = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    cover_art = "; ".join(_in_words(cover) for cover in covers) or None
    has_audio = bool(container.streams.audio)
    if not moving:
        raise no_video("audio only" if has_audio else "no stream of video", cover_art)
    stream = moving[0]
    if stream.codec_context is None:
        raise UnsupportedMediaError("video of a codec that this FFmpeg does not decode")
    if stream.width * stream.height > limits.max_pixels:
        raise MediaLimitError(
            f"pixels: expected at most {limits.max_pixels}, got {stream.width} x {stream.height}"
        )
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all
    base = stream.time_base or Fraction(1, 1000)
    return Opened(container, stream, base, cover_art, len(moving), has_audio)


def no_video(why: str, cover_art: str | None) -> NoVideoError:
    """The error for a file without moving pictures, with the cover in its message."""
    cover = f", with a cover picture ({cover_art})" if cover_art else ""
    return NoVideoError(f"no video: {why}{cover}", cover_art=cover_art)


def declared_ms(opened: Opened) -> int | None:
    """How long the video is by its own word: the stream's, else the container's."""
    stream = opened.stream
    if stream.duration:
        return round(stream.duration * opened.time_base * 1000)
    duration = opened.container.duration
    return None if not duration or duration < 0 else round(duration / 1000)


def codec_name(stream: Stream) -> str:
    """FFmpeg's name of the codec, not of the decoder that serves it."""
    codec = stream.codec_context.codec
    return str(getattr(codec, "canonical_name", None) or codec.name)


def _in_words(cover: VideoStream) -> str:
    codec = "unknown type" if cover.codec_context is None else codec_name(cover)
    return f"{codec}, {cover.width}x{cover.height}" if cover.codec_context else codec
