"""Exact search in Hamming space: every hash within a radius, or the k nearest.

Source: a SIMD scan of all hashes (src_cpp/hamming/); nothing is approximated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native, cpu
from hashmatch.errors import InputError, InputTypeError


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits of many queries in CSR form, ordered by (query, distance, id).

    Hits of query ``i`` are ``ids[offsets[i]:offsets[i + 1]]``, with ``distances`` beside them.

    Attributes:
        offsets: int64, shape (n_queries + 1,).
        ids: int64, shape (n_hits,).
        distances: uint16, shape (n_hits,), bits.
    """

    offsets: NDArray[np.int64]
    ids: NDArray[np.int64]
    distances: NDArray[np.uint16]

    def __len__(self) -> int:
        """Number of queries."""
        return len(self.offsets) - 1

    def of(self, query: int) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
        """(ids, distances) of one query."""
        if not 0 <= query < len(self):
            raise InputError(f"query: expected 0..{len(self) - 1}, got {query}")
        hits = slice(self.offsets[query], self.offsets[query + 1])
        return self.ids[hits], self.distances[hits]


class HammingIndex:
    """Hashes of one length under int64 ids, searched exactly.

    The same hash may stand under many ids; all of them are found. ``add`` and ``remove`` are
    visible to every search that starts afterwards. Safe to use from several threads: searches run
    side by side, a change waits for them.
    """

    def __init__(self, bits: int = 256) -> None:
        """Args: bits: length of every hash, a multiple of 8. Raises InputError otherwise."""
        self._bits = _integer(bits, "bits")
        try:
            self._core = _native.HammingIndex(self._bits)
        except (ValueError, TypeError) as error:
            raise InputError(
                f"bits: expected a multiple of 8 from 8 to 65528, got {bits}"
            ) from error

    @property
    def bits(self) -> int:
        return self._bits

    @property
    def memory_bytes(self) -> int:
        """Bytes held by hashes, ids and their map."""
        return self._core.memory_bytes

    def __len__(self) -> int:
        return len(self._core)

    def add(
        self, hashes: NDArray[np.uint8], ids: NDArray[np.int64] | None = None
    ) -> NDArray[np.int64]:
        """Add hashes; all of them or, on an error, none.

        Args:
            hashes: uint8, shape (n, bits // 8).
            ids: integers, shape (n,); None numbers on from the largest id ever used.

        Returns:
            The ids, int64 of shape (n,).

        Raises:
            InputError: wrong shape or dtype; an id that is already there or stands twice.
        """
        checked = self._hashes(hashes, "hashes")
        if ids is None:
            try:
                first = self._core.append(checked)
            except ValueError as error:
                raise InputError(str(error)) from error
            return np.arange(first, first + len(checked), dtype=np.int64)
        numbers = _ids(ids)
        if len(numbers) != len(checked):
            raise InputError(f"ids: expected one id a hash ({len(checked)}), got {len(numbers)}")
        try:
            self._core.add(checked, numbers)
        except ValueError as error:
            raise InputError(str(error)) from error
        return numbers

    def remove(self, ids: NDArray[np.int64]) -> None:
        """Remove the hashes under these ids; all of them or, on an error, none.

        Raises:
            InputError: an id that is not there or stands twice.
        """
        numbers = _ids(ids)
        try:
            self._core.remove(numbers)
        except ValueError as error:
            raise InputError(str(error)) from error

    def range_search(self, queries: NDArray[np.uint8], max_distance: int) -> SearchResult:
        """Find every stored hash within ``max_distance`` bits of each query.

        Args:
            queries: uint8, shape (n_queries, bits // 8).
            max_distance: inclusive Hamming radius in bits, >= 0; from ``bits`` on all are found.

        Raises:
            InputError: wrong dtype, shape or radius.

        The GIL is released.
        """
        checked = self._hashes(queries, "queries")
        radius = _integer(max_distance, "max_distance")
        if radius < 0:
            raise InputError(f"max_distance: expected 0 or more bits, got {radius}")
        cpu.active_isa()
        return SearchResult(*self._core.range_search(checked, min(radius, self._bits)))

    def knn(self, queries: NDArray[np.uint8], k: int) -> SearchResult:
        """Find the ``k`` nearest stored hashes of each query; fewer where the index holds fewer.

        Ties at the k-th place go to the smaller id.

        Args:
            queries: uint8, shape (n_queries, bits // 8).
            k: >= 1.

        Raises:
            InputError: wrong dtype, shape or k.

        The GIL is released.
        """
        checked = self._hashes(queries, "queries")
        count = _integer(k, "k")
        if count < 1:
            raise InputError(f"k: expected 1 or more, got {count}")
        cpu.active_isa()
        return SearchResult(*self._core.knn(checked, min(count, 2**62)))

    def _hashes(self, hashes: NDArray[np.uint8], name: str) -> NDArray[np.uint8]:
        expected = f"{name}: expected uint8 (n, {self._bits // 8})"
        if not isinstance(hashes, np.ndarray):
            raise InputTypeError(f"{expected}, got {type(hashes).__name__}")
        if hashes.dtype != np.uint8:
            raise InputTypeError(f"{expected}, got {hashes.dtype} {hashes.shape}")
        if hashes.ndim != 2 or hashes.shape[1] != self._bits // 8:
            raise InputError(f"{expected}, got uint8 {hashes.shape}")
        return np.ascontiguousarray(hashes)


def _ids(ids: Any) -> NDArray[np.int64]:
    array = np.asarray(ids)
    if array.ndim != 1:
        raise InputError(f"ids: expected int64 (n,), got {array.dtype} {array.shape}")
    if array.size == 0:
        return np.empty(0, dtype=np.int64)
    if array.dtype.kind not in "iu":
        raise InputTypeError(f"ids: expected int64 (n,), got {array.dtype} {array.shape}")
    if array.dtype.kind == "u" and int(array.max()) > np.iinfo(np.int64).max:
        raise InputError(f"ids: expected int64, got {int(array.max())}")
    return np.ascontiguousarray(array, dtype=np.int64)


def _integer(value: Any, name: str) -> int:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise InputTypeError(f"{name}: expected an integer, got {type(value).__name__}")
    return int(value)
