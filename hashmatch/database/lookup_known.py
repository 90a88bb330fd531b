"""Which known sets a file stands in, kept up with the database's revision."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from hashmatch.database.known_sets import KnownSet, known_folder, open_known, registered
from hashmatch.database.opened import OpenedStore
from hashmatch.database.reading import SnapshotView
from hashmatch.errors import IndexFileError
from hashmatch.index import DigestSet
from hashmatch.types import Digests

Seen = tuple[tuple[int, ...] | None, ...]
"""Which files were there: number, size and time of each, None for one that was not."""


@dataclass(frozen=True, slots=True)
class OpenKnownSet:
    """A set that can be asked, or why it can't, and of what files that was found."""

    registered: KnownSet
    sets: dict[str, DigestSet]
    problem: str | None
    seen: Seen


@dataclass(frozen=True, slots=True)
class KnownAt:
    """The known sets at one revision.

    Attributes:
        problems: one sentence for each set that can't be asked: that a file is not in it is not
            known.
    """

    revision: int
    sets: tuple[OpenKnownSet, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        return tuple(one.problem for one in self.sets if one.problem is not None)

    def names_of(self, digests: Digests) -> tuple[str, ...]:
        """The sets that hold one of the digests, and hold no other than these: by name."""
        if not self.sets:
            return ()
        asked = [
            (name, np.frombuffer(bytes.fromhex(value), dtype=np.uint8).reshape(1, -1))
            for name, value in digests.items()
        ]
        return tuple(one.registered.name for one in self.sets if _holds(one.sets, asked))

    def may_hold_many(self, name: str, digests: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Whether any set holds each digest of one name, uint8 (n, width): bool (n,)."""
        found = np.zeros(len(digests), dtype=np.bool_)
        for one in self.sets:
            if name in one.sets:
                found |= one.sets[name].contains(digests)
        return found


def _holds(sets: dict[str, DigestSet], asked: list[tuple[str, NDArray[np.uint8]]]) -> bool:
    """Whether the strongest digest that both sides have is in the set.

    An MD5 or SHA-1 can be made to agree; where the set knows a stronger digest too, that decides.
    """
    for name, row in reversed(asked):
        if name in sets:
            return bool(sets[name].contains(row)[0])
    return False


class KnownLookup:
    """The known sets of a database. Usable from several threads."""

    def __init__(self, db: OpenedStore) -> None:
        self._db = db
        self._lock = Lock()
        self._state = KnownAt(-1, ())

    @property
    def state(self) -> KnownAt:
        """What the latest ``catch_up`` led to."""
        return self._state

    def catch_up(self, view: SnapshotView) -> int:
        """Come to the revision of ``view``, but never back.

        A set whose files are missing or damaged is kept with its problem, and tried again as soon
        as other files are there.

        Raises:
            DatabaseError: the database can't be read.
        """
        with self._lock:
            known, problems = self._state.revision, self._state.problems
            if view.revision > known or (problems and view.revision == known):
                folder = known_folder(self._db.store, view.connection)
                sets = {one.registered.set_id: one for one in self._state.sets}
                self._state = KnownAt(
                    view.revision,
                    tuple(
                        _opened(folder, one, sets.get(one.set_id))
                        for one in registered(view.connection)
                    ),
                )
            return self._state.revision


def _opened(folder: Path, wanted: KnownSet, known: OpenKnownSet | None) -> OpenKnownSet:
    seen = _seen(folder, wanted)
    is_same = known is not None and known.registered == wanted
    if known is not None and is_same and (known.problem is None or known.seen == seen):
        return known
    try:
        sets = {digest: open_known(folder, file) for digest, file in wanted.files.items()}
    except IndexFileError as error:
        return OpenKnownSet(wanted, {}, f"known set {wanted.name!r} can't be asked: {error}", seen)
    return OpenKnownSet(wanted, sets, None, seen)


def _seen(folder: Path, wanted: KnownSet) -> Seen:
    found: list[tuple[int, ...] | None] = []
    for file in wanted.files.values():
        try:
            status = (folder / file.name).stat()
        except OSError:
            found.append(None)
        else:
            found.append((status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(found)
