"""Hashes to neighbours."""

from hashmatch.index.hamming import HammingIndex, HammingSnapshot
from hashmatch.index.results import PairBlock, SearchPlan, SearchResult, SearchWork, SegmentPlan

__all__ = [
    "HammingIndex",
    "HammingSnapshot",
    "PairBlock",
    "SearchPlan",
    "SearchResult",
    "SearchWork",
    "SegmentPlan",
]
