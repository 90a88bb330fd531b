from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from database.samples import digest, digests, many_records, pdq, photodna, record

from hashmatch.database import Database, ImportProgress, open_database
from hashmatch.database.batches import BATCH
from hashmatch.database.refusals import MAX_STORED_REJECTS
from hashmatch.database.report import MAX_REASONS, OTHER_REASON
from hashmatch.errors import DatabaseError, ExchangeError, InputError
from hashmatch.types import Digests, HashRecord, HashValue, Label, MediaKind, Reject


def whole(position: int, reason: str = "no usable hash", raw: str = "x") -> Reject:
    return Reject(position, None, reason, raw, True)


def rows(db: Database, sql: str) -> list[tuple[object, ...]]:
    with db.snapshot() as view:
        return [tuple(row) for row in view.connection.exec_driver_sql(sql)]


def content(db: Database) -> list[tuple[object, ...]]:
    """Everything the database says, without ids of imports."""
    return rows(
        db,
        "SELECT source.name, record_key, content_digest, media_id, withdrawn_reason, "
        "withdrawn_revision FROM opinion JOIN source ON source.id = source_id ORDER BY opinion.id",
    )


def test_importing_twice_changes_nothing(db: Database) -> None:
    first = db.import_records(many_records(30), source="s")
    before = content(db), db.stats()
    second = db.import_records(many_records(30), source="s", complete=True)
    assert (first.added, first.unchanged, first.revision) == (30, 0, 1)
    assert (second.added, second.unchanged, second.revision) == (0, 30, 1)
    assert (second.superseded, second.withdrawn, second.merged) == (0, 0, 0)
    assert content(db) == before[0]
    after = db.stats()
    assert (after.snapshots, before[1].snapshots) == (2, 1)
    assert after.media == before[1].media == 30
    assert db.revision == 1
    assert db.verify_audit() == 3  # init, import, import
    assert rows(db, "SELECT revision, seen, added, unchanged FROM snapshot ORDER BY id") == [
        (1, 30, 30, 0),
        (1, 30, 0, 30),
    ]


def test_order_of_records_hashes_and_extra_does_not_matter(db: Database) -> None:
    one = record("a", hashes=(pdq(1), photodna(2)), extra={"x": "1", "y": "2"})
    same = record("a", hashes=(photodna(2), pdq(1), pdq(1)), extra={"y": "2", "x": "1"})
    db.import_records([one, record("b")], source="s")
    report = db.import_records([record("b"), same], source="s", complete=True)
    assert (report.added, report.unchanged, report.withdrawn) == (0, 2, 0)


def test_every_stated_field_is_content(db: Database) -> None:
    variants: list[HashRecord] = [
        record("k"),
        record("k", of=digests(md5=1, sha1=1, sha256=1)),
        record("k", label=Label.CGI),
        record("k", hashes=(pdq(1),)),
        record("k", hashes=(pdq(1, quality=60),)),
        record("k", hashes=(pdq(1, quality=None),)),
        record("k", kind=MediaKind.IMAGE),
        record("k", mime="image/png"),
        record("k", size=0),
        record("k", size=1),
        record("k", extra={"a": ""}),
        record("k", extra={"": "a"}),
        *(
            record("k", opinion=fields)
            for fields in (
                {"scheme": "other"},
                {"raw_category": None},
                {"raw_category": ""},
                {"baseline": True},
                {"baseline": False},
                {"victim_identified": True},
                {"distributed": True},
                {"file_available": False},
                {"submissions": 1},
                {"submissions": 0},
                {"series": ("a,b",)},
                {"series": ("a", "b")},
                {"tags": ("a", "b")},
                {"updated_raw": "2023"},
            )
        ),
    ]
    report = db.import_records(variants, source="s")
    assert (report.added, report.unchanged) == (len(variants), 0)


def test_repeated_keys_in_one_file_all_stay(db: Database) -> None:
    report = db.import_records(
        [record("k", label=Label.NON_PERTINENT), record("k"), record("k")], source="s"
    )
    assert (report.seen, report.added, report.unchanged, report.superseded) == (3, 2, 1, 0)
    with db.snapshot() as view:
        (media,) = view.media_by_digests(digests(md5=1))
    assert [o.opinion.label for o in media.opinions] == [Label.CSAM, Label.NON_PERTINENT]
    assert not media.conflict  # one source


def test_a_changed_category_supersedes(db: Database) -> None:
    db.import_records([record("a"), record("b", of=digests(md5=2))], source="s")
    report = db.import_records([record("a", label=Label.NON_PERTINENT)], source="s")
    assert (report.added, report.superseded, report.withdrawn) == (1, 1, 0)
    assert report.merged == 1
    with db.snapshot() as view:
        (media,) = view.media_by_digests(digests(md5=1))
    assert media.label is Label.NON_PERTINENT
    withdrawn = rows(
        db, "SELECT record_key, withdrawn_revision FROM opinion WHERE withdrawn_reason='superseded'"
    )
    assert withdrawn == [("a", 2)]


def test_sources_do_not_supersede_each_other(db: Database) -> None:
    db.import_records([record("a")], source="s")
    report = db.import_records([record("a", label=Label.CGI)], source="t", complete=True)
    assert (report.superseded, report.withdrawn) == (0, 0)
    assert db.stats().by_source == {"s": 1, "t": 1}


def test_a_statement_can_come_back(db: Database) -> None:
    for label in (Label.CSAM, Label.CGI, Label.CSAM):
        db.import_records([record("a", label=label, hashes=(pdq(1),))], source="s")
    stats = db.stats()
    assert (stats.opinions, stats.withdrawn, stats.media) == (1, 2, 1)
    assert stats.by_label == {"csam": 1}


def test_only_a_complete_list_withdraws_what_it_lacks(db: Database) -> None:
    two = [record("a"), record("b", of=digests(md5=2))]
    db.import_records(two, source="s")
    partial = db.import_records(two[:1], source="s")
    assert (partial.withdrawn, partial.revision) == (0, 1)
    complete = db.import_records(two[:1], source="s", complete=True)
    assert (complete.withdrawn, complete.superseded, complete.revision) == (1, 0, 2)
    with db.snapshot() as view:
        assert view.media_by_digests(digests(md5=2)) == []
    again = db.import_records(two, source="s", complete=True)
    assert (again.added, again.unchanged) == (1, 1)
    assert rows(db, "SELECT complete FROM source") == [(1,)]


def test_a_complete_list_may_be_empty_but_not_unreadable(db: Database) -> None:
    db.import_records([record("a")], source="s")
    with pytest.raises(DatabaseError, match="expected records, got 2 rejects only"):
        db.import_records([whole(1), whole(2)], source="s", complete=True)
    assert (db.revision, db.stats().snapshots) == (1, 1)
    assert db.import_records([], source="s", complete=True).withdrawn == 1
    assert db.stats().media == 0


@pytest.mark.parametrize("at", [0, 3, BATCH + 7])
def test_an_error_in_the_stream_leaves_the_database_as_it_was(db: Database, at: int) -> None:
    db.import_records([record("a")], source="s")
    before = content(db), db.stats()

    def broken() -> Iterator[HashRecord]:
        yield from many_records(at)
        raise ExchangeError("cut short")

    with pytest.raises(ExchangeError, match="cut short"):
        db.import_records(broken(), source="new", complete=True)
    assert (content(db), db.stats()) == before
    assert db.revision == 1
    assert db.verify_audit() == 2
    assert db.import_records(many_records(at), source="s").added == at


def test_counts_always_add_up(db: Database) -> None:
    refused_field = Reject(2, "PhotoDNA", "photodna length", "AAAA", False)
    report = db.import_records(
        [
            record("a"),
            record("b", of=digests(md5=2), rejects=(refused_field,)),
            whole(3),
            whole(4, "zero-size media"),
            refused_field,
            record("e", of=Digests()),
        ],
        source="s",
    )
    assert (report.seen, report.accepted, report.rejected, report.field_rejects) == (5, 2, 3, 2)
    assert report.reject_reasons == {
        "no usable hash": 2,
        "zero-size media": 1,
        "photodna length": 2,
    }
    assert (report.ledger.seen, report.ledger.done, report.ledger.rejected) == (5, 2, 3)
    assert report.to_dict()["accepted"] == 2
    stored = rows(db, "SELECT position, record_key, field, reason, raw FROM reject ORDER BY id")
    assert stored == [
        (2, "b", "PhotoDNA", "photodna length", "AAAA"),
        (3, None, None, "no usable hash", "x"),
        (4, None, None, "zero-size media", "x"),
        (2, None, "PhotoDNA", "photodna length", "AAAA"),
        (1, None, None, "no usable hash", "e"),
    ]


def test_stored_rejects_and_reasons_are_bounded(db: Database) -> None:
    count = MAX_STORED_REJECTS + 5
    report = db.import_records(
        (whole(n, f"reason {n}", "y" * 10_000) for n in range(count)), source="s"
    )
    assert report.rejected == count
    assert len(report.reject_reasons) == MAX_REASONS + 1
    assert report.reject_reasons[OTHER_REASON] == count - MAX_REASONS
    assert len(report.ledger.reasons) == MAX_REASONS + 1
    assert rows(db, "SELECT count(*), max(length(raw)) FROM reject") == [(MAX_STORED_REJECTS, 501)]


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("md5", "00" * 16, "md5 of nothing"),
        ("sha1", "ff" * 20, "sha1 of nothing"),
        ("md5", "d41d8cd98f00b204e9800998ecf8427e", "md5 of nothing"),
        ("sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "sha1 of nothing"),
        (
            "sha256",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "sha256 of nothing",
        ),
        ("md5", "12", "md5 length"),
        ("md5", " " + digest("md5", 3) + " ", "md5 length"),
        ("md5", "xy" * 16, "md5 is not hex"),
    ],
)
def test_digests_that_identify_nothing_are_refused(
    db: Database, field: str, value: str, reason: str
) -> None:
    bad = Digests(**{field: value})
    kept = Digests(**{"md5": digest("md5", 1), "sha1": digest("sha1", 1), field: value})
    report = db.import_records([record("a", of=bad), record("b", of=kept)], source="s")
    assert (report.accepted, report.rejected) == (1, 1)
    assert report.reject_reasons[reason] == 1
    with db.snapshot() as view:
        (media,) = view.media_by_digests(digests(md5=1, sha1=1))
    assert getattr(media.digests, field) is None


@pytest.mark.parametrize("number", [-1, 2**63, 2**20_000], ids=["negative", "2^63", "2^20000"])
def test_numbers_that_no_column_holds_are_refused_by_name(db: Database, number: int) -> None:
    report = db.import_records(
        [record("a", size=number, opinion={"submissions": number}, hashes=(pdq(1, number),))],
        source="s",
    )
    assert report.accepted == 1
    assert report.reject_reasons == {
        "size out of range": 1,
        "submissions out of range": 1,
        "quality out of range": 1,
    }
    stored = rows(db, "SELECT size, submissions, quality FROM opinion JOIN hash ON true")
    assert stored == [(None, None, None)]


def test_low_information_is_stored_flagged_and_counted(db: Database) -> None:
    exact = pdq(1).value
    fewest, too_few = (((1 << weight) - 1).to_bytes(32, "big") for weight in (96, 95))
    most, too_many = (((1 << weight) - 1).to_bytes(32, "big") for weight in (160, 161))
    hashes = (
        HashValue("pdq", exact, 49),
        HashValue("pdq", bytes(32), 100),
        HashValue("pdq", b"\xff" * 32),
        HashValue("pdq", too_few),
        HashValue("pdq", too_many),
        HashValue("photodna", bytes(144)),
    )
    good = (HashValue("pdq", exact, 50), HashValue("pdq", pdq(2).value), photodna(1))
    report = db.import_records(
        [
            record("a", hashes=hashes),
            record("b", of=digests(md5=2), hashes=good),
            record(
                "c",
                of=digests(md5=3),
                hashes=(
                    HashValue("pdq", fewest),
                    HashValue("pdq", most),
                    HashValue("pdq", too_few, 50),
                ),
            ),
        ],
        source="s",
    )
    assert report.not_matchable == 6
    assert report.not_matchable_reasons == {
        "pdq: low quality": 1,
        "pdq: constant value": 2,
        "pdq: bit weight": 2,
        "photodna: constant value": 1,
    }
    counts = db.stats().hashes
    assert counts["pdq"].matchable == 5
    assert counts["pdq"].not_matchable == {"low quality": 1, "constant value": 2, "bit weight": 2}
    assert counts["photodna"].matchable == 1


def test_one_value_keeps_its_best_quality(db: Database) -> None:
    db.import_records(
        [record("a", hashes=(pdq(1, None), pdq(1, 80), pdq(1, 60), pdq(1, None)))], source="s"
    )
    assert rows(db, "SELECT quality, matchable FROM hash") == [(80, 1)]


def test_progress_is_reported_by_batch(db: Database) -> None:
    steps: list[ImportProgress] = []
    db.import_records(many_records(BATCH + 1), source="s", on_progress=steps.append)
    assert [step.seen for step in steps] == [BATCH, BATCH + 1]
    assert steps[0].total_bytes is None


@pytest.mark.parametrize("source", ["", "  "])
def test_a_source_needs_a_name(db: Database, source: str) -> None:
    with pytest.raises(InputError, match="source"):
        db.import_records([record()], source=source)


def test_withdraw_takes_all_of_a_key(db: Database) -> None:
    db.import_records([record("a"), record("a", label=Label.CGI), record("b")], source="s")
    db.import_records([record("a")], source="t")
    assert db.withdraw(source="s", record_key="a", reason="court order", actor="me") == 2
    assert db.revision == 3
    assert db.withdraw(source="s", record_key="a") == 0
    assert db.revision == 3
    assert db.stats().by_source == {"s": 1, "t": 1}
    with pytest.raises(InputError, match="'nobody'"):
        db.withdraw(source="nobody", record_key="a")
    assert db.verify_audit() == 5
    details = rows(db, "SELECT actor, action, revision, details FROM audit WHERE seq = 4")
    assert details == [
        (
            "me",
            "withdraw",
            3,
            '{"reason":"court order","record_key":"a","source":"s","withdrawn":2}',
        )
    ]


def test_a_withdrawn_key_that_is_imported_again_is_active_again(db: Database) -> None:
    db.import_records([record("a")], source="s")
    db.withdraw(source="s", record_key="a")
    report = db.import_records([record("a")], source="s")
    assert (report.added, report.merged, db.stats().media) == (1, 0, 1)


def test_two_handles_see_each_others_commits(db: Database, path: Path) -> None:
    with open_database(path) as other:
        other.import_records([record("a")], source="s")
        assert db.revision == 1
        assert db.stats().by_source == {"s": 1}
