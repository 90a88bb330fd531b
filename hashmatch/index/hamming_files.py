"""A ``HammingIndex`` in a folder: segment files, and a manifest that says which of them count.

docs/index-format.md has the layout. A segment file never changes. The manifest is replaced as a
whole by each save, under a lock, and numbers the saves (its generation).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native
from hashmatch.errors import IndexCorruptError, IndexFileError
from hashmatch.index.file_format import SectionFile
from hashmatch.index.hamming_manifest import (
    MANIFEST,
    SUFFIX,
    Listed,
    Manifest,
    generation_of,
    number,
    open_segment,
    read_manifest,
    write_manifest,
    write_segment,
)

_LOCK = "LOCK"
_OPENING_TRIES = 5


class _Held:
    """A segment that stands in a file; ``opened`` is None where this process wrote it."""

    def __init__(
        self, segment: _native.HammingSegment, listed: Listed, opened: SectionFile | None
    ) -> None:
        self.segment = segment
        self.listed = listed
        self.opened = opened
        self._sound = opened is None
        self._lock = Lock()

    def ensure_verified(self) -> None:
        if self._sound:
            return
        with self._lock:
            if not self._sound and self.opened is not None:
                self.opened.ensure_verified()
                self._check_structure()
                self._sound = True

    def verify(self) -> None:
        if self.opened is not None:
            self.opened.verify()
            self._check_structure()

    def _check_structure(self) -> None:
        if self.opened is not None and not self.segment.sound():
            raise IndexCorruptError(
                f"{self.opened.path}: ids, blocks or tables are not in the order that the format "
                "states"
            )


class IndexFolder:
    """The folder as one index knows it: which of its segments stand in which file."""

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)
        self.generation = 0
        self._held: dict[_native.HammingSegment, _Held] = {}
        self._saved: list[_native.Part] = []

    def is_at(self, path: str | PathLike[str]) -> bool:
        return self.path.absolute() == Path(path).absolute()

    def read(self) -> Manifest:
        """The manifest as it stands now.

        Raises:
            IndexFileError: there is none. Its children: it is not what the format says.
        """
        if not self.path.is_dir():
            raise IndexFileError(f"{self.path}: expected the folder of an index, got none")
        return read_manifest(self.path)

    def parts(self, manifest: Manifest) -> list[_native.Part]:
        """Opens what the manifest lists; segments that are open already are shared.

        Raises:
            IndexFileError, IndexCorruptError: a file is missing or not what the manifest says.
        """
        self.generation = manifest.generation
        known = {held.listed.file: held for held in self._held.values()}
        held = [
            _Held(known[entry.file].segment, entry, known[entry.file].opened)
            if entry.file in known and known[entry.file].listed.checksum == entry.checksum
            else self._open(entry, manifest.bits)
            for entry in manifest.segments
        ]
        for one in held:
            removed = one.listed.removed
            if removed is not None and removed.shape != ((len(one.segment) + 63) // 64,):
                raise IndexCorruptError(
                    f"{self.path / MANIFEST}: expected one bit a hash of {one.listed.file}"
                )
            if one.listed.file in known:  # what is verified stays so
                one._sound = known[one.listed.file]._sound
        self._held = {one.segment: one for one in held}
        return [(one.segment, one.listed.removed) for one in held]

    def opened(self, snapshot: _native.HammingSnapshot) -> None:
        """Remembers what was opened or saved, so that changes are noticed."""
        self._saved = snapshot.parts

    def is_changed(self, snapshot: _native.HammingSnapshot) -> bool:
        """Whether the snapshot differs from what was opened or saved last."""
        now = snapshot.parts
        return len(now) != len(self._saved) or any(
            mine[0] is not saved[0] or not _same_bits(mine[1], saved[1])
            for mine, saved in zip(now, self._saved, strict=True)
        )

    def ensure_verified(self) -> None:
        """Every file and its structure, once. Raises IndexCorruptError."""
        for held in list(self._held.values()):
            held.ensure_verified()

    def verify(self) -> None:
        """Every file and its structure, again. Raises IndexCorruptError."""
        for held in list(self._held.values()):
            held.verify()

    def write(self, snapshot: _native.HammingSnapshot, next_id: int, *, replace: bool) -> None:
        """Saves the snapshot as the folder's next generation.

        Raises:
            IndexFileError: an index that this one does not continue is there, or the folder
                can't be written.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise IndexFileError(f"{self.path}: can't be made: {error.strerror}") from error
        with self._locked():
            current = self._current(replace)
            if current is not None and not replace and current.generation != self.generation:
                raise IndexFileError(
                    f"{self.path}: expected generation {self.generation}, got "
                    f"{current.generation}: another process has saved an index there"
                )
            # Names are never used again, whatever became of the manifest that knew them.
            used = [generation_of(path) for path in self.path.glob(f"segment-*{SUFFIX}")]
            if current is not None:
                used.append(current.generation)
            self._write_generation(snapshot, next_id, max(used, default=0) + 1)
            self._forget_files(current)

    def _write_generation(
        self, snapshot: _native.HammingSnapshot, next_id: int, generation: int
    ) -> None:
        parts = snapshot.parts
        held: dict[_native.HammingSegment, _Held] = {}
        for place, (segment, removed) in enumerate(parts):
            before = self._held.get(segment)
            if before is not None and self._stands(before.listed):
                listed = Listed(before.listed.file, before.listed.checksum, removed)
                after = _Held(segment, listed, before.opened)
                after._sound = before._sound
            else:
                name = f"segment-{generation}-{place}{SUFFIX}"
                checksum = write_segment(self.path / name, segment)
                after = _Held(segment, Listed(name, checksum, removed), None)
            held[segment] = after
        entries = [held[segment].listed for segment, _ in parts]
        write_manifest(self.path, generation, snapshot.bits, next_id, entries)
        self.generation = generation
        self._held = held
        self._saved = parts

    def _open(self, entry: Listed, bits: int) -> _Held:
        file = open_segment(self.path / entry.file)
        if file.checksum != entry.checksum:
            raise IndexCorruptError(
                f"{file.path}: expected checksum {entry.checksum}, got {file.checksum}"
            )
        if file.meta.get("bits") != bits:
            raise IndexCorruptError(
                f"{file.path}: expected hashes of {bits} bits, got {file.meta.get('bits')}"
            )
        try:
            segment = _native.HammingSegment.from_arrays(
                bits,
                file["blocks"],
                file["ids"],
                number(file, "chunks"),
                number(file, "key_bits"),
                file["directory"],
                file["entries"],
            )
        except (ValueError, TypeError) as error:
            raise IndexCorruptError(f"{file.path}: {error}") from error
        return _Held(segment, entry, file)

    def _stands(self, listed: Listed) -> bool:
        """Whether the segment's file is still there, and the same."""
        try:
            with open_segment(self.path / listed.file) as file:
                return file.checksum == listed.checksum
        except IndexFileError:
            return False

    def _current(self, replace: bool) -> Manifest | None:
        try:
            return self.read() if (self.path / MANIFEST).exists() else None
        except IndexFileError:
            if replace:  # what can't be read may be replaced
                return None
            raise

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time; a writer that dies lets go."""
        try:
            descriptor = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise IndexFileError(f"{self.path}: can't be locked: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _forget_files(self, previous: Manifest | None) -> None:
        """Deletes segment files that neither this generation nor the one before names.

        Whoever reads the manifest just before it is replaced still finds its files.
        """
        kept = {held.listed.file for held in self._held.values()}
        kept |= {entry.file for entry in previous.segments} if previous is not None else set()
        for path in self.path.glob(f"segment-*{SUFFIX}"):
            if path.name not in kept:
                path.unlink(missing_ok=True)
        # What a writer that was killed left half-written; under the lock nobody writes.
        for path in self.path.glob(f".*{SUFFIX}.*.part"):
            path.unlink(missing_ok=True)


def open_folder(
    path: str | PathLike[str], known: IndexFolder | None = None
) -> tuple[IndexFolder, Manifest, list[_native.Part]]:
    """The folder's newest generation; what ``known`` has open is shared, and it stays as it is.

    A writer may replace the manifest and delete older files meanwhile; then the newer one is read.

    Raises:
        IndexFileError and its children: see ``HammingIndex.open``.
    """
    folder = IndexFolder(path)
    if known is not None:
        folder._held = dict(known._held)
    for tries in range(_OPENING_TRIES):
        manifest = folder.read()
        try:
            return folder, manifest, folder.parts(manifest)
        except IndexFileError:
            if tries + 1 == _OPENING_TRIES or folder.read().generation == manifest.generation:
                raise
    raise AssertionError("unreachable")


def _same_bits(a: NDArray[np.uint64] | None, b: NDArray[np.uint64] | None) -> bool:
    if a is None or b is None:
        return a is b
    return np.array_equal(a, b)
