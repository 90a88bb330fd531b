"""A database's hashes in shards: laid down at one revision, answered from at any later one.

Beside the shards of a revision stands what identifies it: which database, which revision, where its
ids end, which hashes are crowded. What the database said later is read from it and kept beside the
shards in each checker, so an answer is of the database's revision, whatever the shards' is.
"""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from hashmatch.algorithms import get_algorithm
from hashmatch.cluster.cluster_lookup_overlay import Ids, ShardOverlay, ShardReader, Values
from hashmatch.database import Database, HashLookup
from hashmatch.database.hash_base import HashBase
from hashmatch.database.segments.manifest import Manifest, read_manifest, write_manifest
from hashmatch.database.segments.narrow_rows import identity_of
from hashmatch.database.segments.opening import why_not
from hashmatch.errors import IndexFileError, InputError, RevisionGoneError


class BuildShards(Protocol):
    """Writes ids and hashes into shards, as a revision of that number."""

    def __call__(
        self, blocks: Iterable[tuple[Ids, Values]], *, bits: int, revision: int
    ) -> int: ...


class RevisedShards(Protocol):
    """Shards that are switched from one revision to the next."""

    @property
    def revision(self) -> int:
        """The one that counts now."""
        ...

    def at(self, revision: int) -> ShardReader:
        """The hashes as they were at a revision, for as long as the shards hold it.

        Raises:
            RevisionGoneError: they do not; also from a question to the reader, later.
        """
        ...


def lay_down(
    db: Database, folder: str | PathLike[str], build: BuildShards, algorithm: str = "pdq"
) -> int:
    """Write everything that can match now into shards.

    Args:
        db: the database; not an encrypted one.
        folder: of the shards.
        build: writes them there.

    Returns:
        The database's revision, which is the shards'.

    Raises:
        InputError: the database is encrypted; the algorithm is unknown or compares otherwise.
        DatabaseError: the database can't be read.
        IndexFileError: the files can't be written, or the revision is there already.
    """
    if db.encrypted:
        raise InputError("db: expected one that is not encrypted: shards lie in the clear")
    lookup = HashLookup(db, algorithm)
    with db.snapshot() as view:
        manifest, blocks = lookup.laid_down(view)
        place = _place(Path(folder), manifest.revision)
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise IndexFileError(f"{place}: can't be written: {error.strerror}") from error
        write_manifest(place, manifest)  # first: shards without it are never answered from
        return build(blocks, bits=get_algorithm(algorithm).bits, revision=manifest.revision)


class ShardSource:
    """A lookup's base that lies in shards.

    Args:
        shards: to be asked.
        folder: where ``lay_down`` wrote them.
        algorithm: of their hashes.
    """

    def __init__(
        self, shards: RevisedShards, folder: str | PathLike[str], algorithm: str = "pdq"
    ) -> None:
        self._shards = shards
        self._folder = Path(folder)
        self._algorithm = algorithm
        self._opened = -1

    def open(self, connection: Connection) -> HashBase:
        """The shards at their revision.

        Raises:
            IndexFileError: they are of another database, or of one that went on differently.
            RevisionGoneError: they are ahead of what this transaction sees, or were switched
                meanwhile: ask again.
            ClusterError: they can't be asked.
        """
        revision = self._shards.revision
        manifest = read_manifest(_place(self._folder, revision))
        self._require(manifest, connection)
        overlay = ShardOverlay(self._shards.at(revision))
        self._opened = revision
        return HashBase(
            overlay, revision, manifest.next_hash_id, manifest.crowds.get(self._algorithm)
        )

    def is_worth_opening(self, connection: Connection, revision: int) -> bool:
        """Whether the shards were switched."""
        return self._shards.revision != self._opened

    def _require(self, manifest: Manifest, connection: Connection) -> None:
        database_id, revision = identity_of(connection)
        if manifest.database_id == database_id and manifest.revision > revision:
            raise RevisionGoneError(
                f"{self._folder}: the shards are at revision {manifest.revision}, "
                f"the database was read at {revision}"
            )
        reason = why_not(manifest, connection)
        if reason is not None:
            raise IndexFileError(f"{self._folder}: the shards are {reason}; make them anew")


def _place(folder: Path, revision: int) -> Path:
    return folder / "lookup" / str(revision)
