"""What an import refuses: limits, and the file that keeps all of it."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from database.samples import digests, record

from hashmatch.database import Database, ImportReport
from hashmatch.database.batches import BATCH
from hashmatch.database.import_run import import_in_one_transaction
from hashmatch.database.list_reading import RecordsReading
from hashmatch.database.refusals import MAX_STORED_REJECTS
from hashmatch.errors import DatabaseError, ExchangeError, InputError
from hashmatch.exchange.atomic import AtomicFile
from hashmatch.types import HashRecord, Reject

KEYS = ["position", "record_key", "field", "reason", "raw", "whole_record"]


def run(db: Database, records: Any, **options: Any) -> ImportReport:
    """What ``import_file`` does with a reader's items."""
    chosen = {"complete": False, "actor": "me", "on_progress": None, **options}
    reading = RecordsReading(records, scheme=None)
    return import_in_one_transaction(db._store, reading, source="s", **chosen)


def whole(position: int, reason: str = "no usable hash", raw: str = "x") -> Reject:
    return Reject(position, None, reason, raw, True)


def lines(path: Path) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]
    assert all(list(row) == KEYS for row in found)
    return found


def vics(path: Path, *media: dict[str, Any], end: str = "]}") -> Path:
    text = ",".join(map(json.dumps, media))
    path.write_text(
        '{"@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/'
        f'$metadata#Media","value":[{text}{end}'
    )
    return path


GOOD = {"MediaID": 1, "Category": 1, "MD5": "AB" * 16, "SHA1": "CD" * 20, "MediaSize": 3}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where refused records go."""
    return tmp_path / "rejects.jsonl"


def test_everything_refused_is_in_the_file(db: Database, tmp_path: Path, file: Path) -> None:
    media = vics(tmp_path / "list", {**GOOD, "MD5": "12"}, {"MediaID": 2}, {**GOOD, "MD5": "zz"})
    old = os.umask(0)
    try:
        report = db.import_file(media, source="s", rejects_path=file)
    finally:
        os.umask(old)
    assert (report.accepted, report.rejected, report.field_rejects) == (2, 1, 2)
    assert report.rejects_file == report.to_dict()["rejects_file"] == str(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    found = lines(file)
    assert [(row["position"], row["field"], row["whole_record"]) for row in found] == [
        (1, "MD5", False),
        (2, None, True),
        (3, "MD5", False),
    ]
    assert [row["record_key"] for row in found] == [f"sha1:{'cd' * 20}", None, f"sha1:{'cd' * 20}"]
    assert [row["raw"] for row in found][::2] == ["12", "zz"]
    assert {path.name for path in tmp_path.iterdir()} >= {"list", "rejects.jsonl"}
    assert not list(tmp_path.glob(".*"))


def test_the_file_has_more_than_the_table_keeps(db: Database, file: Path) -> None:
    count = MAX_STORED_REJECTS + 7
    report = run(db, (whole(n, f"reason {n}") for n in range(count)), rejects_path=file)
    assert report.rejected == count
    found = lines(file)
    assert [row["position"] for row in found] == list(range(count))
    assert found[-1]["reason"] == f"reason {count - 1}"
    with db.snapshot() as view:
        stored = view.connection.exec_driver_sql("SELECT count(*) FROM reject").scalar_one()
    assert stored == MAX_STORED_REJECTS


@pytest.mark.parametrize("text", ["\ud800", "a\0\n\x1a", '"\\', "é" * 10_000, "=cmd|' /C calc'!A0"])
def test_any_text_stands_in_the_file(db: Database, file: Path, text: str) -> None:
    key = text[:100]
    bad = record(key, rejects=(Reject(1, text, text, text, False),))
    run(db, [bad, record("e", of=digests()), whole(3, text, text)], rejects_path=file)
    kept = text if len(text) <= 500 else text[:500] + "…"
    field, no_hash, refused = lines(file)
    assert (field["record_key"], field["field"], field["reason"], field["raw"]) == (
        key,
        kept,
        kept,
        kept,
    )
    assert (no_hash["reason"], no_hash["raw"], no_hash["record_key"]) == (
        "no usable hash",
        "e",
        None,
    )
    assert (refused["reason"], refused["raw"]) == (kept, kept)


def test_without_refusals_there_is_no_file(db: Database, tmp_path: Path, file: Path) -> None:
    media = vics(tmp_path / "list", GOOD)
    report = db.import_file(media, source="s", rejects_path=file)
    assert report.rejects_file is None
    assert not file.exists()
    assert not list(tmp_path.glob(".*"))


def test_nobody_asked_for_a_file(db: Database, tmp_path: Path) -> None:
    report = db.import_file(vics(tmp_path / "list", {"MediaID": 2}), source="s")
    assert (report.rejected, report.rejects_file) == (1, None)
    assert not list(tmp_path.glob("*.jsonl"))


def test_an_existing_file_is_never_replaced(db: Database, file: Path) -> None:
    file.write_text("mine")
    before = db.content_digest(), db.stats()
    with pytest.raises(ExchangeError, match="the file exists"):
        run(db, [record("a"), whole(2)], rejects_path=file)
    assert file.read_text() == "mine"
    assert (db.content_digest(), db.stats()) == before


def test_a_folder_that_is_missing_is_told_first(db: Database, tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="can't write"):
        run(db, [record("a")], rejects_path=tmp_path / "no" / "rejects.jsonl")
    assert db.stats().snapshots == 0


def test_a_failed_import_leaves_what_was_refused_until_then(
    db: Database, tmp_path: Path, file: Path
) -> None:
    media = vics(tmp_path / "list", {"MediaID": 1}, {"MediaID": 2}, GOOD, end="")
    with pytest.raises(ExchangeError):
        db.import_file(media, source="s", rejects_path=file)
    assert [row["position"] for row in lines(file)] == [1, 2]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (db.revision, db.stats().snapshots) == (0, 0)


def test_an_interrupted_import_leaves_it_too(db: Database, file: Path) -> None:
    def items() -> Iterator[HashRecord | Reject]:
        yield from (whole(n + 1) for n in range(BATCH + 3))
        yield record("a", rejects=(Reject(BATCH + 4, "MD5", "md5 length", "12", False),))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(db, items(), rejects_path=file)
    found = lines(file)
    assert [row["position"] for row in found] == [n + 1 for n in range(BATCH + 4)]
    assert (found[-1]["record_key"], found[-1]["field"]) == ("a", "MD5")
    assert db.stats().snapshots == 0


def test_a_complete_list_of_refusals_leaves_it_too(db: Database, file: Path) -> None:
    with pytest.raises(DatabaseError, match="rejects only"):
        run(db, [whole(1)], rejects_path=file, complete=True)
    assert len(lines(file)) == 1


def test_a_file_that_cannot_be_placed_undoes_the_import(
    db: Database, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: AtomicFile) -> None:
        self.discard()
        raise ExchangeError("disk full")

    monkeypatch.setattr(AtomicFile, "commit", fail)
    with pytest.raises(ExchangeError, match="disk full"):
        run(db, [record("a"), whole(2)], rejects_path=file)
    assert db.stats().snapshots == 0

    def broken() -> Iterator[HashRecord | Reject]:
        yield from (whole(n + 1) for n in range(BATCH))
        raise ExchangeError("cut short")

    with pytest.raises(ExchangeError, match="cut short") as caught:
        run(db, broken(), rejects_path=file)
    assert caught.value.__notes__ == ["what was refused could not be kept: disk full"]


def test_the_log_names_the_file_without_its_folder(db: Database, tmp_path: Path) -> None:
    folder = tmp_path / "operation secret"
    folder.mkdir()
    run(db, [whole(1)], rejects_path=folder / "r.jsonl")
    with db.snapshot() as view:
        details = view.connection.exec_driver_sql(
            "SELECT details FROM audit WHERE action = 'import'"
        ).scalar_one()
    assert json.loads(details)["rejects_file"] == "r.jsonl"
    assert "operation" not in details


@pytest.mark.parametrize("limit", [0, 1, 3, BATCH])
def test_as_many_refusals_as_allowed_and_one_more(db: Database, file: Path, limit: int) -> None:
    field = Reject(1, "MD5", "md5 length", "12", False)
    good = [record("a", rejects=(field, field))]  # single fields do not count
    refused = [whole(n + 2) for n in range(limit)]
    report = run(db, [*good, *refused], max_rejects=limit)
    assert (report.accepted, report.rejected) == (1, limit)
    before = db.content_digest(), db.stats(), db.verify_audit()
    more = [record("b"), *refused, whole(limit + 2, "zero-size media")]
    with pytest.raises(ExchangeError, match=f"at most {limit} refused records, got"):
        run(db, more, max_rejects=limit, complete=True, rejects_path=file)
    assert (db.content_digest(), db.stats(), db.verify_audit()) == before
    assert lines(file)


def test_giving_up_says_how_many_and_why(db: Database) -> None:
    refused = [
        *(whole(n, "no usable hash") for n in range(20)),
        *(whole(n, "zero-size media") for n in range(9)),
        *(whole(n, "a") for n in range(3)),
        whole(1, "b"),
    ]
    with pytest.raises(
        ExchangeError,
        match=r"'s': expected at most 5 refused records, got 33 among the first 33: "
        r"no usable hash \(20\), zero-size media \(9\), a \(3\); nothing was imported",
    ):
        run(db, refused, max_rejects=5)


def test_giving_up_comes_early(db: Database) -> None:
    """Not at the end of a list of millions."""
    given = 0

    def items() -> Iterator[Reject]:
        nonlocal given
        for n in range(100 * BATCH):
            given += 1
            yield whole(n + 1)

    with pytest.raises(ExchangeError, match="refused"):
        run(db, items(), max_rejects=10)
    assert given == BATCH


@pytest.mark.parametrize("limit", [-1, True, 1.5, "3"])
def test_a_limit_is_a_number(db: Database, limit: Any) -> None:
    with pytest.raises(InputError, match="max_rejects"):
        run(db, [record("a")], max_rejects=limit)
