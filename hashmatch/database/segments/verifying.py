"""Segments against the store, entry by entry, at the revision that the segments hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from sqlalchemy import Connection

from hashmatch.database.segments import crowded, files, narrow_rows
from hashmatch.database.segments.manifest import Ids, Level, Manifest, read_manifest
from hashmatch.database.segments.narrow_rows import Values
from hashmatch.database.segments.opening import why_not
from hashmatch.errors import IndexFileError
from hashmatch.index import DigestSet, HammingIndex, VectorIndex
from hashmatch.types import DIGEST_BYTES


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification found.

    Attributes:
        revision: that the segments hold; None where there are none that can be read.
        entries: compared, by name.
        purged: entries whose rows were purged since; they can't match.
        difference: the first thing that is wrong, or why nothing could be compared; None where
            segments and store agree.
    """

    revision: int | None
    entries: dict[str, int]
    purged: int
    difference: str | None


class _Difference(Exception):  # noqa: N818 - carries the finding up, and never leaves this room
    pass


def verify(connection: Connection, folder: Path) -> Verified:
    """Compare everything; nothing is changed.

    Args:
        connection: a read transaction of the database.
    """
    entries: dict[str, int] = {}
    run = _Run(connection, folder, entries)
    try:
        run.compare()
    except (_Difference, IndexFileError) as found:
        return Verified(run.revision, entries, run.purged, str(found))
    return Verified(run.revision, entries, run.purged, None)


class _Run:
    def __init__(self, connection: Connection, folder: Path, entries: dict[str, int]) -> None:
        self._connection, self._folder, self._entries = connection, folder, entries
        self.revision: int | None = None
        self.purged = 0

    def compare(self) -> None:
        manifest = read_manifest(self._folder)
        reason = why_not(manifest, self._connection)
        if reason is not None:
            raise _Difference(reason)
        self.revision = manifest.revision
        files.require(self._folder, manifest)
        for name in DIGEST_BYTES:
            self._digests(manifest, name)
        for name in sorted(narrow_rows.VECTORS):
            self._vectors(manifest, name)
        for name in sorted(narrow_rows.HAMMING):
            self._hashes(manifest, name)

    def _digests(self, manifest: Manifest, name: str) -> None:
        levels = [level for level in manifest.digests if level.name == name]
        for level, first, end in _ranges(levels, manifest.next_opinion_id):
            ids, values = np.empty(0, np.int64), np.empty((0, DIGEST_BYTES[name]), np.uint8)
            if level is not None:
                with DigestSet.open(self._folder / level.file.name) as opened:
                    values, payload = opened.entries()
                ids = ids if payload is None else payload
            expected = narrow_rows.digests_at(self._connection, manifest.revision, name, first, end)
            found = _without(ids, values, manifest.withdrawn_opinions)
            self._same(name, "opinion", expected, found)

    def _vectors(self, manifest: Manifest, name: str) -> None:
        levels = [level for level in manifest.vectors if level.name == name]
        for level, first, end in _ranges(levels, manifest.next_hash_id):
            ids, values = np.empty(0, np.int64), np.empty((0, 0), np.uint8)
            if level is not None:
                ids, values = VectorIndex.open(self._folder / level.file.name).entries()
            expected = narrow_rows.hashes_at(self._connection, manifest.revision, name, first, end)
            self._same(name, "hash", expected, _without(ids, values, manifest.withdrawn_hashes))

    def _hashes(self, manifest: Manifest, name: str) -> None:
        end = manifest.next_hash_id
        expected = narrow_rows.hashes_at(self._connection, manifest.revision, name, 0, end)
        listed = manifest.folder_of(name)
        if listed is None:
            self._same(name, "hash", expected, (np.empty(0, np.int64), expected[1][:0]))
            return
        index = HammingIndex.open(self._folder / listed.folder)
        index.verify(samples=200)
        blocks = list(index.blocks())
        ids = np.concatenate([np.empty(0, np.int64), *(ids for ids, _ in blocks)])
        values = np.concatenate([expected[1][:0], *(values for _, values in blocks)])
        self._same(name, "hash", expected, (ids, values))
        if narrow_rows.identity_of(self._connection)[1] == manifest.revision and not self.purged:
            self._crowd(manifest, name, index)

    def _crowd(self, manifest: Manifest, name: str, index: HammingIndex) -> None:
        limit = crowded.limit_of(self._connection, name, index)
        media_of = partial(narrow_rows.media_of_hashes, self._connection)
        expected, found = crowded.find_crowd(index, limit, media_of), manifest.crowds[name]
        if not (
            np.array_equal(expected.excluded, found.excluded)
            and np.array_equal(expected.excluded_counts, found.excluded_counts)
        ):
            raise _Difference(
                f"{name}: expected {len(expected.excluded)} crowded hashes with their counts, got "
                f"{len(found.excluded)} or other ones"
            )

    def _same(
        self, name: str, row: str, expected: tuple[Ids, Values], found: tuple[Ids, Values]
    ) -> None:
        order = np.argsort(found[0], kind="stable")
        ids, values = found[0][order], found[1][order]
        if len(ids) > 1 and (twice := np.flatnonzero(ids[1:] == ids[:-1])).size:
            raise _Difference(f"{name}: {row} {ids[twice[0]]} stands in the segments twice")
        extra = np.setdiff1d(ids, expected[0], assume_unique=True)
        if len(extra):
            gone = narrow_rows.gone(self._connection, row, extra)
            self.purged += len(gone)
            extra = np.setdiff1d(extra, gone, assume_unique=True)
            kept = np.isin(ids, gone, invert=True)
            ids, values = ids[kept], values[kept]
        missing = np.setdiff1d(expected[0], ids, assume_unique=True)
        self._entries[name] = self._entries.get(name, 0) + len(ids)
        if len(extra) or len(missing):
            first = min([*missing[:1].tolist(), *extra[:1].tolist()])
            where = (
                "the store has and the segments lack"
                if first in missing
                else ("the segments have and the store does not")
            )
            raise _Difference(
                f"{name}: expected {len(expected[0])} entries, got {len(ids)}; the first that "
                f"{where} is of {row} {first}"
            )
        differing = np.flatnonzero((values != expected[1]).any(axis=1)) if len(ids) else ids
        if len(differing):
            place = int(differing[0])
            raise _Difference(
                f"{name}: {row} {ids[place]}: expected {bytes(expected[1][place]).hex()}, got "
                f"{bytes(values[place]).hex()}"
            )


def _ranges(levels: list[Level], end: int) -> Iterator[tuple[Level | None, int, int]]:
    """Each level and the ids that it holds; before the first one nothing may be there."""
    if not levels or levels[0].first_id > 0:
        yield None, 0, levels[0].first_id if levels else end
    for place, level in enumerate(levels):
        last = levels[place + 1].first_id if place + 1 < len(levels) else end
        yield level, level.first_id, last


def _without(ids: Ids, values: Values, withdrawn: Ids) -> tuple[Ids, Values]:
    kept = np.isin(ids, withdrawn, invert=True)
    return ids[kept], values[kept]
