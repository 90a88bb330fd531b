from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy.exc

from hashmatch.errors import DatabaseBusyError, DatabaseError
from hashmatch.store.errors import FOREIGN_ERRORS, SQLITE_MEANINGS, map_error, mapped_errors


def _classes(module: object, root: type[BaseException]) -> Iterator[type[Exception]]:
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, root) and issubclass(value, Exception):
            yield value


def test_every_exception_of_the_driver_is_mapped() -> None:
    found = [c for c in _classes(sqlite3, Exception) if c.__module__ == "sqlite3"]
    assert sqlite3.OperationalError in found
    assert [c for c in found if not issubclass(c, FOREIGN_ERRORS)] == []


def test_every_exception_of_sqlalchemy_is_mapped() -> None:
    found = [
        c
        for c in _classes(sqlalchemy.exc, Exception)
        if c.__module__ == "sqlalchemy.exc" and not issubclass(c, Warning)
    ]
    assert sqlalchemy.exc.IntegrityError in found
    unmapped = {c.__name__ for c in found if not issubclass(c, FOREIGN_ERRORS)}
    # Base of stand-ins for the driver errors of asyncio dialects, which SQLite has no part in.
    assert unmapped <= {"EmulatedDBAPIException"}


class _CodedError(sqlite3.OperationalError):
    def __init__(self, code: int) -> None:
        super().__init__("text of SQLite")
        self.sqlite_errorcode = code


@pytest.mark.parametrize("code", sorted(SQLITE_MEANINGS))
@pytest.mark.parametrize("extended", [0, 3 << 8])
def test_codes_are_mapped_with_their_extended_forms(code: int, extended: int) -> None:
    kind, meaning = SQLITE_MEANINGS[code]
    error = map_error(_CodedError(code | extended), where="x.db")
    assert type(error) is kind
    assert str(error).startswith(f"x.db: {meaning}")


def test_an_unknown_code_keeps_its_text() -> None:
    error = map_error(_CodedError(sqlite3.SQLITE_TOOBIG), where="x.db")
    assert type(error) is DatabaseError
    assert "text of SQLite" in str(error)


def test_the_wrapped_cause_decides() -> None:
    wrapped = sqlalchemy.exc.OperationalError("SELECT 1", None, _CodedError(sqlite3.SQLITE_BUSY))
    with pytest.raises(DatabaseBusyError) as caught, mapped_errors("x.db"):
        raise wrapped
    assert caught.value.__cause__ is wrapped


def test_own_errors_pass_unchanged() -> None:
    mine = DatabaseError("mine")
    with pytest.raises(DatabaseError) as caught, mapped_errors("x.db"):
        raise mine
    assert caught.value is mine


def test_a_real_constraint_error_is_mapped(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "x.db")
    connection.execute("CREATE TABLE t (a PRIMARY KEY)")
    with pytest.raises(DatabaseError, match="IntegrityError"), mapped_errors("x.db"):
        connection.executemany("INSERT INTO t VALUES (?)", [(1,), (1,)])
    connection.close()
