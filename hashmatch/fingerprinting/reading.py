"""One pass over a source: digests of all of it, and the bytes of what may be decoded."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from hashmatch.decode import (
    SNIFF_BYTES,
    UNKNOWN_TYPE,
    Limits,
    MediaType,
    Source,
    open_source,
    read_blocks,
    sniff,
)
from hashmatch.errors import DecodeError, MediaAccessError, MediaLimitError
from hashmatch.fingerprinting.handed import Identity, identity_of
from hashmatch.fingerprinting.model import FingerprintStatus
from hashmatch.hashing import digest_blocks
from hashmatch.types import Digests, MediaKind

_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE)
_FORBIDDEN = (errno.EACCES, errno.EPERM)


@dataclass(slots=True)
class Reading:
    """What one pass over a source gave."""

    digests: Digests = field(default_factory=Digests)
    size: int = 0
    media: MediaType = UNKNOWN_TYPE
    kept: list[bytes] = field(default_factory=list)
    identity: Identity | None = None
    """Of the file before it was read, where it is one that can be read again."""
    keeps_videos: bool = False
    """Whether the bytes of a video are kept as those of a picture are: they can't be read again."""

    def data(self, limits: Limits) -> bytes:
        """All bytes of what is kept; the first ones of anything else, enough to say what it is.

        Raises:
            MediaLimitError: more than ``max_bytes`` of what would be kept.
        """
        if self._is_kept and self.size > limits.max_bytes:
            raise MediaLimitError(
                f"file size: expected at most {limits.max_bytes} bytes, got {self.size}"
            )
        # One block is the usual case: handed on as it is, not copied.
        data = self.kept[0] if len(self.kept) == 1 else b"".join(self.kept)
        self.kept = []
        return data

    def passing(self, blocks: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
        """The blocks, each looked at and kept on its way."""
        for block in blocks:
            # A stream may give its first bytes one by one: not sniffed before they are enough.
            started = self.size >= SNIFF_BYTES
            self.size += len(block)
            if not started:
                self.kept.append(block)
                head = b"".join(part[:SNIFF_BYTES] for part in self.kept)[:SNIFF_BYTES]
                self.media = sniff(head)
                if self.size >= SNIFF_BYTES and not self._wanted(limits):
                    self.kept = [head]
            elif self._wanted(limits):
                self.kept.append(block)
            yield block

    def _wanted(self, limits: Limits) -> bool:
        return self._is_kept and self.size <= limits.max_bytes

    @property
    def _is_kept(self) -> bool:
        if self.media.kind is MediaKind.VIDEO:
            return self.keeps_videos
        return self.media.kind is MediaKind.IMAGE


def read_source(source: Source, limits: Limits) -> Reading:
    """Read a source to its end.

    Raises:
        MediaAccessError: it can't be read; ``errno`` says why.
        UnsupportedMediaError: no regular file.
        InputError: no source at all.
    """
    reading = Reading()
    with _access_errors():
        if isinstance(source, bytes):
            reading.digests = digest_blocks(
                reading.passing(iter([source] if source else []), limits)
            )
        else:
            with open_source(source) as stream:
                reading.digests = digest_blocks(reading.passing(read_blocks(stream), limits))
    return reading


@contextmanager
def read_again(source: Source, limits: Limits) -> Iterator[tuple[Reading, BinaryIO | None]]:
    """Read a source to its end; what it gave, and a stream of the same bytes at its beginning.

    A file stays open, so that it is the same one that is read again. Of a file object that can't be
    read twice there is no stream: ``data`` has its bytes, be it a picture or a video.

    Raises:
        MediaAccessError, UnsupportedMediaError, InputError: as ``read_source``.
    """
    reading = Reading()
    with ExitStack() as stack:
        with _access_errors():
            opened = stack.enter_context(open_source(source))
            reading.keeps_videos = not _reads_again(opened)
            if not (reading.keeps_videos or isinstance(opened, io.BytesIO)):
                reading.identity = identity_of(opened.fileno())
            reading.digests = digest_blocks(reading.passing(read_blocks(opened), limits))
            if not reading.keeps_videos:
                opened.seek(0)
        yield reading, None if reading.keeps_videos else opened


def _reads_again(stream: BinaryIO) -> bool:
    """Whether it is at the beginning of bytes, or of a file whose descriptor gives the same bytes.

    Other objects have descriptors too: that of a decompressing one gives what is compressed.
    """
    raw = stream.raw if isinstance(stream, (io.BufferedReader, io.BufferedRandom)) else stream
    return isinstance(raw, (io.FileIO, io.BytesIO)) and stream.seekable() and stream.tell() == 0


@contextmanager
def _access_errors() -> Iterator[None]:
    try:
        yield
    except DecodeError:
        raise
    except OSError as error:
        raised = MediaAccessError(error.strerror or type(error).__name__)
        raised.errno = error.errno
        raise raised from error


def access_status(number: int | None) -> FingerprintStatus:
    """Why the bytes of a source can't be had, by the system's error number."""
    if number in _GONE:
        return FingerprintStatus.VANISHED
    if number in _FORBIDDEN:
        return FingerprintStatus.PERMISSION
    return FingerprintStatus.UNREADABLE
