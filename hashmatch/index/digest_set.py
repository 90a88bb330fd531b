"""Exact membership among MD5, SHA-1 and SHA-256 digests, mapped from a file or in memory."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from threading import Lock
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native
from hashmatch.closing import Closing
from hashmatch.errors import IndexCorruptError, IndexFileError, InputError
from hashmatch.index.digest_records import (
    KIND,
    MAX_RECORDS,
    PAYLOAD_BYTES,
    WIDTHS,
    DirectoryCounter,
    checked_digests,
    checked_payload,
    checked_width,
    pack,
    radix_bits,
    unpack_payload,
)
from hashmatch.index.file_format import SectionFile, open_sections

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class DigestMatches:
    """Payloads of many digests in CSR form.

    Those of digest ``i`` are ``payloads[offsets[i]:offsets[i + 1]]``, ascending; none where it is
    not in the set.

    Attributes:
        offsets: int64, shape (n + 1,).
        payloads: int64, shape (n_hits,).
    """

    offsets: NDArray[np.int64]
    payloads: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of digests asked for."""
        return len(self.offsets) - 1

    def of(self, query: int) -> NDArray[np.int64]:
        """Payloads of one digest. Raises InputError where there is no such query."""
        if not 0 <= query < len(self):
            raise InputError(f"query: expected 0..{len(self) - 1}, got {query}")
        return self.payloads[self.offsets[query] : self.offsets[query + 1]]


class DigestSet(Closing):
    """A set of digests that never changes; made by ``open`` and ``from_arrays``.

    A record is ``width`` bytes, ``width + 8`` with a payload; the directory over the leading bits
    adds 0.5 to 1 byte a record (4 bytes a bucket, at most 2^25 buckets). ``len`` counts records: a
    digest with three payloads counts three.

    The file is mapped, and shared by all processes that open it. Before its first answer everything
    in it is checked: checksums, order, directory. Nothing is answered from a file that fails; after
    that it must not be written to (``DigestSetBuilder`` never does: it replaces it).

    Searches release the GIL and may run in several threads at once.
    """

    def __init__(
        self, width: int, records: Bytes, directory: NDArray[np.uint32], file: SectionFile | None
    ) -> None:
        self._width = width
        self._arrays: tuple[Bytes, NDArray[np.uint32]] | None = (records, directory)
        self._file = file
        self._sound = file is None
        self._lock = Lock()

    @classmethod
    def open(cls, path: str | PathLike[str]) -> Self:
        """Map a file of ``DigestSetBuilder``; the first question reads and checks all of it.

        Raises:
            IndexFileError: missing or unreadable; IndexVersionError of a newer version;
                IndexCorruptError no such file, or sizes that contradict each other.
        """
        file = open_sections(path, kind=KIND)
        width, with_payload = file.meta.get("width"), file.meta.get("payload")
        records, directory = file["records"], file["directory"]
        if width not in WIDTHS or with_payload not in (0, 1):
            raise IndexCorruptError(
                f"{file.path}: expected a width of 16, 20 or 32 and payload 0 or 1, got "
                f"{width!r} and {with_payload!r}"
            )
        width = int(width)
        stride = width + PAYLOAD_BYTES * int(with_payload)
        if records.dtype != np.uint8 or records.ndim != 2 or records.shape[1] != stride:
            raise IndexCorruptError(
                f"{file.path}: records: expected uint8 (n, {stride}), got {records.dtype} "
                f"{records.shape}"
            )
        places = (1 << radix_bits(len(records))) + 1
        if len(records) > MAX_RECORDS or directory.dtype != np.uint32:
            raise IndexCorruptError(
                f"{file.path}: expected at most {MAX_RECORDS} records and a uint32 directory, got "
                f"{len(records)} and {directory.dtype}"
            )
        if directory.shape != (places,):
            raise IndexCorruptError(
                f"{file.path}: directory: expected ({places},), got {directory.shape}"
            )
        return cls(width, records, directory, file)

    @classmethod
    def from_arrays(cls, digests: Bytes, payload: NDArray[np.int64] | None = None) -> Self:
        """A set in memory.

        Args:
            digests: uint8 (n, 16), (n, 20) or (n, 32), in any order; repetitions are kept once.
            payload: int64 (n,), or None.

        Raises:
            InputError: wrong dtype or shape.
        """
        shape: tuple[int, ...] = getattr(digests, "shape", ())
        width = checked_width(shape[1]) if len(shape) == 2 else WIDTHS[0]
        digests = checked_digests(digests, width)
        if payload is not None:
            payload = checked_payload(payload, len(digests))
        if len(digests) > MAX_RECORDS:
            raise InputError(f"digests: expected at most {MAX_RECORDS}, got {len(digests)}")
        stride = width + (0 if payload is None else PAYLOAD_BYTES)
        records = np.empty((len(digests), stride), dtype=np.uint8)
        pack(digests, payload, records)
        count = _native.digest_sort(records)
        if count < len(records):
            records = records[:count].copy()
        counter = DirectoryCounter(count)
        counter.add(records)
        return cls(width, records, counter.directory(), None)

    @property
    def width(self) -> int:
        """Bytes of a digest."""
        return self._width

    @property
    def has_payload(self) -> bool:
        """Whether ``find`` can be asked."""
        return bool(self._open_arrays()[0].shape[1] != self._width)

    @property
    def total_bytes(self) -> int:
        """Bytes of the file; of the arrays for a set in memory."""
        return self.memory_bytes if self._file is None else self._file.total_bytes

    @property
    def memory_bytes(self) -> int:
        """Bytes of records and directory; of an opened set shared between processes."""
        return sum(array.nbytes for array in self._open_arrays())

    def __len__(self) -> int:
        """Number of records."""
        return len(self._open_arrays()[0])

    def contains(self, digests: Bytes) -> NDArray[np.bool_]:
        """Whether each digest is in the set.

        Args:
            digests: uint8 (n, width).

        Returns:
            bool (n,).

        Raises:
            InputError: wrong dtype or shape.
            IndexCorruptError: the file fails its check, which the first call makes.
        """
        queries = checked_digests(digests, self._width)
        records, directory = self._checked_arrays()
        return _native.digest_contains(records, directory, queries).view(np.bool_)

    def find(self, digests: Bytes) -> DigestMatches:
        """All payloads of each digest, ascending.

        Args:
            digests: uint8 (n, width).

        Raises:
            InputError: wrong dtype or shape, or a set without payloads.
            IndexCorruptError: the file fails its check, which the first call makes.
        """
        queries = checked_digests(digests, self._width)
        if not self.has_payload:
            raise InputError("find: expected a set with payloads, got one without")
        records, directory = self._checked_arrays()
        return DigestMatches(*_native.digest_find(records, directory, queries))

    def entries(self) -> tuple[Bytes, NDArray[np.int64] | None]:
        """All digests, ascending, uint8 (n, width), and their payloads if the set has them.

        Raises:
            IndexCorruptError: the file fails its check, which the first call makes.
        """
        records, _ = self._checked_arrays()
        payload = unpack_payload(records[:, self._width :]) if self.has_payload else None
        return records[:, : self._width], payload

    def verify(self) -> None:
        """Read everything again and check it.

        Raises:
            IndexCorruptError: names what is wrong.
        """
        arrays = self._open_arrays()
        if self._file is not None:
            self._file.verify()
            self._check_structure(arrays)

    def close(self) -> None:
        """Give up the file or the memory; searches that run keep what they need."""
        self._arrays = None
        if self._file is not None:
            self._file.close()

    def _open_arrays(self) -> tuple[Bytes, NDArray[np.uint32]]:
        arrays = self._arrays
        if arrays is None:
            raise IndexFileError("expected an open digest set, got a closed one")
        return arrays

    def _checked_arrays(self) -> tuple[Bytes, NDArray[np.uint32]]:
        arrays = self._open_arrays()
        if not self._sound:
            with self._lock:
                if not self._sound and self._file is not None:
                    self._file.ensure_verified()
                    self._check_structure(arrays)
                    self._sound = True
        return arrays

    def _check_structure(self, arrays: tuple[Bytes, NDArray[np.uint32]]) -> None:
        if self._file is not None and not _native.digest_sound(*arrays, self._width):
            raise IndexCorruptError(
                f"{self._file.path}: records or directory are not in the order that the format "
                "states"
            )
