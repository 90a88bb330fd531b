"""What an earlier batch had: the same bytes, and pictures near one that it examined."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.index import HammingIndex
from hashmatch.scan import Catalogue
from hashmatch.scan.statuses import outcome_of
from hashmatch.triage.classify_table import ContentTable, Flags, Ids

_ROWS_AT_ONCE = 1 << 16
UNSEEN = -1
"""In ``EarlierSeen.batches``: no earlier batch had it."""


@dataclass(frozen=True, slots=True, eq=False)
class EarlierSeen:
    """Which contents earlier batches had.

    Attributes:
        names: of the batches: the folders of their catalogues.
        batches: int64 (n,), number of the first batch that had a content; ``UNSEEN``.
        distances: int64 (n,), bits to the nearest picture of that batch; 0 for the same bytes.
        same: bool (n,), the same bytes.
    """

    names: tuple[str, ...]
    batches: Ids
    distances: Ids
    same: Flags


def seen_earlier(
    table: ContentTable,
    catalogue: Catalogue,
    earlier: tuple[Catalogue, ...],
    *,
    max_distance: int,
    orientations: bool,
    threads: int = 1,
) -> EarlierSeen:
    """Compare a set with earlier batches, in their order; the same bytes in any of them come first.

    What an earlier batch could not examine was seen by nobody, and does not count. Videos are
    compared by their bytes alone.

    Args:
        max_distance: inclusive radius in bits, of pictures.
        orientations: mirrored and turned copies too, where the catalogue has their hashes.
    """
    n = len(table)
    seen = EarlierSeen(
        names=tuple(batch.path.parent.name for batch in earlier),
        batches=np.full(n, UNSEEN, np.int64),
        distances=np.zeros(n, np.int64),
        same=np.zeros(n, np.bool_),
    )
    for number, batch in enumerate(earlier):
        there = np.isin(_as_values(table.sha256), _examined(batch))
        new = there & table.done & ~seen.same
        seen.batches[new], seen.same[new] = number, True
    if earlier and max_distance >= 0:
        _compare_pictures(seen, table, catalogue, earlier, max_distance, orientations, threads)
    return seen


def _compare_pictures(
    seen: EarlierSeen,
    table: ContentTable,
    catalogue: Catalogue,
    earlier: tuple[Catalogue, ...],
    max_distance: int,
    orientations: bool,
    threads: int,
) -> None:
    turned = orientations and bool(json.loads(catalogue.recipe or "{}").get("dihedral"))
    mine = catalogue.picture_hashes(dihedral=turned)
    places = table.places(mine.numbers)
    for number, batch in enumerate(earlier):
        open_rows = np.flatnonzero(seen.batches[places] == UNSEEN)
        index = HammingIndex(256)
        index.add(batch.picture_hashes().hashes)
        if not len(index):
            continue
        for at in range(0, len(open_rows), _ROWS_AT_ONCE):
            rows = open_rows[at : at + _ROWS_AT_ONCE]
            forms = mine.hashes[rows, None] if mine.dihedral is None else mine.dihedral[rows]
            per_row = forms.shape[1]
            queries = np.ascontiguousarray(forms).reshape(-1, forms.shape[2])
            found = index.range_search(queries, max_distance, threads=threads)
            nearest = np.full(len(queries), max_distance + 1, np.int64)
            hit = found.offsets[1:] > found.offsets[:-1]
            nearest[hit] = found.distances[found.offsets[:-1][hit]]  # the first is the nearest
            best = nearest.reshape(-1, per_row).min(axis=1)
            near = best <= max_distance
            seen.batches[places[rows[near]]] = number
            seen.distances[places[rows[near]]] = best[near]


def _examined(batch: Catalogue) -> NDArray[Any]:
    """SHA-256 of what a batch has examined, as values for comparing."""
    joined = bytearray()
    for content in batch.contents():
        if outcome_of(content.status, content.kind) in ("done", "low-information"):
            joined += bytes.fromhex(content.digests.sha256 or "")
    return _as_values(np.frombuffer(joined, np.uint8).reshape(-1, 32))


def _as_values(rows: NDArray[np.uint8]) -> NDArray[Any]:
    # Not NumPy's bytes of fixed length: they lose zeros at their end.
    return np.ascontiguousarray(rows).view(np.dtype((np.void, 32))).reshape(-1)
