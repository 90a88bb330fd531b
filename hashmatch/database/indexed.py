"""The database's face for its lookup segments: publish them, say what they hold, verify them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from hashmatch.database.collecting import seldom_collected
from hashmatch.database.opened import OpenedStore
from hashmatch.database.segments import narrow_rows
from hashmatch.database.segments.manifest import MANIFEST, Manifest, read_manifest
from hashmatch.database.segments.opening import why_not
from hashmatch.database.segments.places import folder_of
from hashmatch.database.segments.publishing import publish as publish_segments
from hashmatch.database.segments.verifying import Verified
from hashmatch.database.segments.verifying import verify as verify_segments
from hashmatch.errors import IndexFileError, InputError

_BLOCK = 10_000


@dataclass(frozen=True, slots=True)
class IndexReport:
    """The segments of a database as they stand.

    Attributes:
        folder: where they lie; None: nowhere, the database is encrypted.
        state: "unchanged", "extended" or "built" after a publication; "published", "behind" or
            "missing" where only asked; "in memory" for an encrypted database; "unusable" where
            they are of something else, damaged, or can't be written.
        reason: why they are unusable, or why they had to be built anew.
        database_revision: of the database.
        revision: that the segments hold; None where there are none.
        entries: by name of digest or algorithm.
        crowded: hashes that are stored but not matched, by algorithm.
        crowd_limits: other media that a hash may have neighbours in, by algorithm.
        n_bytes: of all files.
        seconds: that a publication took.
    """

    folder: Path | None
    state: str
    reason: str | None
    database_revision: int
    revision: int | None
    entries: dict[str, int]
    crowded: dict[str, int]
    crowd_limits: dict[str, int]
    n_bytes: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        return {
            "folder": None if self.folder is None else str(self.folder),
            "state": self.state,
            "reason": self.reason,
            "database_revision": self.database_revision,
            "revision": self.revision,
            "entries": self.entries,
            "crowded": self.crowded,
            "crowd_limits": self.crowd_limits,
            "n_bytes": self.n_bytes,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True)
class CrowdedHash:
    """A hash that is stored but not matched: too many media have one near it.

    Attributes:
        hash_id: of table ``hash``.
        media_id: that it belongs to.
        neighbours: other media with a hash within ``crowded.neighbour_radius``.
    """

    algorithm: str
    hash_id: int
    media_id: int
    hex: str
    neighbours: int


class Indexed(OpenedStore):
    """Lookup segments; part of ``Database``."""

    def publish_index(self, *, whole: bool = False) -> IndexReport:
        """Bring the segments on the disk to the newest revision.

        Checkers answer rightly without it; they start faster with it, and share memory.

        Args:
            whole: build everything anew.

        Raises:
            IndexFileError: the folder can't be written; what was published before stands.
        """
        start = perf_counter()
        with seldom_collected(), self._store.reading() as connection:
            folder = folder_of(self._store, connection)
            revision = narrow_rows.identity_of(connection)[1]
            if folder is None:
                return _report(None, "in memory", None, revision, None, perf_counter() - start)
            done = publish_segments(connection, folder, whole=whole)
        seconds = perf_counter() - start
        return _report(folder, done.how, done.reason, revision, done.manifest, seconds)

    def index_status(self) -> IndexReport:
        """What the segments on the disk hold; nothing is changed and no file is read whole."""
        with self._store.reading() as connection:
            folder = folder_of(self._store, connection)
            revision = narrow_rows.identity_of(connection)[1]
            if folder is None:
                return _report(None, "in memory", None, revision, None)
            if not (folder / MANIFEST).exists():
                return _report(folder, "missing", None, revision, None)
            try:
                manifest = read_manifest(folder)
            except IndexFileError as error:
                return _report(folder, "unusable", str(error), revision, None)
            reason = why_not(manifest, connection)
        if reason is not None:
            return _report(folder, "unusable", reason, revision, manifest)
        state = "published" if manifest.revision == revision else "behind"
        return _report(folder, state, None, revision, manifest)

    def verify_index(self) -> Verified:
        """Compare the segments with the store, entry by entry, at the revision that they hold.

        Raises:
            InputError: the database has no segments on the disk.
        """
        with self._store.reading() as connection:
            folder = folder_of(self._store, connection)
            if folder is None or not (folder / MANIFEST).exists():
                raise InputError("index: expected published segments, got none")
            return verify_segments(connection, folder)

    def crowded_hashes(self) -> Iterator[CrowdedHash]:
        """Hashes that the published segments leave out of matching, by algorithm and id.

        Raises:
            InputError: the database has no segments on the disk, or they can't be used.
        """
        with self._store.reading() as connection:
            folder = folder_of(self._store, connection)
            if folder is None or not (folder / MANIFEST).exists():
                raise InputError("index: expected published segments, got none")
            manifest = read_manifest(folder)
            reason = why_not(manifest, connection)
            if reason is not None:
                raise InputError(f"index: {reason}")
            for name, crowd in sorted(manifest.crowds.items()):
                pairs = list(
                    zip(crowd.excluded.tolist(), crowd.excluded_counts.tolist(), strict=True)
                )
                for start in range(0, len(pairs), _BLOCK):
                    some = pairs[start : start + _BLOCK]
                    rows = narrow_rows.hash_rows(connection, [number for number, _ in some])
                    for number, neighbours in some:
                        if number in rows:
                            media_id, value = rows[number]
                            yield CrowdedHash(name, number, media_id, value.hex(), neighbours)


def publish(db: Indexed) -> IndexReport:
    """``publish_index`` for the end of an import, which is committed whatever becomes of this.

    Returns:
        A report of state "unusable", with the reason, where the segments could not be written.
    """
    try:
        return db.publish_index()
    except IndexFileError as error:
        status = db.index_status()
        return _report(status.folder, "unusable", str(error), status.database_revision, None)


def _report(
    folder: Path | None,
    state: str,
    reason: str | None,
    database_revision: int,
    manifest: Manifest | None,
    seconds: float = 0.0,
) -> IndexReport:
    entries: dict[str, int] = {}
    crowds = {} if manifest is None else dict(manifest.crowds)
    if manifest is not None:
        for level in (*manifest.digests, *manifest.vectors):
            entries[level.name] = entries.get(level.name, 0) + level.entries
        entries.update((one.name, one.entries) for one in manifest.hashes)
    return IndexReport(
        folder=folder,
        state=state,
        reason=reason,
        database_revision=database_revision,
        revision=None if manifest is None else manifest.revision,
        entries=entries,
        crowded={name: len(crowd.excluded) for name, crowd in crowds.items()},
        crowd_limits={name: crowd.limit for name, crowd in crowds.items()},
        n_bytes=0 if manifest is None else sum(file.n_bytes for file in manifest.files),
        seconds=seconds,
    )
