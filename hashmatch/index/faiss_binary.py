"""Approximate search in Hamming space over faiss: for bases that are too large to scan or to probe.

An index of this kind misses neighbours. It measures how many when it is built, against the exact
scan, and every result carries that number; a match that it gives is a match, at its exact distance.
Where the answer must be complete, use ``HammingIndex``.

Source: faiss IndexBinaryHNSW and IndexBinaryIVF.
"""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import InputError, InputTypeError
from hashmatch.index.arguments import at_least, ids_of
from hashmatch.index.arguments import rows as checked_rows
from hashmatch.index.faiss_file import read_faiss, write_faiss
from hashmatch.index.faiss_kinds import KINDS, graph, inverted_lists, within
from hashmatch.index.faiss_library import building
from hashmatch.index.recall import Recall, measured

_SEED = 20261125


@dataclass(frozen=True, slots=True)
class ApproximateResult:
    """Hits of many queries in CSR form, ordered by (query, distance, id), and what is known of
    those that are missing.

    Attributes:
        offsets: int64, shape (n_queries + 1,).
        ids: int64, shape (n_hits,).
        distances: uint16, shape (n_hits,), bits, exact.
        truncated: bool, shape (n_queries,): the query had more neighbours within the radius than
            ``MOST_NEIGHBOURS``, and only the nearest are here (kind "hnsw"; never so with "ivf").
        recall: share of the exact neighbours that the index found when it was built, 0.0 to 1.0.
        measured_on: number of exact neighbours that the recall was measured on.
        radius: the inclusive radius that it was measured at. At another radius, or with queries
            that are no perturbed stored hashes, the recall is another.
    """

    offsets: NDArray[np.int64]
    ids: NDArray[np.int64]
    distances: NDArray[np.uint16]
    truncated: NDArray[np.bool_]
    recall: float
    measured_on: int
    radius: int

    def __len__(self) -> int:
        """Number of queries."""
        return len(self.offsets) - 1

    def of(self, query: int) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
        """(ids, distances) of one query."""
        if not 0 <= query < len(self):
            raise InputError(f"query: expected 0..{len(self) - 1}, got {query}")
        hits = slice(self.offsets[query], self.offsets[query + 1])
        return self.ids[hits], self.distances[hits]


class ApproximateIndex:
    """An immutable index that may miss; made by ``build``. Searches may run side by side."""

    def __init__(self, index: Any, ids: NDArray[np.int64], kind: str, recall: Recall) -> None:
        """For ``build`` and ``open``: a faiss binary index over ``ids`` by position."""
        self._index = index
        self._ids = ids
        self._kind = kind
        self._recall = recall

    @classmethod
    def build(
        cls,
        hashes: NDArray[np.uint8],
        ids: NDArray[np.int64] | None = None,
        *,
        kind: str = "hnsw",
        max_distance: int = 31,
        links: int = 32,
        effort: int = 128,
        lists: int | None = None,
        probes: int = 16,
        sample: int = 512,
        seed: int = _SEED,
    ) -> Self:
        """Build an index and measure its recall.

        Args:
            hashes: uint8, shape (n, n_bytes), n at least 1.
            ids: distinct integers, shape (n,); None numbers from 0.
            kind: "hnsw": a graph, fast to search and slow to build; "ivf": lists around centres.
            max_distance: inclusive radius in bits at which the recall is measured.
            links: of a graph's node, at least 2.
            effort: candidates that a graph keeps while building and searching (faiss: efSearch,
                efConstruction).
            lists: number of lists; None: about the square root of n.
            probes: lists that a search looks into (faiss: nprobe). All of them make it exact.
            sample: queries to measure the recall on: stored hashes with 0 to ``max_distance``
                random bits flipped.
            seed: of the sample.

        Raises:
            InputError: wrong dtype, shape, kind or number; ids that repeat.
            MissingExtraError: faiss is not installed.

        Memory beside the index: a copy of at most a million hashes at a time.
        """
        rows, numbers = _checked(hashes, ids)
        if kind not in KINDS:
            raise InputError(f"kind: expected {' or '.join(map(repr, KINDS))}, got {kind!r}")
        radius = at_least(max_distance, 0, "max_distance")
        if radius > rows.shape[1] * 8:
            raise InputError(f"max_distance: expected 0 to {rows.shape[1] * 8} bits, got {radius}")
        count = at_least(sample, 1, "sample")
        start = at_least(seed, 0, "seed")
        with building():
            if kind == "hnsw":
                index = graph(
                    rows,
                    at_least(links, 2, "links"),
                    at_least(effort, 1, "effort"),
                )
            else:
                index = inverted_lists(rows, lists, at_least(probes, 1, "probes"))

            def search(queries: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
                hits = within(index, kind, queries, radius)
                return hits.queries, hits.positions

            recall = measured(search, rows, max_distance=radius, sample=count, seed=start)
        return cls(index, numbers, kind, recall)

    @classmethod
    def open(cls, path: str | PathLike[str]) -> Self:
        """Read an index that ``save`` wrote, into memory.

        The file must come from a trusted place. Its checksums are verified before faiss sees its
        bytes, which finds damage; but whoever makes a file makes its checksums, and faiss parses
        what it is given without the care that hostile bytes need.

        Raises:
            IndexVersionError: written by a newer hashmatch.
            IndexCorruptError: the file is cut, changed or not what it says.
            IndexFileError: no file is there, or it can't be read.
            MissingExtraError: faiss is not installed.
        """
        return cls(*read_faiss(path))

    def save(self, path: str | PathLike[str]) -> None:
        """Write everything into one file, beside and renamed; what is there is replaced.

        Raises:
            IndexFileError: the file can't be written.
        """
        write_faiss(path, self._index, self._ids, self._kind, self._recall)

    @property
    def bits(self) -> int:
        return int(self._index.d)

    @property
    def kind(self) -> str:
        """ "hnsw" or "ivf"."""
        return self._kind

    @property
    def recall(self) -> float:
        """Share of the exact neighbours within ``radius`` that were found when it was built."""
        return self._recall.share

    @property
    def measured_on(self) -> int:
        """Number of exact neighbours that the recall was measured on."""
        return self._recall.neighbours

    @property
    def radius(self) -> int:
        """The inclusive radius in bits that the recall holds for."""
        return self._recall.max_distance

    def __len__(self) -> int:
        return len(self._ids)

    def range_search(self, queries: NDArray[np.uint8], max_distance: int) -> ApproximateResult:
        """Find stored hashes within ``max_distance`` bits of each query; some may be missing.

        A graph has no search by radius: it is asked for more and more neighbours until the last
        one is beyond the radius, or ``MOST_NEIGHBOURS`` are found (``truncated`` of the result).

        Args:
            queries: uint8, shape (n_queries, bits // 8).
            max_distance: inclusive Hamming radius in bits, >= 0.

        Raises:
            InputError: wrong dtype, shape or radius.
        """
        rows = checked_rows(queries, self.bits // 8, "queries", f"(n, {self.bits // 8})")
        radius = min(at_least(max_distance, 0, "max_distance"), self.bits)
        with building():
            hits = within(self._index, self._kind, rows, radius)
        ids = self._ids[hits.positions]
        order = np.lexsort((ids, hits.distances, hits.queries))
        offsets = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(np.bincount(hits.queries, minlength=len(rows)), out=offsets[1:])
        return ApproximateResult(
            offsets,
            ids[order],
            hits.distances[order].astype(np.uint16),
            hits.truncated,
            self.recall,
            self.measured_on,
            self.radius,
        )


def _checked(
    hashes: NDArray[np.uint8], ids: NDArray[np.int64] | None
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    if not isinstance(hashes, np.ndarray):
        raise InputTypeError(f"hashes: expected uint8 (n, n_bytes), got {type(hashes).__name__}")
    width = hashes.shape[1] if hashes.ndim == 2 else 0
    if width == 0 or len(hashes) == 0:
        raise InputError(
            "hashes: expected uint8 (n, n_bytes) with n and n_bytes 1 or more, "
            f"got {hashes.dtype} {hashes.shape}"
        )
    rows = checked_rows(hashes, width, "hashes", f"(n, {width})")
    numbers = np.arange(len(rows), dtype=np.int64) if ids is None else ids_of(ids)
    if len(numbers) != len(rows):
        raise InputError(f"ids: expected one id a hash ({len(rows)}), got {len(numbers)}")
    ascending = np.sort(numbers)
    twice = ascending[1:][ascending[1:] == ascending[:-1]]
    if len(twice):
        raise InputError(f"ids: id {twice[0]} stands twice")
    return rows, numbers
