"""What the engine itself can say of its file: pages, indexes, references."""

from __future__ import annotations

from sqlalchemy import Connection

from hashmatch.store.sql import is_postgres

SHOWN = 20
"""Findings of each kind that are told."""


def engine_problems(connection: Connection) -> list[str]:
    """Everything that SQLite finds wrong with its file, in its words; nothing where it is whole.

    Reads the whole file. Of an encrypted one every page is authenticated too. A PostgreSQL server
    keeps its references itself and has its own tools for its pages (``pg_amcheck``, data
    checksums), which need rights that we do not ask for.
    """
    if is_postgres(connection):
        return []
    found = connection.exec_driver_sql(f"PRAGMA integrity_check({SHOWN})").all()
    problems = [f"integrity_check: {row[0]}" for row in found if row[0] != "ok"]
    # Known to SQLCipher only.
    cipher = connection.exec_driver_sql("PRAGMA cipher_integrity_check")
    if cipher.returns_rows:
        problems += [f"cipher_integrity_check: {row[0]}" for row in cipher.fetchmany(SHOWN)]
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(SHOWN)
    problems += [
        f"foreign_key_check: row {row[1]} of {row[0]} refers to a row of {row[2]} that is not there"
        for row in orphans
    ]
    return problems
