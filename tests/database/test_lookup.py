"""A lookup follows the database, with and without published segments."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from database.samples import digests, many_records, pdq, photodna, record
from numpy.typing import NDArray

import hashmatch.database.segments.narrow_rows as narrow_rows
from hashmatch.database import Database, DigestLookup, HashLookup, open_database
from hashmatch.errors import InputError, UnknownAlgorithmError
from hashmatch.index import HammingIndex
from hashmatch.types import Digests

Published = Callable[[Database], object]


@pytest.fixture(params=["in memory", "published"])
def published(request: pytest.FixtureRequest) -> Published:
    """Does what a test does in between: publishes the segments, or nothing."""
    if request.param == "published":
        return Database.publish_index
    return lambda db: None


def query(*seeds: int) -> NDArray[np.uint8]:
    values = b"".join(pdq(seed).value for seed in seeds)
    return np.frombuffer(values, dtype=np.uint8).reshape(-1, 32)


def caught_up(db: Database) -> tuple[HashLookup, DigestLookup]:
    hashes, stated = HashLookup(db), DigestLookup(db)
    hashes.catch_up()
    stated.catch_up()
    return hashes, stated


def test_a_lookup_follows_imports_and_withdrawals(db: Database, published: Published) -> None:
    lookup = HashLookup(db)
    assert lookup.revision == -1
    assert (lookup.catch_up(), len(lookup)) == (0, 0)
    published(db)
    db.import_records([record("a", hashes=(pdq(1), photodna(1), pdq(2, 10)))], source="s")
    assert len(lookup) == 0
    assert (lookup.catch_up(), len(lookup)) == (1, 1)  # PhotoDNA and low quality stay out
    db.import_records([record("b", hashes=(pdq(1), pdq(3)))], source="t")
    published(db)
    assert (lookup.catch_up(), len(lookup)) == (2, 3)
    result = lookup.range_search(query(1, 2, 3), 0)
    assert np.diff(result.offsets).tolist() == [2, 0, 1]
    with db.snapshot() as view:
        hits = view.media_by_hash_ids(result.ids.tolist())
    assert [hits[i].source for i in result.ids.tolist()] == ["s", "t", "t"]
    db.withdraw(source="t", record_key="b")
    assert (lookup.catch_up(), len(lookup)) == (3, 1)
    db.import_records([record("b", hashes=(pdq(1), pdq(3)))], source="t")
    published(db)
    assert (lookup.catch_up(), len(lookup), lookup.revision) == (4, 3, 4)


def test_a_new_lookup_knows_what_an_old_one_does(db: Database, published: Published) -> None:
    db.import_records(many_records(50), source="s")
    published(db)
    old, old_digests = caught_up(db)
    db.import_records([record("x", of=digests(md5=1000), hashes=(pdq(1000),))], source="t")
    db.withdraw(source="s", record_key="md5:7")
    for lookup, stated in ((old, old_digests), caught_up(db)):
        assert (lookup.catch_up(), stated.catch_up()) == (3, 3)
        assert len(lookup) == 50
        assert len(lookup.range_search(query(*range(50), 1000), 0).ids) == 50
        assert len(lookup.range_search(query(7), 31).ids) == 0
        assert stated.state.may_hold(digests(md5=1000))
        assert stated.state.may_hold(digests(sha1=49))
        assert not stated.state.may_hold(digests(md5=1001, sha1=1001, sha256=49))
        md5 = digests(md5=5).md5 or ""
        rows = np.frombuffer(bytes.fromhex(md5 + "ab" * 16), np.uint8).reshape(2, 16)
        assert stated.state.may_hold_many("md5", rows).tolist() == [True, False]


def test_what_came_and_went_between_two_visits_never_enters(db: Database) -> None:
    lookup = HashLookup(db)
    lookup.catch_up()
    db.import_records([record("a", hashes=(pdq(1),))], source="s")
    db.withdraw(source="s", record_key="a")
    db.import_records([record("b", hashes=(pdq(2),))], source="s")
    lookup.catch_up()
    assert len(lookup) == 1
    assert lookup.range_search(query(1), 31).ids.tolist() == []


def test_a_withdrawn_hash_stops_matching_in_the_next_check_of_another_process(
    db: Database, path: Path, published: Published
) -> None:
    db.import_records([record("a", hashes=(pdq(1),))], source="s")
    published(db)
    with open_database(path) as other:
        lookup = HashLookup(other)
        with other.snapshot() as view:
            lookup.catch_up(view)
            assert len(view.media_by_hash_ids(lookup.range_search(query(1), 31).ids)) == 1
        db.withdraw(source="s", record_key="a")
        with other.snapshot() as view:
            # Even an index that was not brought up to date gives no withdrawn hash.
            stale = lookup.range_search(query(1), 31).ids.tolist()
            assert len(stale) == 1
            assert view.media_by_hash_ids(stale) == {}
            lookup.catch_up(view)
            assert len(lookup) == 0


def test_an_older_view_does_not_turn_a_lookup_back(db: Database) -> None:
    lookup = HashLookup(db)
    with db.snapshot() as old:
        db.import_records([record("a", hashes=(pdq(1),))], source="s")
        lookup.catch_up()
        assert lookup.catch_up(old) == 1
        found = lookup.range_search(query(1), 0).ids.tolist()
        assert found == [1]
        assert old.media_by_hash_ids(found) == {}


def test_a_state_that_was_taken_does_not_change(db: Database) -> None:
    db.import_records([record("a", hashes=(pdq(1),))], source="s")
    lookup = HashLookup(db)
    lookup.catch_up()
    before = lookup.state
    db.withdraw(source="s", record_key="a")
    lookup.catch_up()
    assert (before.revision, len(before), len(before.range_search(query(1), 0).ids)) == (1, 1, 1)
    assert (lookup.revision, len(lookup)) == (2, 0)


def test_blocks_add_up(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrow_rows, "_BLOCK", 3)
    monkeypatch.setattr(narrow_rows, "GATHERED", 7)
    db.import_records(many_records(50), source="s")
    lookup, stated = caught_up(db)
    assert len(lookup) == 50
    assert len(lookup.range_search(query(*range(50)), 0).ids) == 50
    assert all(stated.state.may_hold(digests(md5=n)) for n in range(50))


@pytest.mark.parametrize("step", ["add", "remove"])
def test_a_failure_half_way_is_made_good(
    db: Database, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    db.import_records(many_records(10), source="s")
    lookup = HashLookup(db)
    lookup.catch_up()
    db.withdraw(source="s", record_key="md5:0")
    db.import_records(many_records(12), source="t")

    def fail(*_: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(HammingIndex, step, fail)
        with pytest.raises(MemoryError):
            lookup.catch_up()
    assert lookup.revision == -1
    lookup.catch_up()
    with db.snapshot() as view:
        hits = view.media_by_hash_ids(lookup.range_search(query(*range(12)), 0).ids.tolist())
    assert len(hits) == len(lookup) == 9 + 12


def test_ids_that_a_purge_freed_are_not_mixed_up(db: Database, published: Published) -> None:
    db.import_records([record("a", of=digests(md5=1), hashes=(pdq(1),))], source="s")
    db.import_records([record("b", of=digests(md5=2), hashes=(pdq(2),))], source="s")
    published(db)
    lookup, stated = caught_up(db)
    db.withdraw(source="s", record_key="b")
    with db._store.writing() as connection:  # what a purge does
        connection.exec_driver_sql("DELETE FROM hash WHERE id = 2")
        connection.exec_driver_sql("DELETE FROM opinion WHERE id = 2")
    db.import_records([record("c", of=digests(md5=3), hashes=(pdq(3),))], source="s")
    for hashes, found in ((lookup, stated), caught_up(db)):
        hashes.catch_up()
        found.catch_up()
        assert hashes.range_search(query(1, 2, 3), 0).offsets.tolist() == [0, 1, 1, 2]
        assert found.state.may_hold(digests(md5=3))


def test_merging_and_splitting_media_keeps_ids(db: Database, published: Published) -> None:
    lookup, stated = caught_up(db)
    db.import_records([record("a", of=digests(md5=1), hashes=(pdq(1),))], source="s")
    db.import_records([record("b", of=digests(sha1=1), hashes=(pdq(1),))], source="s")
    lookup.catch_up()
    ids = lookup.range_search(query(1), 0).ids.tolist()
    with db.snapshot() as view:
        assert len({hit.media.media_id for hit in view.media_by_hash_ids(ids).values()}) == 2
    db.import_records([record("c", of=digests(md5=1, sha1=1))], source="t")
    published(db)
    lookup.catch_up()
    assert lookup.range_search(query(1), 0).ids.tolist() == ids
    with db.snapshot() as view:
        assert len({hit.media.media_id for hit in view.media_by_hash_ids(ids).values()}) == 1
    for one in (digests(md5=1), digests(sha1=1)):
        stated.catch_up()
        assert stated.state.may_hold(one)
    db.withdraw(source="t", record_key="c")
    stated.catch_up()
    assert stated.state.may_hold(digests(md5=1))


def test_many_recent_digests_become_a_set(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["hashmatch.database.lookup_digests"], "_RECENT", 5)
    lookup = DigestLookup(db)
    lookup.catch_up()
    for number in range(12):
        db.import_records([record(str(number), of=digests(md5=number))], source="s")
        lookup.catch_up()
    state = lookup.state
    assert len(state.levels["md5"]) == 2
    assert all(state.may_hold(digests(md5=number)) for number in range(12))
    assert not state.may_hold(digests(md5=12))
    assert not state.may_hold(Digests())


def test_only_algorithms_that_compare_have_a_lookup(db: Database) -> None:
    with pytest.raises(InputError, match="Hamming"):
        HashLookup(db, "photodna")
    with pytest.raises(UnknownAlgorithmError):
        HashLookup(db, "imagehash")
