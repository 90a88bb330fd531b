"""A database's hashes in shards: laid down at one revision, answered from at any later one.

Beside the shards of a revision stands what identifies it: which database, which revision, where its
ids end, which hashes are crowded. What the database said later is read from it and kept beside the
shards in each checker, so an answer is of the database's revision, whatever the shards' is.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from os import PathLike
from pathlib import Path

from sqlalchemy import Connection

from hashmatch.algorithms import get_algorithm
from hashmatch.cluster.building import build_revision
from hashmatch.cluster.cluster_lookup_overlay import Ids, ShardOverlay, Values
from hashmatch.cluster.revision_files import open_shard, revisions_in
from hashmatch.cluster.sharded_index import ShardedIndex, ShardedSnapshot
from hashmatch.database import Database, HashLookup
from hashmatch.database.hash_base import HashBase
from hashmatch.database.segments.manifest import Manifest, read_manifest, write_manifest
from hashmatch.database.segments.narrow_rows import identity_of
from hashmatch.database.segments.opening import why_not
from hashmatch.errors import IndexFileError, InputError, RevisionGoneError


def shards_of(
    db: Database, folder: str | PathLike[str], n_shards: int, algorithm: str = "pdq"
) -> int:
    """Write everything of an algorithm that can match now into shards.

    The first revision in a folder counts at once, later ones after ``ShardedIndex.switch``.

    Args:
        db: the database; not an encrypted one.
        folder: every machine of the cluster has to see it under this path.
        n_shards: 1 to 4096; as many as before where the folder is open.

    Returns:
        The database's revision, which is the shards'. If that was written before, nothing is done.

    Raises:
        InputError: the database is encrypted; the algorithm is unknown or compares otherwise; wrong
            number of shards.
        DatabaseError: the database can't be read.
        IndexFileError: the files can't be written; the folder has that revision of another
            database, or of one that went on differently.
    """
    if db.encrypted:
        raise InputError("db: expected one that is not encrypted: shards lie in the clear")
    where = Path(folder).absolute()
    lookup = HashLookup(db, algorithm)
    with db.snapshot() as view:
        manifest, blocks = lookup.laid_down(view)
        place = _place(where, manifest.revision)
        if manifest.revision in revisions_in(where):
            _require_same(read_manifest(place), manifest, where)
            return manifest.revision
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise IndexFileError(f"{place}: can't be written: {error.strerror}") from error
        write_manifest(place, manifest)  # first: shards without it are never answered from
        bits = get_algorithm(algorithm).bits
        return build_revision(where, blocks, n_shards, bits=bits, revision=manifest.revision)


class _Stored:
    """One revision of shards, with all of its hashes to be read."""

    def __init__(self, shards: ShardedSnapshot, threads: int) -> None:
        self._shards = shards
        self.bits = shards.bits
        self.range_search = partial(shards.range_search, threads=threads)
        self.hashes = shards.hashes

    def __len__(self) -> int:
        return len(self._shards)

    def blocks(self) -> Iterator[tuple[Ids, Values]]:
        """From the files, by this process."""
        for number in range(self._shards.n_shards):
            yield from open_shard(self._shards.folder, self._shards.revision, number).blocks()


class ShardSource:
    """A lookup's base that lies in shards. It may be sent to other processes of the cluster.

    Args:
        shards: of a folder that ``shards_of`` wrote into.
        algorithm: of their hashes.
        threads: that each shard uses at most for a question.
    """

    def __init__(self, shards: ShardedIndex, algorithm: str = "pdq", *, threads: int = 1) -> None:
        self._shards = shards
        self._algorithm = algorithm
        self._threads = threads
        self._opened = -1

    def open(self, connection: Connection) -> HashBase:
        """The shards at the revision that counts.

        Raises:
            IndexFileError: they are of another algorithm or database, of one that went on
                differently, or of none.
            RevisionGoneError: they are ahead of what this transaction sees, or were switched
                meanwhile: ask again.
            ClusterError: they can't be asked.
        """
        self._shards.refresh()
        shards = self._shards.snapshot()
        manifest = read_manifest(_place(self._shards.folder, shards.revision))
        self._require(manifest, connection)
        self._opened = shards.revision
        overlay = ShardOverlay(_Stored(shards, self._threads))
        crowd = manifest.crowds[self._algorithm]
        return HashBase(overlay, shards.revision, manifest.next_hash_id, crowd)

    def is_worth_opening(self, connection: Connection, revision: int) -> bool:
        """Whether the shards were switched."""
        self._shards.refresh()
        return self._shards.revision != self._opened

    def _require(self, manifest: Manifest, connection: Connection) -> None:
        if self._algorithm not in manifest.crowds:
            held = ", ".join(manifest.crowds)
            raise IndexFileError(
                f"{self._shards.folder}: expected hashes of {self._algorithm}, got {held}"
            )
        database_id, revision = identity_of(connection)
        if manifest.database_id == database_id and manifest.revision > revision:
            raise RevisionGoneError(
                f"{self._shards.folder}: the shards are at revision {manifest.revision}, "
                f"the database was read at {revision}"
            )
        reason = why_not(manifest, connection)
        if reason is not None:
            raise IndexFileError(f"{self._shards.folder}: the shards are {reason}; make them anew")


def _require_same(there: Manifest, wanted: Manifest, folder: Path) -> None:
    if (there.database_id, there.stamp) != (wanted.database_id, wanted.stamp):
        raise IndexFileError(
            f"{folder}: revision {there.revision} is there, of another database or another time; "
            "use another folder"
        )


def _place(folder: Path, revision: int) -> Path:
    return folder / "lookup" / str(revision)
