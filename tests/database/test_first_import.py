"""The first list of an empty database takes a short way; what it stores is what any way stores."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

import numpy as np
import pytest
from database.samples import digests, pdq, photodna, record
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from hashmatch import _native
from hashmatch.database import Database, open_database
from hashmatch.database.first_import import TOKENS, FirstImport, tokens_of
from hashmatch.database.statement import Refused, Statement, admit
from hashmatch.store import run
from hashmatch.types import HashRecord, Label

ENTRIES = st.builds(
    lambda key, md5, sha1, label, values: record(
        key,
        of=digests(md5=md5, sha1=sha1) if md5 or sha1 else digests(),
        label=label,
        hashes=tuple(pdq(v, 100) for v in values) or (photodna(1),),
    ),
    st.sampled_from("abcd"),
    st.none() | st.integers(1, 4),
    st.none() | st.integers(1, 4),
    st.sampled_from([Label.CSAM, Label.CGI]),
    st.lists(st.integers(1, 3), max_size=2),
)


def content(db: Database) -> list[tuple[object, ...]]:
    """Statements and the digests of their media, whatever the ids."""
    sql = """
    SELECT record_key, content_digest, md5, sha1, sha256, exact_key,
        (SELECT count(*) FROM hash WHERE opinion_id = opinion.id)
    FROM opinion JOIN media ON media.id = media_id
    WHERE retired_revision IS NULL AND withdrawn_revision IS NULL"""
    with db.snapshot() as view:
        return sorted((tuple(row) for row in run(view.connection, sql)), key=repr)


def indexes(path: Path) -> set[str]:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT sql FROM sqlite_master WHERE type='index'").fetchall()
    return {" ".join(row[0].split()) for row in found if row[0]}


@settings(max_examples=60, deadline=None)
@given(st.lists(ENTRIES, max_size=12))
def test_it_stores_what_the_ordinary_way_stores(entries: list[HashRecord]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with open_database(Path(folder) / "1.db", create=True) as short:
            report = short.import_records(entries, source="s")
            found = content(short)
        with open_database(Path(folder) / "2.db", create=True) as other:
            other.import_records([record("z", of=digests(md5=99))], source="z")
            other.withdraw(source="z", record_key="z")
            ordinary = other.import_records(entries, source="s")
            assert content(other) == found
        assert (report.added, report.unchanged) == (ordinary.added, ordinary.unchanged)
        assert report.md5_conflicts == ordinary.md5_conflicts


def test_the_indexes_are_those_of_a_new_database(tmp_path: Path) -> None:
    with open_database(tmp_path / "a.db", create=True) as db:
        before = indexes(tmp_path / "a.db")
        db.import_records([record("a"), record("b")], source="s")
    assert indexes(tmp_path / "a.db") == before
    assert len(before) > 15


def test_an_import_that_fails_leaves_them_too(tmp_path: Path) -> None:
    def broken() -> object:
        yield record("a")
        raise RuntimeError("no")

    with open_database(tmp_path / "a.db", create=True) as db:
        before = indexes(tmp_path / "a.db")
        with pytest.raises(RuntimeError, match="no"):
            db.import_records(broken(), source="s")  # type: ignore[arg-type]
        assert indexes(tmp_path / "a.db") == before
        assert db.import_records([record("a")], source="s").added == 1


def test_only_the_first_one_takes_it(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    real = FirstImport.__init__

    def init(self: FirstImport, connection: Connection) -> None:
        made.append(1)
        real(self, connection)

    monkeypatch.setattr(FirstImport, "__init__", init)
    db.import_records([record("a")], source="s")
    db.withdraw(source="s", record_key="a")
    db.import_records([record("a")], source="s")
    assert made == [1]


def test_a_digest_that_begins_with_zeros_is_a_token_too() -> None:
    refused: list[Refused] = []
    statement = admit(record("a", of=digests(md5=1)), refused)
    assert statement is not None
    key, content, _, hash_set, columns, hashes, places = statement
    stated = (bytes(15) + b"\1", None, None)
    odd: Statement = (key, content, stated, hash_set, columns, hashes, places)
    tokens = np.frombuffer(tokens_of([odd]), dtype=np.uint64)
    assert len(tokens) == TOKENS
    assert tokens[0] != 0
    assert not tokens[1:].any()


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), max_size=40),
    st.integers(0, 2**64 - 1),
    st.integers(1, 40),
)
def test_tokens_seen_before(rows: list[list[int]], seed: int, cut: int) -> None:
    seen = _native.SeenTokens(seed)
    expected: list[bool] = []
    met: set[tuple[int, int]] = set()
    for row in rows:
        own = {(place, token) for place, token in enumerate(row) if token}
        expected.append(not own & met)
        met |= own
    found: list[int] = []
    for start in range(0, len(rows), cut):
        part = np.array(rows[start : start + cut], dtype=np.uint64).reshape(-1, 3)
        found += seen.add(part).tolist()
    assert [bool(new) for new in found] == expected
    assert len(seen) == len(met)


def test_the_set_of_tokens_grows() -> None:
    seen = _native.SeenTokens(7)
    tokens = np.arange(1, 300_001, dtype=np.uint64).reshape(-1, 3)
    assert seen.add(tokens).all()
    assert len(seen) == 300_000
    assert not seen.add(tokens).any()
    assert len(seen) == 300_000


@pytest.mark.parametrize("shape", [(3,), (2, 0), (1, 64)])
def test_the_shape_of_tokens_is_checked(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="tokens"):
        _native.SeenTokens(1).add(np.zeros(shape, dtype=np.uint64))
