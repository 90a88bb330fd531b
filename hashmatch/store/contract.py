"""What every store is to the rest: where rows rest, whatever holds them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection


class Store(Protocol):
    """An open database; usable from several threads.

    All methods raise DatabaseError where what holds the rows fails.
    """

    @property
    def path(self) -> Path | None:
        """The file; None where the rows are on a server."""
        ...

    @property
    def where(self) -> str:
        """For messages: the path, or the URL without password and options."""
        ...

    @property
    def encrypted(self) -> bool:
        """Whether what is written to the disk is encrypted; then nothing of it goes beside it."""
        ...

    @property
    def read_only(self) -> bool: ...

    def current_revision(self) -> int:
        """The revision as committed now, without a transaction of the caller's."""
        ...

    def reading(self) -> AbstractContextManager[Connection]:
        """A transaction that sees one state from its first query on, and changes nothing."""
        ...

    def writing(self) -> AbstractContextManager[Connection]:
        """The one write transaction: committed at the end, rolled back on any exception.

        Raises:
            DatabaseBusyError: another writer held the lock for longer than the busy timeout.
            DatabaseError: the store was opened read-only.
        """
        ...

    def close(self) -> None:
        """Give the connections back; a second call does nothing."""
        ...
