from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
)

from hashmatch.audit import AuditEntry, AuditLog, verify
from hashmatch.errors import AuditError, AuditTamperedError

metadata = MetaData()
ENTRIES = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("at", String),
    Column("actor", String),
    Column("action", String),
    Column("revision", Integer),
    Column("details", String),
    Column("previous_digest", LargeBinary),
    Column("digest", LargeBinary),
)
HEAD = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", String))
LOG = AuditLog(ENTRIES, HEAD)


class Fixture:
    """A database file with a log in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = create_engine(f"sqlite:///{path}")
        metadata.create_all(self.engine)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection

    def fill(self, count: int) -> list[AuditEntry]:
        with self.connection() as connection:
            return [
                LOG.append(
                    connection,
                    actor=f"actor {number}",
                    action="import",
                    revision=number,
                    details={"n": number, "text": "é"},
                )
                for number in range(count)
            ]

    def tamper(self, sql: str, *values: object) -> None:
        connection = sqlite3.connect(self.path)
        with connection:
            assert connection.execute(sql, values).rowcount > 0
        connection.close()

    def verify(self) -> int:
        with self.connection() as connection:
            return verify(connection, entries=ENTRIES, head=HEAD).count


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Fixture]:
    fixture = Fixture(tmp_path / "a.db")
    yield fixture
    fixture.engine.dispose()


def test_an_empty_log_is_sound(log: Fixture) -> None:
    assert log.verify() == 0


def test_entries_are_numbered_and_chained(log: Fixture) -> None:
    entries = log.fill(3)
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert entries[0].previous_digest == bytes(32)
    assert entries[2].previous_digest == entries[1].digest
    assert entries[0].at.endswith("+00:00")
    assert entries[0].details == '{"n":0,"text":"\\u00e9"}'
    assert log.verify() == 3


def test_appending_is_part_of_the_callers_transaction(log: Fixture) -> None:
    log.fill(1)

    def append_and_fail() -> None:
        with log.connection() as connection:
            LOG.append(connection, actor="a", action="b", revision=0, details={})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        append_and_fail()
    assert log.verify() == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2001-01-01T00:00:00+00:00"),
        ("actor", "someone else"),
        ("action", "export"),
        ("revision", 99),
        ("details", "{}"),
        ("details", b"{}"),
        ("details", None),
        ("digest", bytes(32)),
        ("digest", None),
    ],
)
def test_a_changed_entry_is_named(log: Fixture, column: str, value: object) -> None:
    log.fill(4)
    log.tamper(f"UPDATE audit SET {column} = ? WHERE seq = 2", value)  # noqa: S608
    with pytest.raises(AuditTamperedError, match="entry 2: its content was changed"):
        log.verify()


def test_a_changed_link_is_named(log: Fixture) -> None:
    log.fill(4)
    log.tamper("UPDATE audit SET previous_digest = ? WHERE seq = 3", bytes(32))
    with pytest.raises(AuditTamperedError, match="entry 3: does not follow"):
        log.verify()


def test_a_removed_entry_is_named(log: Fixture) -> None:
    log.fill(4)
    log.tamper("DELETE FROM audit WHERE seq = 2")
    with pytest.raises(AuditTamperedError, match="entry 2: missing"):
        log.verify()


def test_a_removed_entry_with_the_gap_closed_is_named(log: Fixture) -> None:
    log.fill(4)
    log.tamper("DELETE FROM audit WHERE seq = 2")
    log.tamper("UPDATE audit SET seq = seq - 1 WHERE seq > 2")
    with pytest.raises(AuditTamperedError, match="entry 2: does not follow"):
        log.verify()


def test_swapped_entries_are_named(log: Fixture) -> None:
    log.fill(4)
    log.tamper("UPDATE audit SET seq = -1 WHERE seq = 2")
    log.tamper("UPDATE audit SET seq = 2 WHERE seq = 3")
    log.tamper("UPDATE audit SET seq = 3 WHERE seq = -1")
    with pytest.raises(AuditTamperedError, match="entry 2: does not follow"):
        log.verify()


@pytest.mark.parametrize(("cut", "first"), [("seq = 4", 4), ("seq > 1", 2), ("seq > 0", 1)])
def test_entries_cut_off_the_end_are_missed(log: Fixture, cut: str, first: int) -> None:
    log.fill(4)
    log.tamper(f"DELETE FROM audit WHERE {cut}")  # noqa: S608
    with pytest.raises(AuditTamperedError, match=f"entry {first}: expected 4 entries"):
        log.verify()


def test_an_entry_added_without_the_head_is_named(log: Fixture) -> None:
    log.fill(2)
    with log.connection() as connection:
        head = {row.key: row.value for row in connection.execute(HEAD.select())}
        LOG.append(connection, actor="a", action="b", revision=0, details={})
    for key, value in head.items():
        log.tamper("UPDATE meta SET value = ? WHERE key = ?", value, key)
    with pytest.raises(AuditTamperedError, match="entry 3: expected 2 entries, got 3"):
        log.verify()


def test_a_changed_head_is_noticed(log: Fixture) -> None:
    log.fill(2)
    log.tamper("UPDATE meta SET value = ? WHERE key = 'audit_head'", "00" * 32)
    with pytest.raises(AuditTamperedError, match="entry 2: not the one"):
        log.verify()


@pytest.mark.parametrize("where", ["", " WHERE key = 'audit_head'", " WHERE key = 'audit_count'"])
def test_a_removed_head_is_noticed(log: Fixture, where: str) -> None:
    log.fill(2)
    log.tamper(f"DELETE FROM meta{where}")  # noqa: S608
    with pytest.raises(AuditTamperedError, match="head"):
        log.verify()
    with pytest.raises(AuditTamperedError, match="head"):
        log.fill(1)


@pytest.mark.parametrize("value", [object(), float("nan"), b"bytes", {1, 2}])
def test_details_must_be_json(log: Fixture, value: object) -> None:
    with log.connection() as connection, pytest.raises(AuditError, match="JSON"):
        LOG.append(connection, actor="a", action="b", revision=0, details={"x": value})
    assert log.verify() == 0


def test_any_text_survives(log: Fixture) -> None:
    with log.connection() as connection:
        LOG.append(
            connection,
            actor="O'Brien\"; DROP TABLE audit; --",
            action="b",
            revision=0,
            details={"text": "\ud800\0'"},
        )
    assert log.verify() == 1
