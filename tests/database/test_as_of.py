"""An earlier revision answers as it answered then, whatever was imported and withdrawn since."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from database.histories import HISTORIES, Act, everything
from database.samples import digests, many_records, pdq, record
from hypothesis import HealthCheck, given, settings
from sqlalchemy import event

from hashmatch.database import Database, open_database
from hashmatch.errors import InputError, InputTypeError
from hashmatch.store import write_meta
from hashmatch.types import Label


def each_revision_answers_as_it_did(db: Database, history: list[Act]) -> None:
    with db.snapshot() as view:
        then = {0: everything(view)}
    for act in history:
        act(db)
        with db.snapshot() as view:
            now = everything(view)
        assert then.setdefault(view.revision, now) == now
    assert sorted(then) == list(range(db.revision + 1))
    for revision, said in then.items():
        with db.snapshot(as_of=revision) as view:
            assert everything(view) == said


@settings(max_examples=40)
@given(history=HISTORIES)
def test_each_revision_of_a_file_answers_as_it_did(history: list[Act]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        open_database(Path(folder) / "a.db", create=True) as db,
    ):
        each_revision_answers_as_it_did(db, history)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORIES)
def test_each_revision_answers_as_it_did(
    open_new: Callable[..., Database], history: list[Act]
) -> None:
    with open_new() as db:
        each_revision_answers_as_it_did(db, history)


def test_what_was_known_before_media_were_merged_and_separated(db: Database) -> None:
    md5, sha1 = digests(md5=1), digests(sha1=1)
    db.import_records([record("m", of=md5)], source="a")
    db.import_records([record("s", of=sha1, label=Label.CGI, hashes=(pdq(1),))], source="b")
    db.import_records([record("both", of=digests(md5=1, sha1=1))], source="c")
    db.withdraw(source="c", record_key="both")

    def answer(as_of: int) -> list[list[str]]:
        with db.snapshot(as_of=as_of) as view:
            return [[s.source for s in m.opinions] for m in view.media_by_digests(sha1)]

    assert [answer(revision) for revision in range(5)] == [
        [],
        [],
        [["b"]],
        [["a", "c", "b"]],
        [["b"]],
    ]
    with db.snapshot(as_of=3) as view:
        (hit,) = view.media_by_hash_ids([1]).values()
        assert (hit.source, hit.media.label, len(hit.media.opinions)) == ("b", Label.CSAM, 3)
    with db.snapshot(as_of=2) as view:
        (hit,) = view.media_by_hash_ids([1]).values()
        assert hit.media.label is Label.CGI
    with db.snapshot(as_of=1) as view:
        assert view.media_by_hash_ids([1]) == {}


@pytest.mark.parametrize("revision", [-1, 2, 10**30])
def test_a_revision_that_is_not_known_is_refused(db: Database, revision: int) -> None:
    db.import_records([record("a")], source="s")
    with pytest.raises(InputError, match=rf"from 0 .* to 1 \(the newest\), got {revision}"):
        db.snapshot(as_of=revision).__enter__()


@pytest.mark.parametrize("revision", [True, "1", 1.0])
def test_what_is_no_revision_is_refused(db: Database, revision: object) -> None:
    with pytest.raises(InputTypeError, match="as_of: expected a revision, got"):
        db.snapshot(as_of=revision).__enter__()  # type: ignore[arg-type]


def test_before_the_history_begins_nothing_is_said(db: Database) -> None:
    for number in range(3):
        db.import_records([record(f"{number}")], source="s")
    with db._store.writing() as connection:
        write_meta(connection, "history_from", "2")
    with db.snapshot(as_of=2) as view:
        assert view.revision == 2
    with pytest.raises(InputError, match=r"from 2 .* to 3"):
        db.snapshot(as_of=1).__enter__()


def test_the_past_is_found_by_indexes(db: Database) -> None:
    """No statement of an earlier view walks a table; only the list of all media does."""
    db.import_records(many_records(50), source="s")
    db.import_records(many_records(40), source="s", complete=True)
    statements: list[tuple[str, Any]] = []
    with db.snapshot(as_of=1) as view:

        def note(_c: object, _cursor: object, sql: str, parameters: Any, *_: object) -> None:
            statements.append((sql, parameters))

        event.listen(view.connection, "before_cursor_execute", note)
        assert view.media_by_digests(digests(md5=1, sha1=1, sha256=1))
        assert view.media_by_hash_ids([1, 2])
        assert view.hashes_of([1, 2])
        event.remove(view.connection, "before_cursor_execute", note)
        plans = [
            row[3]
            for sql, parameters in statements
            for row in view.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)
        ]
    scanned = {plan.split()[1] for plan in plans if plan.startswith("SCAN")}
    assert scanned <= {"wanted", "2", "CONSTANT"}
    assert len(statements) > 8
