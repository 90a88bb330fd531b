"""Hashes to neighbours."""

from hashmatch.index.faiss_binary import ApproximateIndex, ApproximateResult
from hashmatch.index.hamming import HammingIndex, SearchResult
from hashmatch.index.photodna import entropy, photodna_orientations
from hashmatch.index.vector import VectorIndex, VectorSearchResult

__all__ = [
    "ApproximateIndex",
    "ApproximateResult",
    "HammingIndex",
    "SearchResult",
    "VectorIndex",
    "VectorSearchResult",
    "entropy",
    "photodna_orientations",
]
