"""Known software that another list calls illegal, and one MD5 of two files: decided, and told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from database.samples import digest, digests, record
from golden_lists import GOLDEN_LISTS

from hashmatch.database import Database
from hashmatch.database.contradictions import _ANY_KNOWN, _OF_STATED
from hashmatch.exchange import open_reader
from hashmatch.types import Deletion, Digests, HashRecord, Label

GOLDEN = {golden.path: golden for golden in GOLDEN_LISTS}
KNOWN, CSAM = Label.KNOWN_IGNORABLE, Label.CSAM


def label_of(db: Database, of: Digests) -> Label | None:
    with db.snapshot() as view:
        (media,) = view.media_by_digests(of)
    return media.label


def national(path: Path, records: list[HashRecord]) -> Path:
    """A VICS 2.0 set with these digests in category 1."""
    media = [
        {"MediaID": n, "Category": 1, "MD5": r.digests.md5, "SHA1": r.digests.sha1, "MediaSize": 3}
        for n, r in enumerate(records, start=1)
    ]
    context = (
        "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/$metadata#Media"
    )
    path.write_text(json.dumps({"@odata.context": context, "value": media}))
    return path


@pytest.mark.parametrize("name", ["vics_1_2_nist_caid.json", "nsrl/rds2.txt", "nsrl/minimal.db"])
@pytest.mark.parametrize("known_first", [True, False])
def test_illegal_wins_over_the_lists_of_known_files(
    db: Database, tmp_path: Path, name: str, known_first: bool
) -> None:
    with open_reader(GOLDEN[name].file) as reader:
        known = [item for item in reader if isinstance(item, HashRecord)]
    assert {item.opinion.label for item in known} == {KNOWN}
    shared = known[0]
    other = record("x", of=digests(md5=500, sha1=500))
    files = [GOLDEN[name].file, national(tmp_path / "vic", [shared, other])]
    first, second = (
        db.import_file(file, source=file.name) for file in (files if known_first else files[::-1])
    )
    assert (first.known_conflicts, second.known_conflicts) == (0, 1)
    assert label_of(db, shared.digests) is CSAM
    # Met again by either list, though nothing is new.
    for file in files:
        again = db.import_file(file, source=file.name)
        assert (again.added, again.known_conflicts) == (0, 1)


@pytest.mark.parametrize("label", list(Label))
@pytest.mark.parametrize("baseline", [None, False, True])
@pytest.mark.parametrize("known_first", [True, False])
def test_what_contradicts_known(
    db: Database, label: Label, baseline: bool | None, known_first: bool
) -> None:
    said = record("a", label=label, opinion={"baseline": baseline})
    lists = [("known", record("k", label=KNOWN)), ("other", said)]
    for source, item in lists if known_first else lists[::-1]:
        report = db.import_records([item], source=source)
    illegal = baseline is True or label in (Label.CSAM, Label.EXPLOITIVE, Label.CGI)
    assert report.known_conflicts == int(illegal)
    assert report.to_dict()["known_conflicts"] == int(illegal)
    if label is not KNOWN:
        assert label_of(db, digests(md5=1)) is label


def test_both_in_one_list(db: Database) -> None:
    both = [record("a", label=KNOWN), record("b"), record("c"), record("d", of=digests(md5=2))]
    assert db.import_records(both, source="s").known_conflicts == 1
    assert db.import_records(both, source="s").known_conflicts == 1


def test_only_conflicts_of_this_import_count(db: Database) -> None:
    known = [record(f"{n}", of=digests(md5=n), label=KNOWN) for n in range(4)]
    db.import_records(known, source="k")
    first = db.import_records([record("0", of=digests(md5=0)), record("1")], source="s")
    assert first.known_conflicts == 2
    second = db.import_records([record("2", of=digests(md5=2))], source="t")
    assert second.known_conflicts == 1
    nothing = db.import_records([record("9", of=digests(md5=9))], source="s")
    assert nothing.known_conflicts == 0


def test_what_is_withdrawn_or_replaced_contradicts_nothing(db: Database) -> None:
    db.import_records([record("k", label=KNOWN)], source="k")
    db.import_records([record("a")], source="s")
    gone = db.import_records([record("k", of=digests(md5=3), label=KNOWN)], source="k")
    assert (gone.superseded, gone.known_conflicts) == (1, 0)
    assert db.import_records([record("a")], source="s").known_conflicts == 0
    back = db.import_records([record("k", label=KNOWN)], source="k")
    assert back.known_conflicts == 1
    ended = db.import_records([Deletion("k", 1, "gone", "")], source="k")
    assert (ended.superseded, ended.known_conflicts) == (1, 0)


def test_the_count_reads_no_whole_table(db: Database) -> None:
    """An import of one page must not cost a walk over millions of statements."""
    db.import_records([record("k", label=KNOWN)], source="k")
    with db._store.writing() as connection:
        connection.exec_driver_sql("CREATE TEMPORARY TABLE import_confirmed (opinion_id BIGINT)")
        for sql, bound in ((_ANY_KNOWN, ()), (_OF_STATED, (1,))):
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", bound)
            steps = [str(row[3]) for row in rows]
            walks = [step.split()[1] for step in steps if step.startswith("SCAN")]
            assert set(walks) <= {"CONSTANT", "import_confirmed", "stated", "(subquery-1)"}, steps
            assert any("opinion_known" in step for step in steps), steps


def test_one_md5_of_two_files_stays_two_media_and_is_told(db: Database) -> None:
    two = [record("a", of=digests(md5=1, sha1=1)), record("b", of=digests(md5=1, sha1=2))]
    report = db.import_records(two, source="s")
    assert (report.md5_conflicts, db.stats().md5_conflicts, db.stats().media) == (1, 1, 2)
    with db.snapshot() as view:
        found = view.media_by_digests(digests(md5=1))
    assert {m.digests.sha1 for m in found} == {digest("sha1", 1), digest("sha1", 2)}


def test_one_md5_of_two_files_in_two_lists(db: Database) -> None:
    """The known file's MD5 does not make the other file known."""
    one = record("a", of=digests(md5=1, sha1=1), label=KNOWN)
    assert db.import_records([one], source="nsrl").md5_conflicts == 0
    report = db.import_records([record("b", of=digests(md5=1, sha1=2))], source="s")
    assert (report.md5_conflicts, report.known_conflicts) == (1, 0)
    assert label_of(db, digests(sha1=1)) is KNOWN
    assert label_of(db, digests(sha1=2)) is CSAM
