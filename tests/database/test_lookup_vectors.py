"""PhotoDNA values and the algorithms present, with and without published segments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest
from database.samples import many_records, pdq, photodna, record
from numpy.typing import NDArray

from hashmatch.database import AlgorithmsLookup, Database, VectorLookup
from hashmatch.errors import InputError
from hashmatch.types import HashRecord, HashValue

Published = Callable[[Database], object]


@pytest.fixture(params=["in memory", "published"])
def published(request: pytest.FixtureRequest) -> Published:
    """Does what a test does in between: publishes the segments, or nothing."""
    if request.param == "published":
        return Database.publish_index
    return lambda db: None


def rows(*seeds: int) -> NDArray[np.uint8]:
    values = b"".join(photodna(seed).value for seed in seeds)
    return np.frombuffer(values, dtype=np.uint8).reshape(-1, 144)


def one(key: str, *seeds: int) -> HashRecord:
    return record(key, hashes=tuple(photodna(seed) for seed in seeds))


def found(lookup: VectorLookup, db: Database, *seeds: int) -> list[list[str]]:
    """The stored values that each asked one finds, in hex."""
    result = lookup.state.range_search(rows(*seeds), 0)
    with db.snapshot() as view:
        hits = view.media_by_hash_ids(result.ids.tolist())
    return [
        [hits[number].hash.hex for number in result.of(query)[0].tolist()]
        for query in range(len(seeds))
    ]


def test_it_follows_imports_and_withdrawals(db: Database, published: Published) -> None:
    lookup = VectorLookup(db)
    assert (lookup.state.revision, len(lookup)) == (-1, 0)
    assert (lookup.catch_up(), len(lookup)) == (0, 0)
    flat = HashValue("photodna", bytes(144))
    db.import_records([record("a", hashes=(pdq(1), photodna(1), flat))], source="s")
    published(db)
    assert (lookup.catch_up(), len(lookup)) == (1, 1)  # PDQ and what says nothing stay out
    db.import_records([one("b", 1, 3)], source="t")
    published(db)
    for each in (lookup, VectorLookup(db)):
        assert (each.catch_up(), len(each)) == (2, 3)
        assert found(each, db, 1, 2, 3) == [[photodna(1).hex] * 2, [], [photodna(3).hex]]
    db.withdraw(source="t", record_key="b")
    for each in (lookup, VectorLookup(db)):
        assert (each.catch_up(), len(each)) == (3, 1)
        assert found(each, db, 1, 3) == [[photodna(1).hex], []]
    published(db)
    db.import_records([one("b", 3)], source="t")
    for each in (lookup, VectorLookup(db)):
        assert (each.catch_up(), len(each)) == (4, 2)
        assert found(each, db, 3) == [[photodna(3).hex]]


def test_files_that_hold_what_was_withdrawn_since(db: Database) -> None:
    """A small change leaves the large file as it is."""
    db.import_records(many_records(60), source="s")
    db.publish_index()
    db.withdraw(source="s", record_key="md5:7")
    db.import_records([one("new", 100)], source="t")
    db.publish_index()
    lookup = VectorLookup(db)
    lookup.catch_up()
    assert len(lookup.state.levels) == 3  # both files, and what came later
    assert len(lookup) == 60
    assert found(lookup, db, 6, 7, 100) == [[photodna(6).hex], [], [photodna(100).hex]]
    assert len(lookup.state.range_search(rows(7), 0).ids) == 0


def test_hits_are_sorted_and_exact(db: Database, published: Published) -> None:
    db.import_records(many_records(60), source="s")
    published(db)
    db.import_records([one(f"new {n}", n) for n in range(60, 90)], source="t")
    lookup = VectorLookup(db)
    lookup.catch_up()
    known = rows(*range(90)).astype(np.int64)
    queries = rows(3, 70)
    radius = 1_500_000
    result = lookup.state.range_search(queries, radius)
    for number, query in enumerate(queries.astype(np.int64)):
        distances = ((known - query) ** 2).sum(axis=1)
        ids, given = result.of(number)
        assert sorted(distances[distances <= radius].tolist()) == given.tolist()
        pairs = list(zip(given.tolist(), ids.tolist(), strict=True))
        assert pairs == sorted(pairs)
    assert 2 < len(result.ids) < 180


def test_an_earlier_state_does_not_change(db: Database, published: Published) -> None:
    db.import_records([one("a", 1), one("b", 2)], source="s")
    published(db)
    lookup = VectorLookup(db)
    lookup.catch_up()
    held = lookup.state
    db.withdraw(source="s", record_key="a")
    db.import_records([one("c", 3)], source="s")
    lookup.catch_up()
    assert [len(held.range_search(rows(n), 0).ids) for n in (1, 2, 3)] == [1, 1, 0]
    assert [len(lookup.state.range_search(rows(n), 0).ids) for n in (1, 2, 3)] == [0, 1, 1]
    assert (len(held), len(lookup)) == (2, 2)


def test_an_older_view_does_not_turn_it_back(db: Database) -> None:
    lookup = VectorLookup(db)
    with db.snapshot() as old:
        db.import_records([one("a", 1)], source="s")
        assert lookup.catch_up() == 1
        assert lookup.catch_up(old) == 1


def test_ids_that_a_purge_freed(db: Database, published: Published) -> None:
    """Another value stands under an id that was given out before."""
    db.import_records([one("a", 1)], source="s")
    db.import_records([one("b", 2)], source="s")
    published(db)
    lookup = VectorLookup(db)
    lookup.catch_up()
    db.withdraw(source="s", record_key="b")
    db.purge(withdrawn_before=datetime.now(UTC))
    db.import_records([one("c", 3)], source="s")
    for each in (lookup, VectorLookup(db)):
        each.catch_up()
        assert found(each, db, 1, 2, 3) == [[photodna(1).hex], [], [photodna(3).hex]]
        assert len(each) == 2


def test_only_what_compares_as_a_vector(db: Database) -> None:
    for name in ("pdq", "tmk", "md6"):
        with pytest.raises(InputError, match="expected one of photodna"):
            VectorLookup(db, name)


def test_which_algorithms_there_are(db: Database, published: Published) -> None:
    lookup = AlgorithmsLookup(db)
    low = HashValue("dhash", b"12345678", 10)

    def names() -> set[str]:
        seen = []
        for each in (lookup, AlgorithmsLookup(db)):
            with db.snapshot() as view:
                assert each.catch_up(view) == view.revision == each.state.revision
            seen.append(each.state.names)
        assert seen[0] == seen[1]
        return set(seen[0])

    assert (lookup.state.revision, names()) == (-1, set())
    db.import_records([record("a", hashes=(pdq(1), low))], source="s")
    published(db)
    assert names() == {"pdq"}
    db.import_records(
        [record("b", hashes=(photodna(1), HashValue("phash", b"abcdefgh")))], source="s"
    )
    assert names() == {"pdq", "photodna", "phash"}
    published(db)
    assert names() == {"pdq", "photodna", "phash"}
