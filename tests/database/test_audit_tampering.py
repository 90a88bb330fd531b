"""Whatever is done to the audit log's rows, order, end or head: verification finds and names it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from database.samples import digests, record
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, update

from hashmatch.audit import AuditCheckpoint
from hashmatch.audit.entry import FIRST_PREVIOUS, seal
from hashmatch.database import Database, open_database
from hashmatch.database.audit_proof import verify_log
from hashmatch.errors import AuditTamperedError
from hashmatch.store import read_meta, read_revision, schema

audit, meta = schema.audit, schema.meta
Row = dict[str, Any]
ACTS = 8
"""Entries of the log: init, import, check, check, import, check, withdraw, check."""


def filled(url: str) -> Database:
    db = open_database(url, create=True)
    db.import_records([record("a", of=digests(md5=1))], source="s", actor="one")
    db.record_audit("check", {"n": 1}, "two")
    db.record_audit("check", {"n": 2}, "one \x1a \0 \ud800")
    db.import_records([record("b", of=digests(md5=2))], source="s", actor="one")
    db.record_audit("check", {"n": 3}, "two")
    db.withdraw(source="s", record_key="a")
    db.record_audit("check", {"n": 4}, "two")
    assert db.verify_audit() == ACTS
    return db


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def logged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    if request.param == "sqlite":
        url = str(tmp_path_factory.mktemp("audit") / "x.db")
    else:
        url = request.getfixturevalue("postgres").new_database()
    with filled(url) as db:
        yield db


@pytest.fixture(scope="module")
def in_a_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The same in SQLite, whose columns hold anything."""
    with filled(str(tmp_path_factory.mktemp("audit") / "x.db")) as db:
        yield db


class _UndoneError(Exception):
    pass


@contextmanager
def undone(db: Database) -> Iterator[Connection]:
    """A write transaction that leaves nothing behind."""
    try:
        with db._store.writing() as connection:
            yield connection
            raise _UndoneError
    except _UndoneError:
        pass


def rows_of(connection: Connection) -> list[Row]:
    return [dict(row) for row in connection.execute(select(audit).order_by("seq")).mappings()]


def write_log(connection: Connection, rows: list[Row]) -> None:
    """Exactly these rows, and a head that fits them."""
    connection.execute(delete(audit))
    if rows:
        connection.execute(insert(audit), rows)
    last = rows[-1]["digest"] if rows else FIRST_PREVIOUS
    for key, value in (("audit_count", str(len(rows))), ("audit_head", last.hex())):
        connection.execute(update(meta).where(meta.c.key == key).values(value=value))


def chained(rows: list[Row]) -> list[Row]:
    """The same content as a log that is whole: what an administrator could write."""
    made: list[Row] = []
    for seq, row in enumerate(rows, start=1):
        previous = made[-1]["digest"] if made else FIRST_PREVIOUS
        content = {**row, "seq": seq, "previous_digest": previous}
        del content["digest"]
        made.append({**content, "digest": seal(**content)})
    return made


def named(connection: Connection, checkpoints: list[AuditCheckpoint] | None = None) -> int:
    """The entry that verification names; it must find something."""
    with pytest.raises(AuditTamperedError) as caught:
        verify_log(connection, checkpoints or [])
    found = re.match(r"audit entry (-?\d+): ", str(caught.value))
    assert found, caught.value
    return int(found[1])


def checkpoint(connection: Connection, seq: int, **other: Any) -> AuditCheckpoint:
    """What ``audit_checkpoint`` signs, without the signature."""
    row = rows_of(connection)[seq - 1]
    made = AuditCheckpoint(
        database_id=read_meta(connection, "database_id"),
        seq=seq,
        digest=row["digest"],
        revision=read_revision(connection),
        at="2026-11-25T00:00:00+00:00",
        public_key_sha256="00" * 32,
    )
    return replace(made, **other)


TEXT = st.text(max_size=20)
OTHER_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "at": st.text("0123456789:+-T", max_size=20),
    "actor": TEXT,
    "action": TEXT,
    "revision": st.integers(-(2**63), 2**63 - 1),
    "details": st.text('{}":abc', max_size=20),
    "previous_digest": st.binary(min_size=0, max_size=33),
    "digest": st.binary(min_size=0, max_size=33),
}
SEQ = st.integers(1, ACTS)


@given(data=st.data(), seq=SEQ, column=st.sampled_from(sorted(OTHER_VALUES)))
def test_any_change_of_a_value(logged: Database, data: Any, seq: int, column: str) -> None:
    with undone(logged) as connection:
        now = rows_of(connection)[seq - 1][column]
        value = data.draw(OTHER_VALUES[column].filter(lambda value: value != now))
        connection.execute(update(audit).where(audit.c.seq == seq).values({column: value}))
        assert named(connection) == seq


@given(data=st.data(), seq=SEQ, column=st.sampled_from(["actor", "details", "digest"]))
def test_one_flipped_bit(logged: Database, data: Any, seq: int, column: str) -> None:
    with undone(logged) as connection:
        now = rows_of(connection)[seq - 1][column]
        place = data.draw(st.integers(0, len(now) - 1))
        if isinstance(now, bytes):
            value: Any = now[:place] + bytes([now[place] ^ 1]) + now[place + 1 :]
        else:
            value = now[:place] + chr(ord(now[place]) ^ 1) + now[place + 1 :]
        connection.execute(update(audit).where(audit.c.seq == seq).values({column: value}))
        assert named(connection) == seq


@given(seqs=st.sets(SEQ, min_size=1))
def test_any_removal(logged: Database, seqs: set[int]) -> None:
    with undone(logged) as connection:
        connection.execute(delete(audit).where(audit.c.seq.in_(seqs)))
        assert named(connection) == min(seqs)


@given(seqs=st.sets(st.integers(1, ACTS - 1), min_size=1))
def test_any_removal_with_the_gaps_closed_and_the_head_repaired(
    logged: Database, seqs: set[int]
) -> None:
    with undone(logged) as connection:
        left = [row for row in rows_of(connection) if row["seq"] not in seqs]
        write_log(connection, [{**row, "seq": n} for n, row in enumerate(left, start=1)])
        assert named(connection) == min(seqs)


@given(order=st.permutations(range(ACTS)).filter(lambda order: order != sorted(order)))
def test_any_other_order(logged: Database, order: list[int]) -> None:
    with undone(logged) as connection:
        rows = rows_of(connection)
        write_log(connection, [{**rows[n], "seq": k} for k, n in enumerate(order, start=1)])
        assert named(connection) == 1 + next(k for k, n in enumerate(order) if k != n)


@given(at=st.integers(1, ACTS + 1), fresh=st.booleans())
def test_any_insertion(logged: Database, at: int, fresh: bool) -> None:
    """Of a copy of the entry before, or of one made to fit behind it."""
    with undone(logged) as connection:
        rows = rows_of(connection)
        model = rows[max(at - 2, 0)]
        new = dict(model)
        if fresh:
            before = rows[at - 2]["digest"] if at > 1 else FIRST_PREVIOUS
            new |= {"seq": at, "actor": "intruder", "previous_digest": before}
            new["digest"] = seal(**{k: v for k, v in new.items() if k != "digest"})
        moved = [*rows[: at - 1], new, *rows[at - 1 :]]
        connection.execute(delete(audit))  # and the head as it was
        connection.execute(
            insert(audit), [{**row, "seq": n} for n, row in enumerate(moved, start=1)]
        )
        assert named(connection) in (at, at + 1)


@given(keep=st.integers(0, ACTS - 1))
def test_any_cut(logged: Database, keep: int) -> None:
    with undone(logged) as connection:
        connection.execute(delete(audit).where(audit.c.seq > keep))
        assert named(connection) == keep + 1


@given(keep=st.integers(1, ACTS - 1))
def test_a_cut_with_a_repaired_head(logged: Database, keep: int) -> None:
    """Found where a change of content lost its entry; otherwise with a checkpoint only."""
    with undone(logged) as connection:
        signed = checkpoint(connection, ACTS)
        write_log(connection, rows_of(connection)[:keep])
        if keep < 7:  # the withdrawal is gone
            assert named(connection) == keep + 1
        else:
            assert verify_log(connection).count == keep
        with pytest.raises(AuditTamperedError, match=f"entry {keep + 1}: .* cut off"):
            verify_log(connection, [signed])


def test_an_emptied_log(logged: Database) -> None:
    with undone(logged) as connection:
        connection.execute(delete(audit))
        connection.execute(delete(meta).where(meta.c.key.in_(("audit_count", "audit_head"))))
        assert named(connection) == 1


@given(data=st.data(), first=SEQ)
def test_a_chain_that_was_computed_anew(logged: Database, data: Any, first: int) -> None:
    """Nothing but a checkpoint at or behind the change finds it; one before it still holds."""
    with undone(logged) as connection:
        signed = [checkpoint(connection, seq) for seq in range(1, ACTS + 1)]
        rows = rows_of(connection)
        rows[first - 1]["actor"] = "someone else"
        write_log(connection, chained(rows))
        assert verify_log(connection).count == ACTS
        chosen = data.draw(st.lists(st.sampled_from(signed), min_size=1))
        wrong = [one.seq for one in chosen if one.seq >= first]
        if wrong:
            assert named(connection, chosen) == min(wrong)
        else:
            assert verify_log(connection, chosen).count == ACTS


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + "0",
        lambda text: " " + text,
        lambda text: "0" + text,
        lambda text: text.upper() + "A",
        lambda text: "",
        lambda text: "-1",
        lambda text: "00" * 32,
        lambda text: "²",
    ],
)
@pytest.mark.parametrize("key", ["audit_count", "audit_head"])
def test_a_changed_head(logged: Database, key: str, change: Callable[[str], str]) -> None:
    with undone(logged) as connection:
        value = change(read_meta(connection, key))
        connection.execute(update(meta).where(meta.c.key == key).values(value=value))
        with pytest.raises(AuditTamperedError, match=r"audit (head|entry \d)"):
            verify_log(connection)


def test_content_changed_without_an_entry(logged: Database) -> None:
    with undone(logged) as connection:
        connection.execute(update(meta).where(meta.c.key == "revision").values(value="4"))
        with pytest.raises(AuditTamperedError, match="revision 4, got them up to 3"):
            verify_log(connection)


def test_a_checkpoint_of_another_database(logged: Database) -> None:
    with undone(logged) as connection:
        other = checkpoint(connection, 3, database_id="another")
        with pytest.raises(AuditTamperedError, match="of the database another"):
            verify_log(connection, [other])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("previous_digest", 32),  # a conversion would make 32 zero bytes of it
        ("previous_digest", 2**40),  # ... or a terabyte of them
        ("digest", "text"),
        ("actor", b"one"),
        ("at", 1.5),
        ("revision", 1.5),
        ("revision", "many"),
        ("details", b"{}"),
    ],
)
def test_values_of_other_types(in_a_file: Database, column: str, value: object) -> None:
    with undone(in_a_file) as connection:
        connection.exec_driver_sql(f"UPDATE audit SET {column} = ? WHERE seq = 1", (value,))  # noqa: S608
        assert named(connection) == 1


def test_a_text_in_another_form_of_the_same(in_a_file: Database) -> None:
    with undone(in_a_file) as connection:
        for stored in ("\x1a006fne", "on\x1a0065"):  # read as "one"
            connection.exec_driver_sql("UPDATE audit SET actor = ? WHERE seq = 2", (stored,))
            assert rows_of(connection)[1]["actor"] == "one"
            assert named(connection) == 2


def test_an_entry_that_is_there_twice(in_a_file: Database) -> None:
    with undone(in_a_file) as connection:
        connection.exec_driver_sql("CREATE TABLE loose AS SELECT * FROM audit")
        connection.exec_driver_sql("DROP TABLE audit")
        connection.exec_driver_sql("ALTER TABLE loose RENAME TO audit")
        connection.exec_driver_sql("INSERT INTO audit SELECT * FROM audit WHERE seq = 4")
        with pytest.raises(AuditTamperedError, match="entry 4: is there more than once"):
            verify_log(connection)


def test_a_restored_copy(tmp_path: Path) -> None:
    path, copy = tmp_path / "x.db", tmp_path / "copy.db"
    with open_database(path, create=True) as db:
        db.import_records([record("a")], source="s")
    copy.write_bytes(path.read_bytes())
    with open_database(path) as db:
        db.record_audit("check", {})
        with db._store.reading() as connection:
            signed = checkpoint(connection, 3)
            assert verify_log(connection, [signed]).count == 3
    with open_database(copy) as db, db._store.reading() as connection:
        assert verify_log(connection).count == 2
        with pytest.raises(AuditTamperedError, match="older copy"):
            verify_log(connection, [signed])
