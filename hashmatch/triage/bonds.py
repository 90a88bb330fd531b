"""What examiners decided about pairs of contents, for grouping."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bonds:
    """Pairs of SHA-256 in hex.

    Attributes:
        same: always in one group.
        apart: never in one group.
    """

    same: tuple[tuple[str, str], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
