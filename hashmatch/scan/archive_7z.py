"""Members of a 7z file, through py7zr (extra ``archives``)."""

from __future__ import annotations

import threading
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO

from hashmatch.errors import MissingExtraError
from hashmatch.scan.archives import ArchiveError, Budget, Member, Names, Take, too_large
from hashmatch.scan.statuses import ItemStatus

if TYPE_CHECKING:
    import py7zr


def require_py7zr() -> Any:
    """The library.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import py7zr
        import py7zr.io
    except ImportError as error:
        raise MissingExtraError("7z: expected py7zr; pip install hashmatch[archives]") from error
    return py7zr


def read_7z(stream: BinaryIO, budget: Budget, take: Take) -> None:
    """See ``read_archive``; where members are packed together, in the order of packing."""
    try:
        library = require_py7zr()
    except MissingExtraError as error:
        raise ArchiveError(ItemStatus.UNSUPPORTED, f"archive: {error}") from error
    try:
        archive = library.SevenZipFile(stream)
    except library.exceptions.PasswordRequired as error:
        raise ArchiveError(ItemStatus.ENCRYPTED, "archive: needs a password") from error
    except Exception as error:
        raise ArchiveError(ItemStatus.CORRUPT, f"7z: {error}") from error
    with archive:
        _read(library, archive, budget, take)


def _read(library: Any, archive: py7zr.SevenZipFile, budget: Budget, take: Take) -> None:
    desk = _Desk(budget, take)
    listed = [info for info in archive.list() if not info.is_directory]
    for info in listed:
        budget.member()
        if info.is_symlink:
            desk.tell(info.filename, 0, None, ItemStatus.SKIPPED, "symbolic link")
        elif not info.uncompressed:
            desk.tell(info.filename, 0, b"")
    waiting = {
        info.filename: (info.uncompressed, info.crc32)
        for info in listed
        if info.uncompressed and not info.is_symlink
    }
    if archive.needs_password():
        for name, (size, _) in waiting.items():
            desk.tell(name, size, None, ItemStatus.ENCRYPTED, "member: needs a password")
        return
    # What is packed as one stream is unpacked to its end: looked at before it begins.
    budget.unpacked(sum(size for size, _ in waiting.values()))
    broken: Exception | None = None
    try:
        archive.extractall(factory=_factory(library, desk, waiting))
    except Exception as error:  # noqa: BLE001 - a parser over bytes that anybody may have made
        broken = error
    if desk.failure is not None:
        raise desk.failure
    for name, (size, _) in waiting.items():
        if name not in desk.told:
            desk.tell(name, size, None, ItemStatus.CORRUPT, f"member: {broken or 'not there'}")


class _Desk:
    """Where members arrive, from whatever thread."""

    def __init__(self, budget: Budget, take: Take) -> None:
        self.budget = budget
        self.told: set[str] = set()
        self.failure: BaseException | None = None
        self._take = take
        self._names = Names()
        self._lock = threading.Lock()

    def tell(
        self,
        name: str,
        size: int,
        data: bytes | None,
        status: ItemStatus | None = None,
        reason: str | None = None,
    ) -> None:
        with self._lock:
            self.told.add(name)
            spelled = self._names.unique(name.encode("utf-8", "surrogatepass"))
            if data is None and status is None:
                self._take(too_large(spelled, size, self.budget.limits))
            else:
                self._take(Member(spelled, size, data, status, reason))


def _factory(library: Any, desk: _Desk, waiting: dict[str, tuple[int, int | None]]) -> Any:
    """What py7zr asks for something to write each member into."""
    limit = desk.budget.limits.max_member_bytes

    class Arriving(library.io.Py7zIO):  # type: ignore[misc]
        def __init__(self, name: str) -> None:
            self._name = name
            self._blocks: list[bytes] = []
            self._size = 0
            self._crc = 0
            self._expected, self._expected_crc = waiting.get(name, (0, None))

        def write(self, s: bytes | bytearray) -> int:
            if desk.failure is not None:
                raise OSError("the archive is not read further")
            self._size += len(s)
            self._crc = zlib.crc32(s, self._crc)
            if self._size > self._expected:
                raise OSError("more bytes than announced")
            if self._size <= limit:
                self._blocks.append(bytes(s))
            return len(s)

        def read(self, size: int | None = None) -> bytes:
            return b""

        def seek(self, offset: int, whence: int = 0) -> int:
            return 0

        def flush(self) -> None:
            pass

        def size(self) -> int:
            return self._size

        def close(self) -> None:
            broken = self._expected_crc is not None and self._crc != self._expected_crc
            if self._name not in waiting or self._size != self._expected or broken:
                return  # told of when the others are through
            data = b"".join(self._blocks) if self._size <= limit else None
            self._blocks = []
            try:
                desk.tell(self._name, self._size, data)
            except BaseException as error:
                desk.failure = desk.failure or error
                raise

    class Factory(library.io.WriterFactory):  # type: ignore[misc]
        def create(self, filename: str) -> Arriving:
            return Arriving(filename)

    return Factory()
