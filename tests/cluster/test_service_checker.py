"""What an actor of the service does, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from known_media import digests_of, flipped, record
from pictures import photograph, png
from shards_here import opened_here

from hashmatch.cluster import CheckerState, ShardedIndex, shards_of
from hashmatch.cluster.service_checker import Call, CheckerSetup, Raised, ServiceChecker, packed
from hashmatch.database import Database, open_database
from hashmatch.errors import DatabaseError, RevisionGoneError
from hashmatch.fingerprinting import hash_image
from hashmatch.matching import CheckStatus, MatchPolicy

pytest.importorskip("ray")
PICTURES = [photograph(number, 120, 160) for number in range(3)]
HASHES = [hash_image(pixels).hashes["pdq"] for pixels in PICTURES]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "national.db", create=True, actor="tester") as database:
        imported(database, 0)
        yield database


def imported(db: Database, number: int) -> None:
    of = digests_of(png(PICTURES[number]))
    db.import_records([record(f"p{number}", of, HASHES[number])], source="List")


def checker_of(path: Path, shards: ShardedIndex | None = None) -> ServiceChecker:
    over = {} if shards is None else {"pdq": shards}
    setup = CheckerSetup(str(path), MatchPolicy(), None, None, {})
    made = ServiceChecker(packed(setup))
    made._setup.shards.update(over)  # type: ignore[attr-defined] # those here can not be sent
    return made


def by_hash(number: int) -> Call:
    return Call("check_hash", ("pdq", flipped(HASHES[number], 8).hex, 90), {})


def status_of(answer: Any) -> CheckStatus:
    assert not isinstance(answer, Raised), answer
    status: CheckStatus = answer.status
    return status


def test_a_database_that_comes_later(tmp_path: Path) -> None:
    checker = checker_of(tmp_path / "national.db")
    for answer in (checker.ready(), checker.ask(by_hash(0))):
        assert isinstance(answer, Raised)
        assert isinstance(answer.error(), DatabaseError)
    with open_database(tmp_path / "national.db", create=True) as db:
        imported(db, 0)
        state = checker.ready()
        assert isinstance(state, CheckerState)
        assert state.revision == 1
        assert status_of(checker.ask(by_hash(0))) is CheckStatus.MATCH


def test_shards_that_gave_its_revision_up(db: Database, tmp_path: Path) -> None:
    folder = tmp_path / "shards"
    shards_of(db, folder, 2)
    shards = opened_here(folder)
    checker = checker_of(tmp_path / "national.db", shards)
    assert status_of(checker.ask(by_hash(0))) is CheckStatus.MATCH
    imported(db, 1)
    assert status_of(checker.ask(by_hash(1))) is CheckStatus.MATCH
    # Two switches, and the revision that its lookup stands on is held by no shard any more.
    shards.switch(shards_of(db, folder, 2))
    imported(db, 2)
    shards.switch(shards_of(db, folder, 2))
    lookup = checker._lookups[0]
    with pytest.raises(RevisionGoneError):
        lookup.state.range_search(np.zeros((1, 32), np.uint8), 31)
    for number in range(3):
        assert status_of(checker.ask(by_hash(number))) is CheckStatus.MATCH
    assert lookup.revision == db.revision


def test_shards_that_are_gone_for_good(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shards_of(db, tmp_path / "shards", 2)
    shards = opened_here(tmp_path / "shards")
    checker = checker_of(tmp_path / "national.db", shards)
    asked = 0

    def gone(*_: Any, **__: Any) -> Any:
        nonlocal asked
        asked += 1
        raise RevisionGoneError("not held")

    monkeypatch.setattr(shards._replicas, "ask", gone)
    answer = checker.ask(by_hash(0))
    assert isinstance(answer, Raised)
    assert isinstance(answer.error(), RevisionGoneError)
    assert asked == 5  # it began again, and not for ever
