"""Exact search among vectors of bytes by squared Euclidean distance: PhotoDNA values.

Source: a SIMD scan that leaves a row when a part of its distance is beyond the radius
(src_cpp/vector/); nothing is approximated. Definitions and their sources: docs/vectors.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native, cpu
from hashmatch.errors import InputError, InputTypeError
from hashmatch.index.arguments import at_least, ids_of, integer
from hashmatch.index.arguments import rows as checked_rows
from hashmatch.index.photodna import (
    DIMS,
    DIRECTIONS,
    MAX_DISTANCE,
    entropy,
    photodna_orientations,
)
from hashmatch.index.vector_content import vectors_of
from hashmatch.index.vector_file import VectorFile, write_vectors
from hashmatch.index.vector_result import VectorSearchResult, folded

_LARGEST_INT64 = 2**63 - 1


class VectorIndex:
    """Vectors of one length under int64 ids, searched exactly.

    The same vector may stand under many ids; all of them are found. Safe to use from several
    threads: ``add`` and ``remove`` are seen, whole, by every search that starts afterwards, and a
    search never waits for them.
    """

    def __init__(self, dims: int = DIMS) -> None:
        """Args: dims: bytes of every vector, 1 to 4096. Raises InputError otherwise."""
        self._dims = integer(dims, "dims")
        try:
            self._held = _native.VectorIndex(self._dims)
        except (ValueError, TypeError) as error:
            raise InputError(f"dims: expected 1 to 4096, got {dims}") from error
        self._file: VectorFile | None = None

    @classmethod
    def open(cls, path: str | PathLike[str], *, verify: bool = False) -> Self:
        """Open an index that ``save`` wrote. It is mapped: processes share what they read.

        All checksums and the structure are checked before the first answer (which reads the file
        once), or at once with ``verify``: nothing is ever answered from a bad file. ``add`` and
        ``remove`` change memory only, until ``save``.

        Raises:
            IndexVersionError: written by a newer hashmatch.
            IndexCorruptError: the file is cut, changed or not what it says; this is also what the
                first use raises.
            IndexFileError: no file is there, or it can't be read.
        """
        file = VectorFile(path)
        index = cls(file.core.dims)
        index._held, index._file = file.core, file
        if verify:
            file.attach()
        return index

    def save(self, path: str | PathLike[str]) -> None:
        """Write everything into one file, beside and renamed; what is there is replaced.

        Raises:
            IndexFileError: the file can't be written.
        """
        write_vectors(path, self._core)

    @property
    def _core(self) -> _native.VectorIndex:
        if self._file is not None:
            self._file.attach()
        return self._held

    @property
    def dims(self) -> int:
        return self._dims

    @property
    def memory_bytes(self) -> int:
        """Bytes held by vectors, ids and sums of squares; without what is mapped from a file."""
        return self._core.memory_bytes

    def __len__(self) -> int:
        return len(self._core)

    def add(
        self, vectors: NDArray[np.uint8], ids: NDArray[np.int64] | None = None
    ) -> NDArray[np.int64]:
        """Add vectors; all of them or, on an error, none.

        Args:
            vectors: uint8, shape (n, dims).
            ids: integers, shape (n,); None numbers on from the largest id ever used.

        Returns:
            The ids, int64 of shape (n,).

        Raises:
            InputError: wrong shape or dtype; an id that is already there or stands twice.
        """
        rows = checked_rows(vectors, self._dims, "vectors", f"(n, {self._dims})")
        try:
            if ids is None:
                first = self._core.append(rows)
                return np.arange(first, first + len(rows), dtype=np.int64)
            numbers = ids_of(ids)
            if len(numbers) != len(rows):
                raise InputError(f"ids: expected one id a vector ({len(rows)}), got {len(numbers)}")
            self._core.add(rows, numbers)
        except InputError:
            raise
        except ValueError as error:
            raise InputError(str(error)) from error
        return numbers

    def remove(self, ids: NDArray[np.int64]) -> None:
        """Remove the vectors under these ids; all of them or, on an error, none.

        Raises:
            InputError: an id that is not there or stands twice.
        """
        numbers = ids_of(ids)
        try:
            self._core.remove(numbers)
        except ValueError as error:
            raise InputError(str(error)) from error

    def entries(self) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """All ids, ascending, int64 (n,), and their vectors, uint8 (n, dims)."""
        return vectors_of(self._core)

    def range_search(
        self,
        queries: NDArray[np.uint8],
        max_distance: int = MAX_DISTANCE,
        *,
        min_entropy: float | None = None,
        orientations: bool = False,
        directions: Sequence[str] = DIRECTIONS,
        threads: int = 1,
    ) -> VectorSearchResult:
        """Find every stored vector within ``max_distance`` of each query.

        Args:
            queries: uint8, shape (n_queries, dims).
            max_distance: inclusive squared Euclidean distance, >= 0.
            min_entropy: search only queries (with ``orientations``: orientations of them) whose
                ``entropy`` is at least this, 0.0 to 1.0; ``searched`` of the result says which.
            orientations: search the eight orientations of each query, and give each id once, with
                its nearest orientation; dims must be 144.
            directions: as ``photodna_orientations`` takes it.
            threads: that share the scan, 1 or more; the result does not depend on it.

        Raises:
            InputError: wrong dtype, shape, radius, entropy or number of threads.

        The GIL is released.
        """
        rows = checked_rows(queries, self._dims, "queries", f"(n, {self._dims})")
        radius = min(at_least(max_distance, 0, "max_distance"), _LARGEST_INT64)
        workers = min(at_least(threads, 1, "threads"), 1024)
        n = len(rows)
        if orientations:
            if self._dims != DIMS:
                raise InputError(f"orientations: expected an index of 144 bytes, got {self._dims}")
            rows = photodna_orientations(rows, directions=directions).reshape(-1, DIMS)
        # Row r of `rows` is orientation r // n of query r % n.
        places = np.arange(len(rows))
        if min_entropy is not None:
            places = np.flatnonzero(entropy(rows) >= _share(min_entropy, "min_entropy"))
            rows = rows[places]
        searched = np.bincount(places % max(n, 1), minlength=n).astype(np.uint8)
        cpu.active_isa()
        offsets, ids, distances = self._core.range_search(rows, radius, workers)
        if len(rows) == n and not orientations:
            return VectorSearchResult(offsets, ids, distances, None, searched)
        place = np.repeat(places, np.diff(offsets))
        return folded(place % max(n, 1), place // max(n, 1), ids, distances, searched, orientations)

    def knn(self, queries: NDArray[np.uint8], k: int) -> VectorSearchResult:
        """Find the ``k`` nearest stored vectors of each query; fewer where the index holds fewer.

        Ties at the k-th place go to the smaller id.

        Args:
            queries: uint8, shape (n_queries, dims).
            k: >= 1.

        Raises:
            InputError: wrong dtype, shape or k.

        The GIL is released.
        """
        rows = checked_rows(queries, self._dims, "queries", f"(n, {self._dims})")
        count = min(at_least(k, 1, "k"), _LARGEST_INT64)
        cpu.active_isa()
        found = self._core.knn(rows, count)
        return VectorSearchResult(*found, None, np.ones(len(rows), np.uint8))


def _share(value: Any, name: str) -> float:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.floating)):
        raise InputTypeError(f"{name}: expected a number, got {type(value).__name__}")
    if not 0.0 <= value <= 1.0:
        raise InputError(f"{name}: expected 0.0 to 1.0, got {value}")
    return float(value)
