"""A complete list that lacks much of what its source said stops, unless somebody confirms it."""

from __future__ import annotations

from typing import Any

import pytest
from database.samples import digests, record

from hashmatch.database import Database
from hashmatch.errors import InputError, WithdrawalGuardError
from hashmatch.types import HashRecord


def records(count: int, start: int = 0) -> list[HashRecord]:
    return [record(f"k{n}", of=digests(md5=n + 1)) for n in range(start, start + count)]


@pytest.mark.parametrize(("kept", "stops"), [(80, False), (79, True), (0, True), (100, False)])
def test_the_share_counts(db: Database, kept: int, stops: bool) -> None:
    db.import_records(records(100), source="s")
    listed = [*records(kept), *records(1, 500)]
    if not stops:
        report = db.import_records(listed, source="s", complete=True)
        assert (report.withdrawn, report.added) == (100 - kept, 1)
        return
    with pytest.raises(WithdrawalGuardError, match=rf"100 statements to be gone, got {100 - kept}"):
        db.import_records(listed, source="s", complete=True)
    assert (db.revision, db.stats().opinions, db.verify_audit()) == (1, 100, 2)
    confirmed = db.import_records(listed, source="s", complete=True, max_withdrawn_share=1.0)
    assert (confirmed.withdrawn, db.stats().opinions) == (100 - kept, kept + 1)


def test_what_changed_or_is_of_others_is_not_gone(db: Database) -> None:
    db.import_records(records(100), source="s")
    db.import_records(records(100), source="other")
    changed = [record(f"k{n}", of=digests(md5=n + 1, sha1=n + 1)) for n in range(100)]
    report = db.import_records(changed, source="s", complete=True, max_withdrawn_share=0)
    assert (report.superseded, report.withdrawn) == (100, 0)


def test_a_short_list_may_change_wholly(db: Database) -> None:
    db.import_records(records(10), source="s")
    report = db.import_records(records(1, 50), source="s", complete=True)
    assert report.withdrawn == 10


def test_a_list_that_is_not_complete_withdraws_nothing(db: Database) -> None:
    db.import_records(records(100), source="s")
    assert db.import_records(records(1), source="s").withdrawn == 0


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan"), True, "0.5", None])
def test_the_share_is_one(db: Database, share: Any) -> None:
    with pytest.raises(InputError, match="max_withdrawn_share"):
        db.import_records([], source="s", max_withdrawn_share=share)
