"""Exports of an earlier revision, of what is new since one, and of what another source lacks."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from database.samples import digests, many_records, pdq, photodna, record

from hashmatch.database import Database, ExportFilter, export_formats
from hashmatch.database.exporting import consolidated_records
from hashmatch.errors import ExchangeError, InputError
from hashmatch.exchange import open_reader
from hashmatch.types import Digests, Label

ICSE = "INTERPOL ICSE"


def keys(db: Database, as_of: int | None = None, **where: object) -> list[str]:
    """The digests, as ``digests(...)`` numbers them, of what a filter selects."""
    with db.snapshot(as_of=as_of) as view:
        records = consolidated_records(view, ExportFilter(**where))  # type: ignore[arg-type]
        return sorted(_numbers(record.digests) for record in records)


def _numbers(of: Digests) -> str:
    known = {
        value: f"{name}={number}"
        for number in range(1, 9)
        for name, value in digests(md5=number, sha1=number, sha256=number).items()
    }
    return " ".join(known[value] for _, value in of.items())


@pytest.mark.parametrize("name", ["jsonl", "vics-2.0", "icse-csv"])
def test_a_list_of_an_earlier_revision_is_the_one_of_then(
    db: Database, tmp_path: Path, name: str
) -> None:
    db.import_records(many_records(5), source="s")
    db.export_file(tmp_path / "then", format=name)
    db.import_records([record("x", of=digests(md5=1, sha1=9))], source="t")
    db.import_records(many_records(3), source="s", complete=True)
    report = db.export_file(tmp_path / "again", format=name, as_of=1)
    assert (report.revision, report.media) == (1, 5)
    assert (tmp_path / "again").read_bytes() == (tmp_path / "then").read_bytes()
    assert db.export_file(tmp_path / "now", format=name).media == 4
    with pytest.raises(InputError, match="as_of: expected a revision from 0"):
        db.export_file(tmp_path / "never", format=name, as_of=4)
    assert not (tmp_path / "never").exists()


@pytest.mark.parametrize("name", export_formats())
def test_the_log_has_the_digest_of_the_file(db: Database, tmp_path: Path, name: str) -> None:
    hashes = (pdq(1), photodna(1))
    db.import_records([record("a", hashes=hashes)], source="s")
    path = tmp_path / "out"
    try:
        report = db.export_file(path, format=name, as_of=1)
    except ExchangeError:
        assert not path.exists()  # a format for one video
        return
    content = path.read_bytes()
    assert (report.size, report.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    with db.snapshot() as view:
        (text,) = view.connection.exec_driver_sql(
            "SELECT details FROM audit WHERE action = 'export'"
        ).scalars()
    details = json.loads(text)
    assert {**report.to_dict(), "path": "out"}.items() <= details.items()
    assert details["as_of"] == 1


def test_what_the_sources_said_nothing_about(db: Database) -> None:
    db.import_records([record("1", of=digests(sha1=1)), record("2", of=digests(md5=2))], source="n")
    db.import_records(
        [record("3", of=digests(sha1=3)), record("1", of=digests(sha1=1))], source=ICSE
    )
    db.import_records([record("4", of=digests(sha1=4))], source="n")
    assert keys(db, only_new_since=3) == []
    assert keys(db, only_new_since=2) == ["sha1=4"]
    assert keys(db, only_new_since=1) == ["sha1=3", "sha1=4"]
    assert keys(db, only_new_since=0) == ["md5=2", "sha1=1", "sha1=3", "sha1=4"]
    # Of one source: what it says of media that others knew is new.
    assert keys(db, only_new_since=1, sources=frozenset([ICSE])) == ["sha1=1", "sha1=3"]
    assert keys(db, only_new_since=1, sources=frozenset(["n"])) == ["sha1=4"]
    assert keys(db, only_new_since=0, not_in=frozenset([ICSE])) == ["md5=2", "sha1=4"]
    # As an earlier revision had it.
    assert keys(db, as_of=2, only_new_since=1) == ["sha1=3"]
    with pytest.raises(InputError, match=r"only_new_since: expected at most .* 2, got 3"):
        keys(db, as_of=2, only_new_since=3)
    with pytest.raises(InputError, match=r"only_new_since: expected a revision from 0 .* got 4"):
        keys(db, only_new_since=4)


def test_what_is_said_again_is_not_new(db: Database) -> None:
    first = [record("a", of=digests(sha1=1)), record("h", of=Digests(), hashes=(pdq(1),))]
    db.import_records(first, source="s")
    db.withdraw(source="s", record_key="a")
    db.withdraw(source="s", record_key="h")
    again = [
        record("b", of=digests(md5=1, sha1=1), label=Label.CGI),
        record("i", of=Digests(), hashes=(pdq(1),)),
    ]
    db.import_records(again, source="s")
    assert keys(db, only_new_since=1) == []
    assert len(keys(db, only_new_since=3)) == 2
    # Another source had not said it before.
    assert len(keys(db, only_new_since=1, sources=frozenset(["s"]))) == 0
    db.import_records(again, source="t")
    assert len(keys(db, only_new_since=1, sources=frozenset(["t"]))) == 2


def test_what_was_merged_or_separated_is_not_new(db: Database) -> None:
    parts = [record("m", of=digests(md5=1)), record("s", of=digests(sha1=1))]
    db.import_records(parts, source="s")
    db.import_records([record("both", of=digests(md5=1, sha1=1))], source="t")
    assert keys(db, only_new_since=1) == []
    db.withdraw(source="t", record_key="both")
    assert keys(db) == ["md5=1", "sha1=1"]
    assert keys(db, only_new_since=2) == []


def test_other_bytes_under_a_known_md5_are_new(db: Database) -> None:
    db.import_records([record("a", of=digests(md5=1, sha1=1))], source="s")
    db.import_records([record("b", of=digests(md5=1, sha1=2))], source="s")
    assert keys(db, only_new_since=1) == ["md5=1 sha1=2"]
    # The MD5 alone was a media of its own, and is one still.
    db.import_records([record("c", of=digests(md5=1))], source="s")
    db.import_records([record("d", of=digests(md5=1, sha1=3))], source="s")
    assert keys(db, only_new_since=3) == ["md5=1 sha1=3"]


def test_the_national_media_that_icse_lacks_and_the_link_afterwards(
    db: Database, tmp_path: Path
) -> None:
    """Out for ICSE, in from ICSE, and nothing is left to send."""
    db.import_records([record(f"{n}", of=digests(md5=n, sha1=n)) for n in (1, 2, 3)], source="n")
    db.import_records([record("x", of=digests(md5=1, sha1=1))], source=ICSE)
    where = ExportFilter(not_in=frozenset([ICSE]))
    for name in ("icse-csv", "vics-2.0"):
        report = db.export_file(tmp_path / name, format=name, where=where)
        with open_reader(tmp_path / name) as reader:
            assert sorted(_numbers(item.digests) for item in reader) == [  # type: ignore[union-attr]
                "md5=2 sha1=2",
                "md5=3 sha1=3",
            ]
    sent = report.revision
    db.import_records([record("4", of=digests(md5=4, sha1=4))], source="n")
    later = ExportFilter(not_in=frozenset([ICSE]), only_new_since=sent)
    assert db.export_file(tmp_path / "new", where=later).media == 1
    db.import_file(tmp_path / "icse-csv", source=ICSE)
    assert db.export_file(tmp_path / "rest", where=where).media == 1
