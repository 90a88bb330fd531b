from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

from hashmatch.errors import DatabaseBusyError, DatabaseError
from hashmatch.store.errors import map_error, mapped_errors
from hashmatch.store.postgres import DRIVER_ERRORS
from hashmatch.store.postgres_errors import MEANINGS


@pytest.mark.parametrize("state", sorted(state for state in MEANINGS if len(state) == 5))
def test_states_are_mapped(state: str) -> None:
    kind, meaning = MEANINGS[state]
    error = map_error(errors.lookup(state)("text of the server"), where="postgresql://h/db")
    assert type(error) is kind
    assert str(error).startswith(f"postgresql://h/db: {meaning} (text of the server")


@pytest.mark.parametrize(
    ("state", "kind", "words"),
    [
        ("40001", DatabaseBusyError, "try again"),
        ("40P01", DatabaseBusyError, "try again"),
        ("57P01", DatabaseError, "ended the connection"),
        ("08006", DatabaseError, "was lost"),
        ("28P01", DatabaseError, "refused the login"),
        ("23505", DatabaseError, "contradicts"),
        ("42601", DatabaseError, "SyntaxError"),
    ],
)
def test_classes_of_states_are_mapped(state: str, kind: type[DatabaseError], words: str) -> None:
    error = map_error(errors.lookup(state)("text"), where="x")
    assert type(error) is kind
    assert words in str(error)


def test_every_exception_of_the_driver_is_mapped() -> None:
    found = [
        value
        for module in (psycopg, errors)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Exception)
        # No error: what leaves a transaction's block early.
        if value is not psycopg.Rollback
    ]
    assert len(found) > 200
    for kind in found:
        with pytest.raises(DatabaseError), mapped_errors("x", *DRIVER_ERRORS):
            raise kind("text")


def test_a_lost_connection_without_a_state_says_so() -> None:
    error = map_error(psycopg.OperationalError("consuming input failed"), where="x")
    assert "connection to the server can't be made or was lost" in str(error)


def test_only_the_first_line_is_told() -> None:
    text = "duplicate key value\nDETAIL:  Key (record_key)=(who) already exists."
    error = map_error(errors.UniqueViolation(text), where="x")
    assert "duplicate key value" in str(error)
    assert "who" not in str(error)
