"""The questions to hashes: what a ``HammingIndex`` and a snapshot of it have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native, cpu
from hashmatch.errors import InputError, InputTypeError
from hashmatch.index.arguments import at_least, bits_within, ids_of, thread_count
from hashmatch.index.arguments import rows as checked_rows
from hashmatch.index.hamming_content import Block, hashes_under, live_blocks
from hashmatch.index.results import (
    PairBlock,
    SearchPlan,
    SearchResult,
    SearchWork,
    SegmentPlan,
)

_BLOCK_PAIRS = 1 << 20
_BLOCK_ROWS = 1 << 16


class HammingReader(ABC):
    """Exact answers about a set of hashes of one length under int64 ids.

    Every call sees the hashes of one moment. The GIL is released.
    """

    @abstractmethod
    def _snapshot(self) -> _native.HammingSnapshot:
        """What is asked: the hashes of this moment, checked where they come from a file."""

    @property
    @abstractmethod
    def _strategy(self) -> str:
        """Which plans may be chosen."""

    @property
    def bits(self) -> int:
        """Length of every hash."""
        return self._snapshot().bits

    @property
    def memory_bytes(self) -> int:
        """Bytes of hashes, ids and tables; of an opened index these are mapped and shared."""
        return self._snapshot().memory_bytes

    def __len__(self) -> int:
        return len(self._snapshot())

    def __contains__(self, id: object) -> bool:
        """Whether a hash stands under this id."""
        if isinstance(id, (bool, np.bool_)) or not isinstance(id, (int, np.integer)):
            return False
        limits = np.iinfo(np.int64)
        number = int(id)
        return limits.min <= number <= limits.max and self._snapshot().contains(number)

    def blocks(self, rows: int = _BLOCK_ROWS) -> Iterator[Block]:
        """All ids and hashes, int64 (n,) and uint8 (n, bits // 8), in blocks of at most ``rows``.

        Raises:
            InputError: wrong number of rows.
        """
        return live_blocks(self._snapshot(), at_least(rows, 1, "rows"))

    def hashes(self, ids: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The hashes under these ids, uint8 (n, bits // 8), in their order.

        Raises:
            InputError: no 1-D integers, or an id that is not there.
        """
        return hashes_under(self._snapshot(), ids_of(ids))

    def range_search(
        self,
        queries: NDArray[np.uint8],
        max_distance: int,
        *,
        prefilter_distance: int | None = None,
        threads: int = 1,
    ) -> SearchResult:
        """Find every stored hash within ``max_distance`` bits of each query.

        Args:
            queries: uint8, shape (n_queries, bits // 8).
            max_distance: inclusive Hamming radius in bits, >= 0; from ``bits`` on all are found.
            prefilter_distance: leave out hashes that differ in more than this many of the first 64
                bits in memory (of 256-bit hashes PDQ's 64 low-frequency ones, see
                docs/search.md). Several times as fast at wide radii, and the one option that loses
                hits; the result says so. None: exact.
            threads: threads to use at most.

        Raises:
            InputError: wrong dtype, shape, radius or thread count.
        """
        snapshot = self._snapshot()
        checked = self._queries(queries, snapshot)
        radius = bits_within(max_distance, "max_distance", snapshot.bits)
        limit = (
            None
            if prefilter_distance is None
            else bits_within(prefilter_distance, "prefilter_distance", snapshot.bits)
        )
        cpu.active_isa()
        offsets, ids, distances, work = snapshot.range_search(
            checked, radius, limit, self._strategy, thread_count(threads)
        )
        return SearchResult(offsets, ids, distances, limit, SearchWork(*work))

    def knn(self, queries: NDArray[np.uint8], k: int, *, threads: int = 1) -> SearchResult:
        """Find the ``k`` nearest stored hashes of each query; fewer where the index holds fewer.

        Ties at the k-th place go to the smaller id.

        Args:
            queries: uint8, shape (n_queries, bits // 8).
            k: >= 1.
            threads: threads to use at most; queries are shared out.

        Raises:
            InputError: wrong dtype, shape, k or thread count.
        """
        snapshot = self._snapshot()
        checked = self._queries(queries, snapshot)
        count = at_least(k, 1, "k")
        cpu.active_isa()
        found = snapshot.knn(checked, min(count, 2**62), self._strategy, thread_count(threads))
        return SearchResult(*found)

    def explain(
        self, query: NDArray[np.uint8], max_distance: int, *, n_queries: int = 1
    ) -> SearchPlan:
        """How ``range_search`` would answer, and what it estimates that to cost.

        Args:
            query: uint8, shape (bits // 8,) or (1, bits // 8).
            max_distance: inclusive radius in bits.
            n_queries: how many such queries would be asked at once; they share a scan.

        Raises:
            InputError: wrong dtype, shape, radius or count.
        """
        snapshot = self._snapshot()
        one = query[np.newaxis] if isinstance(query, np.ndarray) and query.ndim == 1 else query
        checked = self._queries(one, snapshot)
        if len(checked) != 1:
            raise InputError(f"query: expected one, got {len(checked)}")
        radius = bits_within(max_distance, "max_distance", snapshot.bits)
        cpu.active_isa()
        plans = snapshot.explain(
            checked, radius, at_least(n_queries, 1, "n_queries"), self._strategy
        )
        return SearchPlan(
            radius,
            tuple(
                SegmentPlan(
                    size,
                    "mih" if probing else "scan",
                    key_bits,
                    radii,
                    SearchWork(*work),
                    cost_ns / 1e3,
                    scan_ns / 1e3,
                )
                for size, probing, key_bits, radii, work, cost_ns, scan_ns in plans
            ),
        )

    def pairs(
        self, max_distance: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16]]:
        """All pairs of stored hashes within ``max_distance`` bits, each once.

        Returns:
            (i, j, distances): int64 ids with i < j, and uint16 bits, ordered by (i, j). All in
            memory; ``pair_blocks`` streams them.

        Raises:
            InputError: wrong radius.
        """
        blocks = list(self.pair_blocks(max_distance))
        first = np.concatenate([np.empty(0, np.int64), *(block.first for block in blocks)])
        second = np.concatenate([np.empty(0, np.int64), *(block.second for block in blocks)])
        distances = np.concatenate([np.empty(0, np.uint16), *(block.distances for block in blocks)])
        order = np.lexsort((second, first))
        return first[order], second[order], distances[order]

    def pair_blocks(
        self, max_distance: int, *, block_pairs: int = _BLOCK_PAIRS
    ) -> Iterator[PairBlock]:
        """The same pairs in blocks of about ``block_pairs``, in an order of the index's own.

        Memory is one block, plus the neighbours of one hash, plus a copy with tables of an index
        that has none or consists of several segments (``HammingIndex.compact`` saves that).

        Raises:
            InputError: wrong radius or block size.
        """
        snapshot = self._snapshot()
        radius = bits_within(max_distance, "max_distance", snapshot.bits)
        wanted = at_least(block_pairs, 1, "block_pairs")
        cpu.active_isa()

        def blocks() -> Iterator[PairBlock]:
            yield from _blocks(_native.HammingPairs(snapshot, radius), wanted)

        return blocks()

    def cross_pairs(
        self,
        other: HammingReader,
        max_distance: int,
        *,
        block_pairs: int = _BLOCK_PAIRS,
        threads: int = 1,
    ) -> Iterator[PairBlock]:
        """All pairs of a hash here (first) and one in ``other`` (second), in blocks.

        Each hash of ``other`` is a query to this index: ask the larger one.

        Raises:
            InputError: another hash length, wrong radius, block size or thread count.
        """
        if not isinstance(other, HammingReader):
            raise InputTypeError(f"other: expected HammingIndex, got {type(other).__name__}")
        mine, theirs = self._snapshot(), other._snapshot()
        if mine.bits != theirs.bits:
            raise InputError(f"other: expected hashes of {mine.bits} bits, got {theirs.bits}")
        radius = bits_within(max_distance, "max_distance", mine.bits)
        wanted = at_least(block_pairs, 1, "block_pairs")
        used = thread_count(threads)
        cpu.active_isa()

        def blocks() -> Iterator[PairBlock]:
            yield from _blocks(
                _native.HammingCrossPairs(mine, theirs, radius, self._strategy, used), wanted
            )

        return blocks()

    def _queries(
        self, queries: NDArray[np.uint8], snapshot: _native.HammingSnapshot
    ) -> NDArray[np.uint8]:
        columns = snapshot.bits // 8
        return checked_rows(queries, columns, "queries", f"(n, {columns})")


def _blocks(
    cursor: _native.HammingPairs | _native.HammingCrossPairs, wanted: int
) -> Iterator[PairBlock]:
    while True:
        block = PairBlock(*cursor.next(wanted))
        if not len(block):
            return
        yield block
