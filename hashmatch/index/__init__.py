"""Hashes to neighbours, digests to what is known of them."""

from hashmatch.index.digest_builder import DigestSetBuilder
from hashmatch.index.digest_records import checked_digests
from hashmatch.index.digest_set import DigestMatches, DigestSet
from hashmatch.index.faiss_binary import ApproximateIndex, ApproximateResult
from hashmatch.index.hamming import HammingIndex, HammingSnapshot
from hashmatch.index.photodna import entropy, photodna_orientations
from hashmatch.index.results import PairBlock, SearchPlan, SearchResult, SearchWork, SegmentPlan
from hashmatch.index.vector import VectorIndex
from hashmatch.index.vector_result import VectorSearchResult

__all__ = [
    "ApproximateIndex",
    "ApproximateResult",
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
    "VectorIndex",
    "VectorSearchResult",
    "checked_digests",
    "entropy",
    "photodna_orientations",
]
