"""Which library opens the SQLite file, and what it does to a new connection first."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any


def _nothing(_: Any) -> None:
    pass


@dataclass(frozen=True, slots=True)
class SqliteDriver:
    """A DB-API module that speaks SQLite.

    Attributes:
        module: ``sqlite3``, or a module of the same functions.
        encrypted: whether what it writes is encrypted.
        prepare: called with each new connection, before anything else is done with it.
    """

    module: ModuleType
    encrypted: bool = False
    prepare: Callable[[Any], None] = field(default=_nothing, repr=False)


PLAIN = SqliteDriver(sqlite3)
"""Python's own."""
