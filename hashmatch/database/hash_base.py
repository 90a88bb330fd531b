"""What a ``HashLookup`` stands on: hashes that were laid down at one revision."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from hashmatch.database.segments import narrow_rows
from hashmatch.database.segments.held import GrowingHashes
from hashmatch.database.segments.manifest import Crowd, Manifest
from hashmatch.database.segments.opening import is_worth_opening, open_if_usable
from hashmatch.database.segments.places import folder_of
from hashmatch.index import HammingIndex
from hashmatch.store import Store


@dataclass(frozen=True, slots=True)
class HashBase:
    """Every hash of an algorithm that could match at one revision of the database.

    Attributes:
        hashes: those hashes under the ids of table ``hash``, crowded ones included; it is the
            lookup's own from then on, which adds to it and removes from it. None: there are none.
        revision: of the database.
        end: every id is smaller.
        crowd: of the base; None: nobody.
    """

    hashes: GrowingHashes | None
    revision: int
    end: int
    crowd: Crowd | None


class HashSource(Protocol):
    """Where a lookup finds its base."""

    def open(self, connection: Connection) -> HashBase | None:
        """A base that belongs to what this transaction sees; None: read all of the database."""
        ...

    def is_worth_opening(self, connection: Connection, revision: int) -> bool:
        """Whether a lookup at that revision should open a newer base rather than follow."""
        ...


class PublishedHashes:
    """The segments that ``publish`` wrote for this machine."""

    def __init__(self, store: Store, algorithm: str) -> None:
        self._store = store
        self._algorithm = algorithm

    def open(self, connection: Connection) -> HashBase | None:
        return open_if_usable(folder_of(self._store, connection), connection, self._take)

    def is_worth_opening(self, connection: Connection, revision: int) -> bool:
        return is_worth_opening(folder_of(self._store, connection), connection, revision)

    def _take(self, folder: Path, manifest: Manifest) -> HashBase:
        listed, index, crowd = manifest.folder_of(self._algorithm), None, None
        if listed is not None:
            index = HammingIndex.open(folder / listed.folder, verify=True)
            crowd = manifest.crowds.get(self._algorithm)
        return HashBase(index, manifest.revision, manifest.next_hash_id, crowd)


def base_manifest(connection: Connection, algorithm: str, crowd: Crowd) -> Manifest:
    """What identifies a base made of everything that this transaction sees."""
    database_id, revision = narrow_rows.identity_of(connection)
    marks = narrow_rows.marks_now(connection)
    return Manifest(
        database_id=database_id,
        revision=revision,
        stamp=narrow_rows.stamp_of(connection, revision),
        generation=1,
        history_from=narrow_rows.history_of(connection),
        next_opinion_id=marks.next_opinion_id,
        next_hash_id=marks.next_hash_id,
        crowds={algorithm: crowd},
    )
