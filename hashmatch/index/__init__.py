"""Hashes to neighbours."""

from hashmatch.index.hamming import HammingIndex, SearchResult

__all__ = ["HammingIndex", "SearchResult"]
