"""What lookups whose states never change have in common: each is followed by that of a later
revision."""

from __future__ import annotations

from abc import ABC, abstractmethod
from threading import Lock
from typing import Generic, Protocol, TypeVar

from hashmatch.database.opened import OpenedStore
from hashmatch.database.reading import SnapshotView


class AtRevision(Protocol):
    """A state; ``revision`` is -1 where nothing was read yet."""

    @property
    def revision(self) -> int: ...


StateT = TypeVar("StateT", bound=AtRevision)


class FollowingLookup(ABC, Generic[StateT]):
    """A state of the database's newest known revision. Usable from several threads."""

    def __init__(self, db: OpenedStore, nothing: StateT) -> None:
        self._db = db
        self._lock = Lock()
        self._state = nothing

    @property
    def state(self) -> StateT:
        """What the latest ``catch_up`` led to."""
        return self._state

    def catch_up(self, view: SnapshotView | None = None) -> int:
        """Come to the revision of ``view``, or to the database's newest, but never back.

        Raises:
            DatabaseError: the database can't be read.
        """
        if view is None:
            with self._db.snapshot() as newest:
                return self.catch_up(newest)
        with self._lock:
            if view.revision > self._state.revision:
                self._state = self._followed(view)
            return self._state.revision

    @abstractmethod
    def _followed(self, view: SnapshotView) -> StateT:
        """The state of a later revision than the one that is held."""
