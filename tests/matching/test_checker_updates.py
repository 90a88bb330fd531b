"""What other processes import and withdraw is in the next answer; what matched is in the log."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from known_media import digests_of, record
from pictures import photograph, png
from sqlalchemy import select

from hashmatch.database import Database, open_database
from hashmatch.errors import InputError
from hashmatch.fingerprinting import hash_image
from hashmatch.matching import Checker, CheckStatus
from hashmatch.store import schema
from hashmatch.types import HashRecord, Label

PIXELS = photograph(61)
DATA = png(PIXELS)
PDQ = hash_image(PIXELS).hashes["pdq"]


def logged(db: Database) -> list[dict[str, Any]]:
    """The checks in the audit log."""
    with db.snapshot() as view:
        rows = view.connection.execute(
            select(schema.audit.c.action, schema.audit.c.details, schema.audit.c.revision)
        )
        return [
            {**json.loads(row.details), "revision": row.revision}
            for row in rows
            if row.action == "check"
        ]


def listed(db: Database, *records: HashRecord, source: str = "National list") -> None:
    db.import_records(records, source=source)


@pytest.mark.parametrize("by", ["digest", "hash"])
@pytest.mark.parametrize("elsewhere", [False, True])
def test_the_next_check_sees_imports_and_withdrawals(
    db: Database, path: Path, by: str, elsewhere: bool
) -> None:
    entry = record("1", digests_of(DATA)) if by == "digest" else record("1", None, PDQ)
    checker = Checker(db)
    before = checker.check(DATA)
    assert (before.status, before.revision) == (CheckStatus.NO_MATCH, db.revision)
    with open_database(path, actor="another process") as other:
        writer = other if elsewhere else db
        listed(writer, entry)
        found = checker.check(DATA)
        assert found.status is CheckStatus.MATCH
        assert found.revision == writer.revision == before.revision + 1
        writer.withdraw(source="National list", record_key="1")
        gone = checker.check(DATA)
        assert gone.status is CheckStatus.NO_MATCH
        assert gone.revision == before.revision + 2
        listed(writer, entry)
        assert checker.check(DATA).status is CheckStatus.MATCH


def test_an_opinion_that_is_withdrawn_no_longer_counts(db: Database) -> None:
    listed(db, record("1", digests_of(DATA), label=Label.CSAM), source="A")
    listed(db, record("1", digests_of(DATA), label=Label.NON_PERTINENT), source="B")
    checker = Checker(db)
    assert checker.check(DATA).conflict
    db.withdraw(source="A", record_key="1")
    assert checker.check(DATA).status is CheckStatus.KNOWN_IGNORABLE


def test_matches_are_logged_and_nothing_else(db: Database) -> None:
    listed(
        db, record("1", digests_of(DATA)), record("2", digests_of(b"x"), label=Label.NON_PERTINENT)
    )
    checker = Checker(db)
    result = checker.check(DATA)
    checker.check(png(photograph(62)))
    checker.check(b"no picture")
    assert checker.check(b"x").status is CheckStatus.KNOWN_IGNORABLE
    (entry,) = logged(db)
    assert entry["status"] == "MATCH"
    assert entry["revision"] == result.revision
    assert entry["digests"] == dict(digests_of(DATA).items())
    assert entry["matches"][0]["media_id"] == result.matches[0].media.media_id
    assert db.verify_audit() > 2


def test_the_log_keeps_no_file_names(db: Database, tmp_path: Path) -> None:
    listed(db, record("1", digests_of(DATA)))
    path = tmp_path / "name of a victim.png"
    path.write_bytes(DATA)
    Checker(db).check(path)
    assert "name of a victim" not in json.dumps(logged(db))


def test_no_log_if_not_wanted(db: Database, path: Path) -> None:
    listed(db, record("1", digests_of(DATA)))
    assert Checker(db, audit=False).check(DATA).matched
    with open_database(path, read_only=True) as reading:
        assert Checker(reading).check(DATA).matched
        with pytest.raises(InputError, match="audit"):
            Checker(reading, audit=True)
    assert logged(db) == []


def test_a_checker_does_not_change_the_revision(db: Database) -> None:
    listed(db, record("1", digests_of(DATA)))
    before = db.revision
    Checker(db).check(DATA)
    assert db.revision == before


def test_one_checker_in_many_threads(db: Database) -> None:
    pictures = [png(photograph(seed, 64, 64)) for seed in range(200, 210)]
    known = [hash_image(data).hashes["pdq"] for data in pictures[:5]]
    listed(db, *(record(str(n), None, value) for n, value in enumerate(known)))
    checker = Checker(db)
    with ThreadPoolExecutor(8) as pool:
        found = [result.status for result in pool.map(checker.check, pictures * 3)]
    assert found == ([CheckStatus.MATCH] * 5 + [CheckStatus.NO_MATCH] * 5) * 3
    assert len(logged(db)) == 15
    db.verify_audit()
