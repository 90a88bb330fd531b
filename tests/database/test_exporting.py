from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from database.samples import digests, many_records, pdq, photodna, record

from hashmatch.database import Database, ExportFilter, open_database
from hashmatch.database.exporting import consolidated_records
from hashmatch.errors import DatabaseError, ExchangeError, InputError
from hashmatch.exchange import open_reader, sort_key
from hashmatch.types import HashRecord, HashValue, Label, MediaKind


def records(db: Database, where: ExportFilter | None = None) -> list[HashRecord]:
    with db.snapshot() as view:
        return list(consolidated_records(view, where or ExportFilter()))


def read(path: Path) -> list[HashRecord]:
    with open_reader(path) as reader:
        found = list(reader)
    assert all(isinstance(item, HashRecord) for item in found)
    return [item for item in found if isinstance(item, HashRecord)]


@pytest.fixture
def full(db: Database) -> Database:
    """Two sources that agree on some media and disagree on one."""
    db.import_records(
        [
            record("1", of=digests(md5=1), label=Label.NON_PERTINENT, hashes=(pdq(1, None),)),
            record("2", of=digests(md5=2, sha1=2), opinion={"series": ("A", "B")}),
            record("3", of=digests(), hashes=(pdq(3),)),
        ],
        source="hotline",
    )
    db.import_records(
        [
            record(
                "x",
                of=digests(md5=1, sha1=1),
                hashes=(pdq(1, 90), photodna(1)),
                size=10,
                kind=MediaKind.IMAGE,
                opinion={"baseline": True, "tags": ("t",), "series": ("B", "C")},
                extra={"VendorField": '"v"', "PrecategorizationSource": '"older"'},
            ),
            record("y", of=digests(sha1=4, sha256=4), label=Label.CGI),
        ],
        source="police",
    )
    return db


def test_one_record_for_each_media_in_the_writers_order(full: Database) -> None:
    found = records(full)
    assert len(found) == full.stats().media == 4
    assert [sort_key(r) for r in found] == sorted(sort_key(r) for r in found)
    assert [r.position for r in found] == [1, 2, 3, 4]


def test_order_holds_for_many(db: Database) -> None:
    db.import_records(many_records(1500), source="s")
    db.import_records(
        (record(f"{n}", of=digests(), hashes=(pdq(n),)) for n in range(300)), source="s"
    )
    keys = [sort_key(r) for r in records(db)]
    assert len(keys) == 1800
    assert keys == sorted(keys)


def test_a_record_is_consolidated(full: Database) -> None:
    (found,) = (r for r in records(full) if r.digests.md5 == digests(md5=1).md5)
    assert found.digests == digests(md5=1, sha1=1)
    assert found.record_key == f"md5:{found.digests.md5}"
    assert found.opinion.label is Label.CSAM
    assert found.opinion.baseline is True
    assert found.opinion.tags == ("t",)
    assert found.opinion.series == ("B", "C")
    assert (found.size, found.kind) == (10, MediaKind.IMAGE)
    assert set(found.hashes) == {pdq(1, 90), photodna(1)}  # one value once, best quality
    assert found.extra == {
        "VendorField": '"v"',
        "PrecategorizationSource": '"hotline, police"',
    }


def test_facts_of_less_severe_opinions_fill_the_gaps(db: Database) -> None:
    db.import_records([record("a", opinion={"distributed": False})], source="a")
    db.import_records(
        [
            record(
                "b",
                label=Label.CGI,
                opinion={"distributed": True, "victim_identified": False, "series": ("S",)},
            )
        ],
        source="b",
    )
    (found,) = records(db)
    assert found.opinion.label is Label.CSAM
    assert found.opinion.distributed is False  # the most severe opinion's own word
    assert found.opinion.victim_identified is False
    assert found.opinion.series == ("S",)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (ExportFilter(), {"md5:1", "md5:2", "sha1:4", "hash"}),
        (ExportFilter(sources=frozenset(("police",))), {"md5:1", "sha1:4"}),
        (ExportFilter(not_in=frozenset(("police",))), {"md5:2", "hash"}),
        (ExportFilter(labels=frozenset((Label.CGI,))), {"sha1:4"}),
        (ExportFilter(labels=frozenset((Label.NON_PERTINENT,))), set()),
        (
            ExportFilter(sources=frozenset(("hotline",)), labels=frozenset((Label.NON_PERTINENT,))),
            {"md5:1"},
        ),
        (ExportFilter(baseline=True), {"md5:1"}),
        (ExportFilter(baseline=False), set()),
        (ExportFilter(labels=frozenset()), set()),
        (ExportFilter(sources=frozenset()), set()),
    ],
)
def test_filters(full: Database, where: ExportFilter, expected: set[str]) -> None:
    names = {
        digests(md5=1).md5: "md5:1",
        digests(md5=2).md5: "md5:2",
        digests(sha1=4).sha1: "sha1:4",
        None: "hash",
    }
    found = records(full, where)
    assert {names[r.digests.md5 or r.digests.sha1] for r in found} == expected


def test_a_source_filter_exports_nothing_that_others_said(full: Database) -> None:
    found = records(full, ExportFilter(sources=frozenset(("hotline",))))
    (one,) = (r for r in found if r.digests.md5 == digests(md5=1).md5)
    assert one.opinion.label is Label.NON_PERTINENT
    assert one.opinion.baseline is None
    assert one.hashes == (HashValue("pdq", pdq(1).value, None),)
    assert one.extra == {"PrecategorizationSource": '"hotline"'}


def test_withdrawn_opinions_are_not_exported(full: Database) -> None:
    full.withdraw(source="police", record_key="x")
    (found,) = (r for r in records(full) if r.digests.md5 == digests(md5=1).md5)
    assert found.digests == digests(md5=1)
    assert found.opinion.label is Label.NON_PERTINENT
    assert [h.algorithm for h in found.hashes] == ["pdq"]


def test_export_import_export_is_byte_identical(full: Database, tmp_path: Path) -> None:
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    report = full.export_file(first)
    assert (report.media, report.revision, report.format) == (4, 2, "vics-2.0")
    # A media without MD5 and SHA-1 has no place in VICS: counted, not lost silently.
    assert (report.ledger.seen, report.ledger.done, report.ledger.rejected) == (4, 3, 1)
    assert len(read(first)) == 3
    sources = {json.loads(r.extra["PrecategorizationSource"]) for r in read(first)}
    assert sources == {"hotline", "police", "hotline, police"}
    with open_database(tmp_path / "other.db", create=True) as other:
        imported = other.import_file(first, source="national")
        assert (imported.accepted, imported.format) == (3, "vics-2.0")
        other.export_file(second)
        third = tmp_path / "3.json"
        with open_database(tmp_path / "third.db", create=True) as last:
            last.import_file(second, source="national", complete=True)
            last.export_file(third)
    assert third.read_bytes() == second.read_bytes()


def test_an_export_is_logged_and_a_second_one_needs_overwrite(
    full: Database, tmp_path: Path
) -> None:
    path = tmp_path / "out.json"
    full.export_file(path, actor="me", where=ExportFilter(labels=frozenset((Label.CSAM,))))
    with full.snapshot() as view:
        entry = view.connection.exec_driver_sql(
            "SELECT actor, action, revision, details FROM audit ORDER BY seq DESC LIMIT 1"
        ).one()
    assert tuple(entry[:3]) == ("me", "export", 2)
    details = json.loads(entry[3])
    assert (details["media"], details["path"]) == (3, "out.json")
    assert details["where"]["labels"] == ["csam"]
    with pytest.raises(ExchangeError):
        full.export_file(path)
    full.export_file(path, overwrite=True)
    assert full.verify_audit() == 5
    assert full.revision == 2


def test_an_export_that_cannot_be_logged_leaves_no_file(
    full: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(full, "record_audit", fail)
    with pytest.raises(DatabaseError, match="disk full"):
        full.export_file(tmp_path / "out.json")
    assert not (tmp_path / "out.json").exists()


def test_a_read_only_database_exports_nothing(full: Database, path: Path, tmp_path: Path) -> None:
    with (
        open_database(path, read_only=True) as reader,
        pytest.raises(DatabaseError, match="read-only"),
    ):
        reader.export_file(tmp_path / "out.json")
    assert not (tmp_path / "out.json").exists()


@pytest.mark.parametrize("field", ["sources", "not_in"])
def test_an_unknown_source_is_an_error(full: Database, tmp_path: Path, field: str) -> None:
    where = ExportFilter(**{field: frozenset(("polcie",))})  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"'hotline', 'police'.*'polcie'"):
        full.export_file(tmp_path / "out.json", where=where)


def test_a_filter_checks_its_words() -> None:
    with pytest.raises(InputError, match="'legal' is not a valid Label"):
        ExportFilter(labels=frozenset(("legal",)))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="sources"):
        ExportFilter(sources="police")  # type: ignore[arg-type]
    words = ExportFilter(labels=frozenset(("csam",)))  # type: ignore[arg-type]
    assert words == ExportFilter(labels=frozenset((Label.CSAM,)))


def test_records_are_streamed(db: Database) -> None:
    db.import_records(many_records(2500), source="s")
    with db.snapshot() as view:
        stream: Iterator[HashRecord] = consolidated_records(view, ExportFilter())
        first = next(stream)
        db.import_records(many_records(2600), source="t")
        rest = list(stream)
    assert len({r.record_key for r in (first, *rest)}) == 2500
