"""One member of a zip archive as a source, chosen by what is in it, with limits."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from hashmatch.errors import ExchangeError
from hashmatch.exchange.source import Source
from hashmatch.exchange.unpacking import limited

MAGIC = b"PK\x03\x04"
MAX_MEMBERS = 1000
_HEAD = 65_536
_TAIL = 66_000
_MAX_DIRECTORY = 1 << 20
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x06"


@contextmanager
def _zip_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
    ) as error:
        raise ExchangeError(f"can't read {path} as a zip archive: {error}") from error


def first_member_head(head: bytes) -> bytes:
    """The beginning of the first member, from an archive's first bytes; empty where unknown."""
    if not head.startswith(MAGIC) or len(head) < 30:
        return b""
    flags, method = int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
    skipped = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    data = head[30 + skipped :]
    if flags & 1:
        return b""
    if method == zipfile.ZIP_STORED:
        return data
    if method != zipfile.ZIP_DEFLATED:
        return b""
    try:
        return zlib.decompressobj(-15).decompress(data, _HEAD)
    except zlib.error:
        return b""


class ZipMember(Source):
    """The first member whose beginning is wanted, of an archive with several.

    Args:
        path: the archive.
        wanted: told the first 64 KiB of each member.
        what: is looked for, for the message.

    Raises:
        ExchangeError: no zip archive, damaged, encrypted, too many members, or none that is wanted;
            while it is read, a member that unpacks to too much.
    """

    def __init__(self, path: Path, wanted: Callable[[bytes], bool], what: str) -> None:
        self._archive: zipfile.ZipFile | None = None
        super().__init__(path)
        try:
            self._check_directory()
            with _zip_errors(path):
                self._archive = zipfile.ZipFile(self._raw)
                self._member = self._choose(self._archive, wanted, what)
            self.rewind()
        except BaseException:
            self.close()
            raise

    def _check_directory(self) -> None:
        """Before anything is allocated for it."""
        with _zip_errors(self.path):
            self._raw.seek(max(0, self.total_bytes - _TAIL))
            tail = self._raw.read(_TAIL)
        end, end_64 = tail.rfind(_END), tail.rfind(_END_64)
        size = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
        if end_64 >= 0:
            size = max(
                size if size != 0xFFFFFFFF else 0,
                int.from_bytes(tail[end_64 + 40 : end_64 + 48], "little"),
            )
        if size > _MAX_DIRECTORY:
            raise ExchangeError(
                f"can't read {self.path} as a zip archive: expected a directory of at most "
                f"{_MAX_DIRECTORY} bytes, got {size}"
            )

    def _choose(
        self, archive: zipfile.ZipFile, wanted: Callable[[bytes], bool], what: str
    ) -> zipfile.ZipInfo:
        members = [info for info in archive.infolist() if not info.filename.endswith("/")]
        if len(members) > MAX_MEMBERS:
            raise ExchangeError(
                f"can't read {self.path}: expected at most {MAX_MEMBERS} members, "
                f"got {len(members)}"
            )
        for info in members:
            with archive.open(info) as member:
                if wanted(member.read(_HEAD)):
                    return info
        raise ExchangeError(f"{self.path}: expected {what} in the archive, got none")

    def rewind(self) -> None:
        super().rewind()
        if self._archive is not None:
            with _zip_errors(self.path):
                member = cast(BinaryIO, self._archive.open(self._member))
            self._file = limited(member, self._raw.tell, str(self.path))
