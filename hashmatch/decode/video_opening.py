"""Which reader a video is for, by what ``sniff`` says of it."""

from __future__ import annotations

from typing import BinaryIO

from hashmatch.decode.animation import AnimationReader
from hashmatch.decode.limits import DEFAULT_LIMITS, Limits
from hashmatch.decode.sniff import MediaType
from hashmatch.decode.video import VideoReader
from hashmatch.types import MediaKind


def open_video(
    stream: BinaryIO,
    media: MediaType,
    limits: Limits = DEFAULT_LIMITS,
    *,
    interval_s: float = 1.0,
    every: int | None = None,
    threads: int = 0,
    deadline: float | None = None,
    small: bool = False,
) -> VideoReader | AnimationReader:
    """The reader for a stream at its beginning; arguments and errors as of ``VideoReader``.

    Args:
        media: what ``sniff`` says of the stream's first bytes. Pictures are read as animations.
    """
    reader = AnimationReader if media.kind is MediaKind.IMAGE else VideoReader
    return reader(
        stream,
        limits,
        interval_s=interval_s,
        every=every,
        threads=threads,
        deadline=deadline,
        small=small,
    )
