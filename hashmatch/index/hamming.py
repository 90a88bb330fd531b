"""Exact search in Hamming space: every hash within a radius, the k nearest, all pairs.

Source: multi-index hashing and a SIMD scan (src_cpp/hamming/, docs/search.md); nothing is
approximated.
"""

from __future__ import annotations

from os import PathLike
from threading import RLock
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native
from hashmatch.errors import IndexCorruptError, InputError
from hashmatch.index.arguments import at_least, ids_of, integer, rows
from hashmatch.index.hamming_check import check_answers
from hashmatch.index.hamming_files import IndexFolder, open_folder
from hashmatch.index.hamming_manifest import Manifest
from hashmatch.index.hamming_reading import HammingReader

_STRATEGIES = ("auto", "scan", "mih")


class HammingSnapshot(HammingReader):
    """What a ``HammingIndex`` held when ``snapshot()`` was called; it never changes."""

    def __init__(self, core: _native.HammingSnapshot, strategy: str) -> None:
        self._core = core
        self._plan = strategy

    def _snapshot(self) -> _native.HammingSnapshot:
        return self._core

    @property
    def _strategy(self) -> str:
        return self._plan


class HammingIndex(HammingReader):
    """Hashes of one length under int64 ids, searched exactly.

    The same hash may stand under many ids; all of them are found. ``add`` and ``remove`` are
    visible to every search that starts afterwards; a search that runs, and a ``snapshot``, keep
    what they began with. Safe to use from several threads: readers never wait, writers wait for
    each other.
    """

    def __init__(self, bits: int = 256, *, strategy: str = "auto") -> None:
        """An empty index.

        Args:
            bits: length of every hash, a multiple of 8 from 8 to 65528.
            strategy: "auto" chooses for each query between multi-index tables and a scan, by what
                they are estimated to cost; "scan" builds no tables (40 bytes a 256-bit hash instead
                of up to 110); "mih" uses tables wherever there are some. The answers are the same.

        Raises:
            InputError: another length or strategy.
        """
        if strategy not in _STRATEGIES:
            raise InputError(
                f"strategy: expected one of {', '.join(_STRATEGIES)}, got {strategy!r}"
            )
        self._plan = strategy
        self._writing = RLock()
        # One attribute, so that a reader never checks one folder and asks another's segments.
        self._state: tuple[_native.HammingIndex, IndexFolder | None] = (self._new_core(bits), None)

    @classmethod
    def open(
        cls, path: str | PathLike[str], *, strategy: str = "auto", verify: bool = False
    ) -> Self:
        """Open an index that ``save`` wrote. It is mapped: opening reads a few pages only, and
        processes share what they read.

        All checksums and the structure are checked before the first answer, or at once with
        ``verify``: nothing is ever answered from a bad file. ``add`` and ``remove`` change memory
        only, until ``save``.

        Raises:
            IndexVersionError: written by a newer hashmatch.
            IndexCorruptError: a file is missing, cut, changed or not what it says.
            IndexFileError: no index is there, or it can't be read.
            InputError: another strategy.
        """
        folder, manifest, parts = open_folder(path)
        index = cls(manifest.bits, strategy=strategy)
        index._take_over(folder, manifest, parts)
        if verify:
            folder.ensure_verified()
        return index

    def add(
        self, hashes: NDArray[np.uint8], ids: NDArray[np.int64] | None = None
    ) -> NDArray[np.int64]:
        """Add hashes; all of them or, on an error, none.

        A large addition is quickest at once: hashes are kept in segments, and small segments are
        merged into larger ones as they come.

        Args:
            hashes: uint8, shape (n, bits // 8).
            ids: integers, shape (n,); None numbers on from the largest id ever used.

        Returns:
            The ids, int64 of shape (n,).

        Raises:
            InputError: wrong shape or dtype; an id that is already there or stands twice.
        """
        columns = self.bits // 8
        checked = rows(hashes, columns, "hashes", f"(n, {columns})")
        numbers = None if ids is None else ids_of(ids)
        if numbers is not None and len(numbers) != len(checked):
            raise InputError(f"ids: expected one id a hash ({len(checked)}), got {len(numbers)}")
        with self._writing:
            core = self._writable()
            try:
                if numbers is not None:
                    core.add(checked, numbers)
                    return numbers
                first = core.append(checked)
            except ValueError as error:
                raise InputError(str(error)) from error
        return np.arange(first, first + len(checked), dtype=np.int64)

    def remove(self, ids: NDArray[np.int64]) -> None:
        """Remove the hashes under these ids; all of them or, on an error, none.

        They are marked; ``compact`` gives their memory back.

        Raises:
            InputError: an id that is not there or stands twice.
        """
        numbers = ids_of(ids)
        with self._writing:
            try:
                self._writable().remove(numbers)
            except ValueError as error:
                raise InputError(str(error)) from error

    def compact(self) -> None:
        """Merge everything into one segment and forget removed hashes.

        Takes the time and, until readers of the old state are done, the memory of building anew.
        """
        with self._writing:
            self._writable().compact()

    def snapshot(self) -> HammingSnapshot:
        """What the index holds now, for as long as the caller keeps it."""
        return HammingSnapshot(self._snapshot(), self._plan)

    def save(self, path: str | PathLike[str], *, replace: bool = False) -> None:
        """Write the index into the folder ``path`` (docs/index-format.md).

        Only segments that are not there yet are written. Each file is written beside, fsynced and
        renamed, the manifest last: a crash leaves the old index or the new one. Processes that have
        the old one open can go on, and ``refresh``.

        Args:
            replace: put this index in place of whatever index is there.

        Raises:
            IndexFileError: an index is there that this one was not opened from or saved as, or that
                another process has saved since (``refresh`` first); or the folder can't be written.
        """
        with self._writing:
            core, known = self._state
            folder = known if known is not None and known.is_at(path) else IndexFolder(path)
            self._writable()
            folder.write(core.snapshot(), core.next_id, replace=replace)
            self._state = (core, folder)

    def refresh(self) -> bool:
        """Take over what another process has saved since; returns whether there was something.

        Raises:
            InputError: the index was never saved or opened, or has changes that are not saved.
            IndexFileError: as ``open``; the index stays as it was.
        """
        with self._writing:
            core, known = self._state
            if known is None:
                raise InputError("refresh: expected an index that was opened or saved")
            if known.is_changed(core.snapshot()):
                raise InputError("refresh: expected no unsaved changes; save them or open again")
            folder, manifest, parts = open_folder(known.path, known)
            if manifest.generation == known.generation:
                return False
            self._take_over(folder, manifest, parts)
            return True

    def verify(self, *, samples: int = 1000, seed: int = 0) -> None:
        """Check everything: checksums and structure of every file, and answers.

        ``samples`` stored hashes, and each with some of its bits turned, are searched by tables and
        by scan; both must agree and find it.

        Raises:
            IndexCorruptError: with the first thing that is wrong.
            InputError: wrong sample count or seed.
        """
        count, start = at_least(samples, 0, "samples"), at_least(seed, 0, "seed")
        core, folder = self._state
        if folder is not None:
            folder.verify()
        check_answers(core.snapshot(), count, start)

    def _new_core(self, bits: int) -> _native.HammingIndex:
        length = integer(bits, "bits")
        try:
            return _native.HammingIndex(length, self._plan != "scan")
        except (ValueError, TypeError) as error:
            raise InputError(
                f"bits: expected a multiple of 8 from 8 to 65528, got {bits}"
            ) from error

    def _take_over(
        self, folder: IndexFolder, manifest: Manifest, parts: list[_native.Part]
    ) -> None:
        core = self._new_core(manifest.bits)
        try:
            core.replace(parts, manifest.next_id)
        except ValueError as error:
            raise IndexCorruptError(f"{folder.path}: {error}") from error
        folder.opened(core.snapshot())
        self._state = (core, folder)

    def _snapshot(self) -> _native.HammingSnapshot:
        core, folder = self._state
        if folder is not None:
            folder.ensure_verified()
        return core.snapshot()

    def _writable(self) -> _native.HammingIndex:
        # A merge copies mapped segments: what is wrong in a file must not get into a new one.
        core, folder = self._state
        if folder is not None:
            folder.ensure_verified()
        return core

    @property
    def _strategy(self) -> str:
        return self._plan

    @property
    def bits(self) -> int:
        return self._state[0].bits

    def __len__(self) -> int:
        return len(self._state[0].snapshot())

    @property
    def memory_bytes(self) -> int:
        return self._state[0].snapshot().memory_bytes
