"""Answers without a transaction, answers at one revision, many digests at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from known_media import digests_of, record
from pictures import photograph, png

from hashmatch.database import Database, SnapshotView, open_database
from hashmatch.errors import InputError
from hashmatch.fingerprinting import hash_image
from hashmatch.matching import Checker, CheckStatus
from hashmatch.types import Digests

PIXELS = photograph(71)
DATA = png(PIXELS)
PDQ = hash_image(PIXELS).hashes["pdq"]


@pytest.fixture
def transactions(db: Database, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with each transaction that a check opens."""
    opened: list[int] = []
    before: Callable[..., Any] = db.snapshot

    @contextmanager
    def counted(**given: Any) -> Iterator[SnapshotView]:
        opened.append(1)
        with before(**given) as view:
            yield view

    monkeypatch.setattr(db, "snapshot", counted)
    return opened


def test_what_is_not_found_needs_no_transaction(db: Database, transactions: list[int]) -> None:
    db.import_records([record("1", digests_of(DATA), PDQ)], source="s")
    checker = Checker(db)
    other = png(photograph(72))
    checker.check(other)
    transactions.clear()
    for _ in range(3):
        assert checker.check(other).status is CheckStatus.NO_MATCH
        missing = checker.check_digests(sha1=hashlib.sha1(b"x").hexdigest())
        assert (missing.status, missing.revision) == (CheckStatus.NO_MATCH, 1)
    assert transactions == []
    assert checker.check(DATA).status is CheckStatus.MATCH
    assert len(transactions) == 1
    db.withdraw(source="s", record_key="1")
    assert checker.check(DATA).status is CheckStatus.NO_MATCH
    # One brought the lookups to the new revision, one asked for what the digests may still hold.
    assert len(transactions) == 3
    assert checker.check(other).revision == 2
    assert len(transactions) == 3
    db.import_records([record("2", digests_of(b"another"))], source="s")
    assert checker.check(other).revision == 3
    assert len(transactions) == 4


def test_many_digests(db: Database, path: Path) -> None:
    files = [str(number).encode() for number in range(5000)]
    listed = [record(str(n), digests_of(files[n], "sha1")) for n in range(0, 5000, 500)]
    db.import_records(listed, source="s")
    asked = np.frombuffer(b"".join(hashlib.sha1(f).digest() for f in files), np.uint8)
    rows = asked.reshape(-1, 20)
    with open_database(path, read_only=True) as other:
        checker = Checker(other)
        for _ in range(2):
            results = list(checker.check_many_digests("sha1", rows))
            assert [r.query_digests["sha1"] for r in results] == [
                hashlib.sha1(f).hexdigest() for f in files
            ]
            found = [n for n, r in enumerate(results) if r.status is CheckStatus.MATCH]
            assert found == list(range(0, 5000, 500))
            assert {r.revision for r in results} == {1}
            same = {"checked_at": "", "cost_ms": 0}
            one_by_one = [checker.check_digests(sha1=r.query_digests["sha1"]) for r in results[:9]]
            for single, many in zip(one_by_one, results, strict=False):
                assert {**single.to_dict(), **same} == {**many.to_dict(), **same}
        db.withdraw(source="s", record_key="500")
        assert next(checker.check_many_digests("sha1", rows[500:501])).revision == 2
    bad: list[tuple[str, Any]] = [("sha512", rows), ("md5", rows), ("sha1", rows.astype(np.int16))]
    for name, wrong in bad:
        with pytest.raises(InputError):
            list(Checker(db).check_many_digests(name, wrong))


def test_an_answer_is_of_one_revision(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread takes the lookups further while a check holds an older state."""
    db.import_records([record("1", None, PDQ)], source="s")
    checker = Checker(db)
    checker.check(PIXELS)
    held, gone_on = Event(), Event()
    before = db.snapshot
    first = [True]

    @contextmanager
    def slow(**given: Any) -> Iterator[SnapshotView]:
        with before(**given) as view:
            if first.pop() if first else False:
                held.set()
                assert gone_on.wait(30)
            yield view

    monkeypatch.setattr(db, "snapshot", slow)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(checker.check, PIXELS)
        assert held.wait(30)
        db.withdraw(source="s", record_key="1")
        after = checker.check(PIXELS)
        gone_on.set()
        result = asked.result(30)
    assert (after.status, after.revision) == (CheckStatus.NO_MATCH, 2)
    # At its revision, 1, the hash still held; the lookup no longer has it. So it is asked again.
    assert (result.status, result.revision) == (CheckStatus.NO_MATCH, 2)


def test_no_digests_and_no_hash(db: Database) -> None:
    checker = Checker(db)
    fingerprint = hash_image(np.zeros((100, 100), np.uint8))
    for _ in range(2):
        result = checker.check_fingerprint(fingerprint)
        assert result.status is CheckStatus.LOW_INFORMATION
        assert result.query_digests == dict(Digests().items())
