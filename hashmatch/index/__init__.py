"""Hashes to neighbours."""

from hashmatch.index.faiss_binary import ApproximateIndex, ApproximateResult
from hashmatch.index.hamming import HammingIndex, HammingSnapshot
from hashmatch.index.photodna import entropy, photodna_orientations
from hashmatch.index.results import PairBlock, SearchPlan, SearchResult, SearchWork, SegmentPlan
from hashmatch.index.vector import VectorIndex
from hashmatch.index.vector_result import VectorSearchResult

__all__ = [
    "ApproximateIndex",
    "ApproximateResult",
    "HammingIndex",
    "HammingSnapshot",
    "PairBlock",
    "SearchPlan",
    "SearchResult",
    "SearchWork",
    "SegmentPlan",
    "VectorIndex",
    "VectorSearchResult",
    "entropy",
    "photodna_orientations",
]
