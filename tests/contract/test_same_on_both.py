"""One history, two systems: the same reports, answers, files and earlier revisions."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from database.histories import HISTORIES, Act, everything
from database.samples import digests, many_records, pdq, photodna, record
from hypothesis import HealthCheck, given, settings
from postgres_server import PostgresServer

from hashmatch.database import Database, ExportFilter, export_formats, open_database
from hashmatch.errors import ExchangeError
from hashmatch.types import Deletion, HashRecord, Label, Reject

Pair = tuple[Database, Database]


def pair_of(postgres: PostgresServer, folder: Path) -> Pair:
    return (
        open_database(folder / "one.db", create=True),
        open_database(postgres.new_database(), create=True),
    )


@pytest.fixture
def pair(postgres: PostgresServer, tmp_path: Path) -> Iterator[Pair]:
    """An SQLite file and a database on a server, both new."""
    file, server = pair_of(postgres, tmp_path)
    with file, server:
        yield file, server


def both(pair: Pair, act: Callable[[Database], Any]) -> Any:
    one, other = map(act, pair)
    assert one == other
    return one


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORIES)
def test_a_history_says_the_same(postgres: PostgresServer, history: list[Act]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file, server = pair_of(postgres, Path(folder))
        with file, server:
            for act in history:
                for database in (file, server):
                    act(database)
                both((file, server), partial(_seen, as_of=None))
            for revision in range(file.revision + 1):
                both((file, server), partial(_seen, as_of=revision))
            both((file, server), lambda db: db.stats().to_dict())
            both((file, server), lambda db: db.content_digest())
            both((file, server), lambda db: db.verify_audit())
            both((file, server), lambda db: db.check_integrity().sound)


def _seen(db: Database, *, as_of: int | None) -> dict[str, Any]:
    with db.snapshot(as_of=as_of) as view:
        said = everything(view)
    # The time of an import is its own.
    return {name: _timeless(value) for name, value in said.items()}


def _timeless(value: Any) -> Any:
    return re.sub(r"datetime\.datetime\([^)]*\)(?:, tzinfo[^)]*\))?", "", repr(value))


ROUND: list[list[HashRecord | Reject | Deletion]] = [
    [record("m", of=digests(md5=1), hashes=(pdq(1), photodna(1)))],
    [record("s", of=digests(sha1=1), label=Label.CGI), Reject(2, "MD5", "bad", "x'", True)],
    [record("link", of=digests(md5=1, sha1=1)), *many_records(30)],
    [Deletion(record_key="link", position=1, reason="withdrawn", raw="")],
    [record("m", of=digests(md5=1), label=Label.NON_PERTINENT)],
    [record("x", of=digests(md5=9, sha1=8)), record("y", of=digests(md5=9, sha1=7))],
    [record("z", of=digests(md5=9)), record("n", of=digests(), hashes=(pdq(5, 10), pdq(6)))],
]


def test_reports_and_files_are_the_same(pair: Pair, tmp_path: Path) -> None:
    for number, items in enumerate(ROUND):
        source = ("hotline", "police")[number % 2]
        both(pair, partial(_import, items, source=source))
    both(pair, lambda db: db.withdraw(source="police", record_key="md5:1"))
    listed: list[HashRecord | Reject | Deletion] = list(many_records(25))
    both(pair, partial(_import, listed, source="full", complete=True))
    fewer = listed[:22]
    both(pair, partial(_import, fewer, source="full", complete=True))
    for format_ in export_formats():
        both(pair, partial(_file, tmp_path, format_, None))
    only = ExportFilter(sources=frozenset(["full"]), labels=frozenset([Label.CSAM]))
    missing = ExportFilter(not_in=frozenset(["hotline"]))
    for where in (only, missing):
        assert both(pair, partial(_file, tmp_path, "vics-2.0", where))
    both(pair, partial(_file, tmp_path, "vics-2.0", None, as_of=3))


def _import(
    items: list[HashRecord | Reject | Deletion], db: Database, *, source: str, **options: Any
) -> dict[str, Any]:
    return db.import_records(items, source=source, **options).to_dict()


def _file(
    folder: Path, format_: str, where: ExportFilter | None, db: Database, **options: Any
) -> bytes:
    """What an export writes, or the words with which it refuses."""
    path = folder / f"{'server' if db.path is None else 'file'}.{format_}"
    try:
        db.export_file(path, format=format_, where=where, overwrite=True, **options)
    except ExchangeError as error:
        return str(error).replace(str(path), "").encode()
    return path.read_bytes()


def test_a_database_moves_from_one_system_to_the_other(pair: Pair, tmp_path: Path) -> None:
    file, server = pair
    file.import_records(many_records(50), source="s")
    file.export_file(tmp_path / "list.json")
    server.import_file(tmp_path / "list.json", source="moved")
    server.export_file(tmp_path / "back.json", where=ExportFilter())
    assert server.stats().media == file.stats().media == 50
