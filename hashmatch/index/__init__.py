"""Hashes to neighbours, digests to what is known of them."""

from hashmatch.index.digest_builder import DigestSetBuilder
from hashmatch.index.digest_set import DigestMatches, DigestSet
from hashmatch.index.hamming import HammingIndex, HammingSnapshot
from hashmatch.index.results import PairBlock, SearchPlan, SearchResult, SearchWork, SegmentPlan

__all__ = [
    "DigestMatches",
    "DigestSet",
    "DigestSetBuilder",
    "HammingIndex",
    "HammingSnapshot",
    "PairBlock",
    "SearchPlan",
    "SearchResult",
    "SearchWork",
    "SegmentPlan",
]
