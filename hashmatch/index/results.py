"""What an index answers: neighbours, pairs, and how it went about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import InputError


class SearchWork(NamedTuple):
    """What a search did, or is expected to do.

    Attributes:
        probes: buckets of the multi-index tables looked at.
        entries: entries of those buckets narrowed down.
        verified: hashes compared one by one.
        scanned: hashes compared by the scan, each query counted.
    """

    probes: int
    entries: int
    verified: int
    scanned: int


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits of many queries in CSR form, ordered by (query, distance, id).

    Hits of query ``i`` are ``ids[offsets[i]:offsets[i + 1]]``, with ``distances`` beside them.

    Attributes:
        offsets: int64, shape (n_queries + 1,).
        ids: int64, shape (n_hits,).
        distances: uint16, shape (n_hits,), bits.
        prefilter_distance: the limit on the 64 low-frequency bits that the caller asked for; hits
            beyond it are missing. None: the answer is exact.
        work: what the search did; None where it was not counted.
    """

    offsets: NDArray[np.int64]
    ids: NDArray[np.int64]
    distances: NDArray[np.uint16]
    prefilter_distance: int | None = None
    work: SearchWork | None = None

    def __len__(self) -> int:
        """Number of queries."""
        return len(self.offsets) - 1

    @property
    def exact(self) -> bool:
        """Whether nothing within the radius can be missing."""
        return self.prefilter_distance is None

    def of(self, query: int) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
        """(ids, distances) of one query."""
        if not 0 <= query < len(self):
            raise InputError(f"query: expected 0..{len(self) - 1}, got {query}")
        hits = slice(self.offsets[query], self.offsets[query + 1])
        return self.ids[hits], self.distances[hits]


@dataclass(frozen=True, slots=True)
class PairBlock:
    """Some of the pairs within a radius.

    Attributes:
        first, second: int64 ids, shape (n,). Of a self-join first < second; of a join with another
            index, first is an id of this one.
        distances: uint16, shape (n,), bits.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    distances: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True, slots=True)
class SegmentPlan:
    """How one segment answers a query.

    Attributes:
        size: hashes of the segment, removed ones included.
        strategy: "mih" or "scan".
        key_bits: bits that choose a bucket; 0 without tables.
        radii: radius of each chunk, -1 where it is left out; empty for a scan.
        expected: estimated work.
        cost_us, scan_cost_us: estimated microseconds of this plan, and of a scan.
    """

    size: int
    strategy: str
    key_bits: int
    radii: tuple[int, ...]
    expected: SearchWork
    cost_us: float
    scan_cost_us: float


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """The plan of one query: one plan a segment. ``str()`` gives a text for people."""

    max_distance: int
    segments: tuple[SegmentPlan, ...]

    @property
    def strategy(self) -> str:
        """ "mih", "scan" or "mixed"; "scan" for an empty index."""
        used = {segment.strategy for segment in self.segments} or {"scan"}
        return used.pop() if len(used) == 1 else "mixed"

    @property
    def expected(self) -> SearchWork:
        parts = [segment.expected for segment in self.segments]
        return SearchWork(*(sum(part[i] for part in parts) for i in range(4)))

    @property
    def cost_us(self) -> float:
        return sum(segment.cost_us for segment in self.segments)

    @property
    def scan_cost_us(self) -> float:
        return sum(segment.scan_cost_us for segment in self.segments)

    def __str__(self) -> str:
        lines = [
            f"radius {self.max_distance}: {self.strategy}, about {self.cost_us:.1f} us "
            f"(a scan: {self.scan_cost_us:.1f} us)"
        ]
        for segment in self.segments:
            if segment.strategy == "scan":
                how = f"scan of {segment.size:,} hashes"
            else:
                radii = " ".join(str(radius) for radius in segment.radii)
                how = (
                    f"multi-index over {segment.size:,} hashes, keys of {segment.key_bits} bits, "
                    f"radii {radii}: {segment.expected.probes:,} buckets, "
                    f"{segment.expected.entries:,} entries, {segment.expected.verified:,} compared"
                )
            lines.append(f"  {how}, about {segment.cost_us:.1f} us")
        return "\n".join(lines)
