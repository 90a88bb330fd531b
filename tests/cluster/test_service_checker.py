"""What an actor of the service does, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
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
def url(new_url: Callable[[], str]) -> str:
    """Of a database that is not there yet, an SQLite file or on a server."""
    return new_url()


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    with open_database(url, create=True, actor="tester") as database:
        imported(database, 0)
        yield database


def imported(db: Database, number: int) -> None:
    of = digests_of(png(PICTURES[number]))
    db.import_records([record(f"p{number}", of, HASHES[number])], source="List")


Made = Callable[..., ServiceChecker]


@pytest.fixture
def checker_of(url: str) -> Iterator[Made]:
    with ExitStack() as opened:

        def make(shards: ShardedIndex | None = None) -> ServiceChecker:
            over = {} if shards is None else {"pdq": shards}
            setup = CheckerSetup(url, MatchPolicy(), None, None, {})
            made = ServiceChecker(packed(setup))
            # Shards of this process can not be sent.
            made._setup = replace(made._setup, shards=over)
            opened.callback(made.close)
            return made

        yield make


def by_hash(number: int) -> Call:
    return Call("check_hash", ("pdq", flipped(HASHES[number], 8).hex, 90), {})


def status_of(answer: Any) -> CheckStatus:
    assert not isinstance(answer, Raised), answer
    status: CheckStatus = answer.status
    return status


def test_a_database_that_comes_later(url: str, checker_of: Made) -> None:
    checker = checker_of()
    for answer in (checker.ready(), checker.ask(by_hash(0))):
        assert isinstance(answer, Raised)
        assert isinstance(answer.error(), DatabaseError)
    with open_database(url, create=True) as db:
        imported(db, 0)
        state = checker.ready()
        assert isinstance(state, CheckerState)
        assert state.revision == 1
        assert status_of(checker.ask(by_hash(0))) is CheckStatus.MATCH


def test_shards_that_gave_its_revision_up(db: Database, checker_of: Made, tmp_path: Path) -> None:
    folder = tmp_path / "shards"
    shards_of(db, folder, 2)
    shards = opened_here(folder)
    checker = checker_of(shards)
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
    db: Database, checker_of: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shards_of(db, tmp_path / "shards", 2)
    shards = opened_here(tmp_path / "shards")
    checker = checker_of(shards)
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
