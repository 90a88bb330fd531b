"""One database in every format that is written: all accounted for, the same bytes every time."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from database.samples import digests, pdq, photodna, record
from golden_lists import GOLDEN_LISTS

from hashmatch.database import Database, ExportFilter, export_formats, open_database
from hashmatch.errors import DatabaseError, ExchangeError, InputError
from hashmatch.exchange import open_reader
from hashmatch.exchange.formats import is_read
from hashmatch.types import HashRecord, Label, MediaKind

FORMATS = export_formats()
ONE_VIDEO = ("tmk", "vpdq-json", "vpdq-text")
GOLDEN = {golden.path: golden for golden in GOLDEN_LISTS}
VIDEO = tuple(replace(pdq(50 + n, 60 + n), frame=n, time_s=n * 0.5) for n in range(4))

HOTLINE: list[HashRecord] = [
    record("1", of=digests(md5=1), label=Label.NON_PERTINENT, hashes=(pdq(1, None),)),
    record("2", of=digests(md5=2, sha1=2, sha256=2), opinion={"series": ("A", "=B")}),
    record("3", of=digests(), hashes=(pdq(3),), extra={"x": "\ud800"}),
    record("v", of=digests(md5=5, sha1=5), hashes=VIDEO, kind=MediaKind.VIDEO, mime="video/mp4"),
]
POLICE: list[HashRecord] = [
    record(
        "x",
        of=digests(md5=1, sha1=1),
        hashes=(pdq(1, 90), photodna(1)),
        size=10,
        kind=MediaKind.IMAGE,
        opinion={"baseline": True, "tags": ("t", "@u"), "updated_raw": "2023-06-07"},
        extra={"VendorField": '"v"'},
    ),
    record("y", of=digests(sha1=4, sha256=4), label=Label.CGI),
    record("z", of=digests(md5=1, sha1=9), label=Label.KNOWN_IGNORABLE),
    record("w", of=digests(sha256=7), label=Label.UNCATEGORIZED),
]


def fill(db: Database, *, backwards: bool = False) -> Database:
    lists = [("hotline", HOTLINE), ("police", POLICE)]
    for source, items in lists[::-1] if backwards else lists:
        db.import_records(items[::-1] if backwards else items, source=source)
    return db


@pytest.fixture
def full(db: Database) -> Database:
    return fill(db)


@pytest.fixture
def tmk(db: Database) -> Database:
    db.import_file(GOLDEN["tmk/small.tmk"].file, source="s")
    return db


def choose(format: str, full: Database) -> Database:
    """For TMK there has to be a whole fingerprint, which only its own files bring."""
    if format == "tmk":
        full.import_file(GOLDEN["tmk/small.tmk"].file, source="videos")
    return full


def test_there_is_something_to_test() -> None:
    assert {"vics-1.3", "vics-2.0", "icse-csv", "jsonl", "tsk-kdb", *ONE_VIDEO} <= set(FORMATS)
    assert sorted(FORMATS) == list(FORMATS)


@pytest.mark.parametrize("format", FORMATS)
def test_a_database_goes_out_in_every_format(full: Database, tmp_path: Path, format: str) -> None:
    db = choose(format, full)
    path = tmp_path / "out"
    report = db.export_file(path, format=format)
    ledger = report.ledger
    assert report.media == ledger.seen == db.stats().media
    assert ledger.seen == ledger.done + ledger.rejected
    assert ledger.done >= 1
    assert (ledger.low_information, ledger.failed) == (0, 0)
    refused = sum(n for (outcome, _), n in ledger.reasons.items() if outcome == "rejected")
    assert refused == ledger.rejected
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    if format in ONE_VIDEO:
        assert ledger.done == 1
    with db.snapshot() as view:
        details = json.loads(
            view.connection.exec_driver_sql(
                "SELECT details FROM audit ORDER BY seq DESC LIMIT 1"
            ).scalar_one()
        )
    assert (details["format"], details["path"], details["media"]) == (format, "out", report.media)


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_content_gives_the_same_bytes(full: Database, tmp_path: Path, format: str) -> None:
    db = choose(format, full)
    for name in ("one", "two"):
        db.export_file(tmp_path / name, format=format)
    # A database that was filled in another order.
    with open_database(tmp_path / "other.db", create=True) as other:
        choose(format, fill(other, backwards=True)).export_file(tmp_path / "three", format=format)
    contents = {(tmp_path / name).read_bytes() for name in ("one", "two", "three")}
    assert len(contents) == 1


@pytest.mark.parametrize("format", [name for name in FORMATS if is_read(name)])
def test_what_goes_out_comes_in_again(full: Database, tmp_path: Path, format: str) -> None:
    db = choose(format, full)
    report = db.export_file(tmp_path / "out", format=format)
    with open_reader(tmp_path / "out", format=format) as reader:
        found = [item for item in reader if isinstance(item, HashRecord)]
    assert len(found) >= report.ledger.done
    with db.snapshot() as view:
        for item in found:
            for name, value in item.digests.items():
                assert view.media_by_digests(replace(digests(), **{name: value}))
    with open_database(tmp_path / "other.db", create=True) as other:
        imported = other.import_file(tmp_path / "out", source="s", format=format)
    assert (imported.accepted, imported.rejected) == (len(found), 0)


def test_frames_go_out_to_vpdq(full: Database, tmp_path: Path) -> None:
    for format in ("vpdq-json", "vpdq-text"):
        full.export_file(tmp_path / format, format=format)
        with open_reader(tmp_path / format) as reader:
            (found,) = reader
        assert isinstance(found, HashRecord)
        assert [(h.value, h.quality, h.time_s) for h in found.hashes] == [
            (h.value, h.quality, h.time_s) for h in VIDEO
        ]
        if format == "vpdq-text":
            assert [h.frame for h in found.hashes] == [h.frame for h in VIDEO]


def test_a_tmk_file_comes_out_as_it_went_in(tmk: Database, tmp_path: Path) -> None:
    tmk.export_file(tmp_path / "out", format="tmk")
    assert (tmp_path / "out").read_bytes() == GOLDEN["tmk/small.tmk"].file.read_bytes()


@pytest.mark.parametrize("format", FORMATS)
def test_a_database_without_content(db: Database, tmp_path: Path, format: str) -> None:
    path = tmp_path / "out"
    if format in ONE_VIDEO:
        with pytest.raises(ExchangeError, match="expected a record with"):
            db.export_file(path, format=format)
        assert not path.exists()
        assert db.verify_audit() == 1
        return
    assert db.export_file(path, format=format).ledger.seen == 0
    assert path.exists()


@pytest.mark.parametrize("format", FORMATS)
def test_options_that_a_format_lacks_are_named(full: Database, tmp_path: Path, format: str) -> None:
    before = full.verify_audit()
    with pytest.raises(InputError, match=rf"no_such_option.*{format}"):
        full.export_file(tmp_path / "out", format=format, no_such_option=1)
    if not format.startswith("vics-"):
        with pytest.raises(InputError, match=rf"^region: .*{format}"):
            full.export_file(tmp_path / "out", format=format, region="US")
    assert list(tmp_path.glob("*out*")) == []
    assert full.verify_audit() == before


@pytest.mark.parametrize(
    ("format", "options"),
    [
        ("vpdq-text", {"layout": "vpdq-json"}),
        ("sha1-list", {"digest": "md5"}),
        ("vics-2.0", {"region": "no/such"}),
        ("threatexchange-simple", {"hash_type": "nonsense"}),
        ("nonsense", {}),
        ("nsrl-rds3", {}),
    ],
)
def test_wrong_formats_and_values(
    full: Database, tmp_path: Path, format: str, options: dict[str, Any]
) -> None:
    with pytest.raises(InputError):
        full.export_file(tmp_path / "out", format=format, **options)
    assert not (tmp_path / "out").exists()


def test_options_reach_the_writer(full: Database, tmp_path: Path) -> None:
    full.export_file(tmp_path / "us", region="US")
    assert b"2.0.xml/US/$metadata" in (tmp_path / "us").read_bytes()
    full.export_file(tmp_path / "pdq", format="threatexchange-simple", hash_type="pdq")
    assert pdq(3).hex in (tmp_path / "pdq").read_text()
    full.export_file(tmp_path / "extra")
    assert b"2.0.xml/Default/$metadata" in (tmp_path / "extra").read_bytes()
    assert b"VendorField" in (tmp_path / "extra").read_bytes()
    full.export_file(tmp_path / "plain", extra=False)
    assert b"VendorField" not in (tmp_path / "plain").read_bytes()


def test_an_error_inside_a_writer_is_not_taken_for_an_option(
    full: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise TypeError("unhashable")

    monkeypatch.setattr("hashmatch.exchange.open_writer", broken)
    with pytest.raises(TypeError, match="unhashable"):
        full.export_file(tmp_path / "out", region="US")


@pytest.mark.parametrize("format", ["jsonl", "vics-2.0", "icse-csv", "case-uco-1.4"])
def test_nothing_that_is_never_kept_goes_out(db: Database, tmp_path: Path, format: str) -> None:
    """A case with contacts, paths and pictures: imported, then exported."""
    for name in ("vics_1_1_cases.json", "vics_2_0_cases.json"):
        db.import_file(GOLDEN[name].file, source=name)
    db.export_file(tmp_path / "out", format=format)
    text = (tmp_path / "out").read_text().lower()
    for word in ("miniature", "contact", "examiner", "\\\\users", "gps"):
        assert word not in text, word


def test_a_filter_and_a_failing_log(full: Database, tmp_path: Path) -> None:
    where = ExportFilter(labels=frozenset((Label.CGI,)))
    report = full.export_file(tmp_path / "out", format="jsonl", where=where)
    assert (report.media, report.ledger.done) == (1, 1)
    full.close()
    with pytest.raises(DatabaseError, match="closed"):
        full.export_file(tmp_path / "two", format="jsonl")
    assert not (tmp_path / "two").exists()
