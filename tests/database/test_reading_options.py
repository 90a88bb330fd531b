"""What an import passes on to the reader of the list, and lists that are cut short."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from database.samples import digest, digests, many_records, record
from golden_lists import GOLDEN_LISTS, GoldenList
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashmatch.database import Database, ImportReport, open_database
from hashmatch.errors import ExchangeError, InputError, UnknownFormatError
from hashmatch.exchange import load_schemes, open_writer, sort_key
from hashmatch.types import Deletion, HashRecord, Label

COUNT = 40


def write_list(path: Path, format: str, records: Iterator[HashRecord]) -> Path:
    with open_writer(path, format=format, overwrite=True) as writer:
        for item in sorted(records, key=sort_key):
            writer.write(item)
    return path


def statements(db: Database) -> set[tuple[str, bytes]]:
    with db.snapshot() as view:
        rows = view.connection.exec_driver_sql(
            "SELECT record_key, content_digest FROM opinion WHERE withdrawn_revision IS NULL"
        )
        return {(row[0], row[1]) for row in rows}


def last_audit(db: Database) -> dict[str, Any]:
    with db.snapshot() as view:
        details = view.connection.exec_driver_sql(
            "SELECT details FROM audit ORDER BY seq DESC LIMIT 1"
        ).scalar_one()
    found: dict[str, Any] = json.loads(details)
    return found


@pytest.mark.parametrize("golden", GOLDEN_LISTS, ids=lambda golden: golden.path)
def test_every_golden_list_goes_in(db: Database, tmp_path: Path, golden: GoldenList) -> None:
    """With what the reader has to be told; nothing is lost on the way, nothing twice."""
    rejects = tmp_path / "rejects.jsonl"
    options = {"rejects_path": rejects, **golden.options}
    report = db.import_file(golden.file, source="s", **options)
    assert (report.accepted, report.rejected) == (golden.records, golden.rejected)
    assert report.field_rejects == golden.field_rejects
    assert report.seen == report.accepted + report.rejected == report.ledger.seen
    assert report.warnings["entry withdrawn by the list"] == golden.deletions
    written = rejects.read_text().splitlines() if rejects.exists() else []
    assert len(written) == golden.rejected + golden.field_rejects
    assert (report.rejects_file is not None) is bool(written)
    before = db.content_digest()
    again = db.import_file(golden.file, source="s", **golden.options)
    assert (again.added, again.superseded, again.revision) == (0, 0, report.revision)
    assert db.content_digest() == before


def test_a_type_that_only_the_caller_knows(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text(f"{digest('sha256', 1)}\n{digest('sha256', 2)}\n")
    with pytest.raises(ExchangeError):
        db.import_file(path, source="s")
    assert db.import_file(path, source="s", hash_type="sha256").added == 2
    with db.snapshot() as view:
        assert len(view.media_by_digests(digests(sha256=2))) == 1


def test_a_mapping_and_schemes_of_the_agency(db: Database, tmp_path: Path) -> None:
    table, mapping, schemes = (tmp_path / name for name in ("t.csv", "m.toml", "s.toml"))
    table.write_text(f"pruefsumme;art\n{digest('md5', 1)};XX\n")
    mapping.write_text(
        '[list]\ntitle = "T"\nlayout = "csv"\n[csv]\ndelimiter = ";"\n'
        '[[hash]]\nfrom = "pruefsumme"\ntype = "md5"\n'
        '[key]\nfrom = ["pruefsumme"]\n[fields]\ncategory = "art"\n'
    )
    schemes.write_text('[[scheme]]\nid = "mine"\ncodes = { XX = "csam" }\n')
    with pytest.raises((ExchangeError, InputError)):
        db.import_file(table, source="s")
    report = db.import_file(
        table, source="s", mapping=mapping, schemes=load_schemes(schemes), scheme="mine"
    )
    assert (report.added, report.format, report.scheme) == (1, "mapped-csv", "mine")
    with db.snapshot() as view:
        (media,) = view.media_by_digests(digests(md5=1))
    assert (media.label, media.opinions[0].opinion.raw_category) == (Label.CSAM, "XX")


@pytest.mark.parametrize("options", [{"scheme": "x"}, {"format": "x"}])
def test_wrong_options_are_told_and_nothing_is_noted(
    db: Database, tmp_path: Path, options: dict[str, str]
) -> None:
    write_list(tmp_path / "list", "vics-2.0", many_records(3))
    with pytest.raises(InputError, match=next(iter(options))):
        db.import_file(tmp_path / "list", source="s", **options)  # type: ignore[arg-type]
    assert db.stats().snapshots == 0


@pytest.fixture(params=["vics-2.0", "vics-1.3", "jsonl"])
def whole(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A list of ``COUNT`` records."""
    return write_list(tmp_path / "list", request.param, many_records(COUNT))


@pytest.fixture
def all_of_it(whole: Path, tmp_path: Path) -> set[tuple[str, bytes]]:
    with open_database(tmp_path / "whole.db", create=True) as other:
        assert other.import_file(whole, source="s").added == COUNT
        return statements(other)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(share=st.floats(0.05, 0.999))
def test_nothing_of_a_salvaged_list_is_half_a_record(
    whole: Path, all_of_it: set[tuple[str, bytes]], tmp_path: Path, share: float
) -> None:
    data = whole.read_bytes()
    cut = tmp_path / "cut"
    cut.write_bytes(data[: int(share * len(data))])
    (tmp_path / "cut.db").unlink(missing_ok=True)
    with open_database(tmp_path / "cut.db", create=True) as db:
        with pytest.raises(ExchangeError):
            db.import_file(cut, source="s")
        assert db.stats().snapshots == 0
        report = db.import_file(cut, source="s", salvage=True)
        found = statements(db)
    assert found <= all_of_it
    assert len(found) == report.accepted
    # All whole records that are there, give or take the one at the cut.
    assert abs(len(found) - share * COUNT) < 3
    assert report.incomplete


def test_the_report_the_snapshot_and_the_log_say_that_it_is_incomplete(
    db: Database, whole: Path
) -> None:
    data = whole.read_bytes()
    whole.write_bytes(data[: len(data) // 2])
    report = db.import_file(whole, source="s", salvage=True)
    assert report.to_dict()["incomplete"] == report.incomplete
    assert last_audit(db)["incomplete"] == report.incomplete
    with db.snapshot() as view:
        stored = view.connection.exec_driver_sql("SELECT incomplete FROM snapshot").scalar_one()
    assert stored == report.incomplete


def test_what_a_salvaged_list_lacks_is_never_withdrawn(db: Database, whole: Path) -> None:
    db.import_file(whole, source="s", complete=True)
    data = whole.read_bytes()
    whole.write_bytes(data[: len(data) // 2])
    before = db.content_digest(), db.stats(), db.verify_audit()
    with pytest.raises(ExchangeError, match=r"read only in part .*must not be withdrawn.*without"):
        db.import_file(whole, source="s", salvage=True, complete=True)
    assert (db.content_digest(), db.stats(), db.verify_audit()) == before
    report = db.import_file(whole, source="s", salvage=True)
    assert (report.withdrawn, report.superseded, report.added) == (0, 0, 0)
    assert db.content_digest() == before[0]


def test_a_whole_list_may_be_salvaged_and_complete(db: Database, whole: Path) -> None:
    db.import_records([record("gone", of=digests(md5=COUNT + 1))], source="s")
    report = db.import_file(whole, source="s", salvage=True, complete=True)
    assert (report.incomplete, report.added, report.withdrawn) == (None, COUNT, 1)
    with db.snapshot() as view:
        stored = view.connection.exec_driver_sql(
            "SELECT incomplete FROM snapshot ORDER BY id DESC LIMIT 1"
        ).scalar_one()
    assert stored is None


def cut_jsonl(path: Path, *items: HashRecord | Deletion) -> Path:
    """Our own JSONL without its last line."""
    with open_writer(path, format="jsonl", overwrite=True) as writer:
        for item in items:
            writer.write(item)  # type: ignore[arg-type]
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    return path


def test_the_missing_rest_may_state_again_what_seems_replaced(db: Database, tmp_path: Path) -> None:
    """A key that the list has twice: the graver statement stood behind the cut."""
    db.import_records([record("k", label=Label.CGI), record("k")], source="s")
    cut = cut_jsonl(tmp_path / "cut", record("k", label=Label.CGI))
    report = db.import_file(cut, source="s", salvage=True)
    assert (report.unchanged, report.superseded) == (1, 0)
    with db.snapshot() as view:
        (media,) = view.media_by_digests(digests(md5=1))
    assert media.label is Label.CSAM
    again = db.import_records([record("k", label=Label.CGI)], source="s")
    assert again.superseded == 1


def test_a_withdrawal_in_a_part_is_told_and_not_applied(db: Database, tmp_path: Path) -> None:
    db.import_records([record("k")], source="s")
    cut = cut_jsonl(tmp_path / "cut", Deletion("k", 1, "Withdrawn", ""))
    report = db.import_file(cut, source="s", salvage=True)
    assert report.superseded == 0
    assert report.warnings == {
        "entry withdrawn by the list: not applied, the list was read only in part": 1
    }
    assert db.stats().opinions == 1


def test_a_type_error_of_the_caller_is_no_list_error(db: Database, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(UnknownFormatError):
        db.import_file(tmp_path / "x", source="s", salvage=True)


def test_reports_of_records_are_never_incomplete(db: Database) -> None:
    report: ImportReport = db.import_records([record("a")], source="s")
    assert (report.incomplete, report.rejects_file) == (None, None)
