from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from database.samples import digests, many_records, pdq, photodna, record
from numpy.typing import NDArray

import hashmatch.database.lookup as lookup_module
from hashmatch.database import Database, HashLookup, open_database
from hashmatch.errors import InputError, UnknownAlgorithmError
from hashmatch.index import SearchResult
from hashmatch.types import HashValue


class FakeIndex:
    """A dictionary that answers as an index does, and can be made to fail."""

    def __init__(self) -> None:
        self.rows: dict[int, bytes] = {}
        self.adds_until_failure = sys.maxsize

    def add(self, hashes: NDArray[np.uint8], ids: NDArray[np.int64]) -> None:
        if self.adds_until_failure == 0:
            raise MemoryError
        self.adds_until_failure -= 1
        assert hashes.dtype == np.uint8
        assert ids.dtype == np.int64
        assert hashes.shape == (len(ids), 32)
        new = dict(zip(ids.tolist(), map(bytes, hashes), strict=True))
        assert not new.keys() & self.rows.keys()
        self.rows.update(new)

    def remove(self, ids: NDArray[np.int64]) -> None:
        assert len(set(ids.tolist())) == len(ids)
        for number in ids.tolist():
            del self.rows[number]

    def range_search(self, queries: NDArray[np.uint8], max_distance: int) -> SearchResult:
        hits = []
        for query in queries:
            wanted = HashValue("pdq", bytes(query))
            found = [(wanted.distance(HashValue("pdq", v)), n) for n, v in self.rows.items()]
            hits.append(sorted(hit for hit in found if hit[0] <= max_distance))
        flat = [hit for found in hits for hit in found]
        return SearchResult(
            offsets=np.cumsum([0, *map(len, hits)], dtype=np.int64),
            ids=np.array([hit[1] for hit in flat], dtype=np.int64),
            distances=np.array([hit[0] for hit in flat], dtype=np.uint16),
        )

    def __len__(self) -> int:
        return len(self.rows)


def query(*seeds: int) -> NDArray[np.uint8]:
    values = b"".join(pdq(seed).value for seed in seeds)
    return np.frombuffer(values, dtype=np.uint8).reshape(-1, 32)


@pytest.mark.parametrize("index", [None, FakeIndex()], ids=["real", "fake"])
def test_a_lookup_follows_imports_and_withdrawals(db: Database, index: FakeIndex | None) -> None:
    lookup = HashLookup(db, index=index)
    assert lookup.revision == -1
    assert (lookup.catch_up(), len(lookup)) == (0, 0)
    db.import_records([record("a", hashes=(pdq(1), photodna(1), pdq(2, 10)))], source="s")
    assert len(lookup) == 0
    assert (lookup.catch_up(), len(lookup)) == (1, 1)  # PhotoDNA and low quality stay out
    db.import_records([record("b", hashes=(pdq(1), pdq(3)))], source="t")
    assert (lookup.catch_up(), len(lookup)) == (2, 3)
    result = lookup.range_search(query(1, 2, 3), 0)
    assert np.diff(result.offsets).tolist() == [2, 0, 1]
    with db.snapshot() as view:
        hits = view.media_by_hash_ids(result.ids.tolist())
    assert [hits[i].source for i in result.ids.tolist()] == ["s", "t", "t"]
    db.withdraw(source="t", record_key="b")
    assert (lookup.catch_up(), len(lookup)) == (3, 1)
    db.import_records([record("b", hashes=(pdq(1), pdq(3)))], source="t")
    assert (lookup.catch_up(), len(lookup), lookup.revision) == (4, 3, 4)


def test_what_came_and_went_between_two_visits_never_enters(db: Database) -> None:
    lookup = HashLookup(db, index=FakeIndex())
    lookup.catch_up()
    db.import_records([record("a", hashes=(pdq(1),))], source="s")
    db.withdraw(source="s", record_key="a")
    db.import_records([record("b", hashes=(pdq(2),))], source="s")
    lookup.catch_up()
    assert len(lookup) == 1
    assert lookup.range_search(query(1), 31).ids.tolist() == []


def test_a_withdrawn_hash_stops_matching_in_the_next_check_of_another_process(
    db: Database, path: Path
) -> None:
    db.import_records([record("a", hashes=(pdq(1),))], source="s")
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
    lookup = HashLookup(db, index=FakeIndex())
    with db.snapshot() as old:
        db.import_records([record("a", hashes=(pdq(1),))], source="s")
        lookup.catch_up()
        assert lookup.catch_up(old) == 1
        found = lookup.range_search(query(1), 0).ids.tolist()
        assert found == [1]
        assert old.media_by_hash_ids(found) == {}


def test_blocks_add_up(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup_module, "_BLOCK", 7)
    db.import_records(many_records(50), source="s")
    lookup = HashLookup(db)
    lookup.catch_up()
    assert len(lookup) == 50
    assert len(lookup.range_search(query(*range(50)), 0).ids) == 50


def test_a_failure_half_way_is_made_good(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup_module, "_BLOCK", 2)
    monkeypatch.setattr(lookup_module, "_BLOCKS_AT_ONCE", 2)
    index = FakeIndex()
    lookup = HashLookup(db, index=index)
    db.import_records(many_records(10), source="s")
    index.adds_until_failure = 2
    with pytest.raises(MemoryError):
        lookup.catch_up()
    assert (len(lookup), lookup.revision) == (8, -1)
    db.withdraw(source="s", record_key="md5:0")  # in the index
    db.withdraw(source="s", record_key="md5:9")  # not yet
    db.import_records(many_records(12), source="t")
    index.adds_until_failure = 1
    with pytest.raises(MemoryError):
        lookup.catch_up()
    index.adds_until_failure = sys.maxsize
    lookup.catch_up()
    with db.snapshot() as view:
        hits = view.media_by_hash_ids(index.rows)
    assert len(hits) == len(lookup) == 8 + 12


def test_merging_and_splitting_media_keeps_hash_ids(db: Database) -> None:
    lookup = HashLookup(db, index=FakeIndex())
    db.import_records([record("a", of=digests(md5=1), hashes=(pdq(1),))], source="s")
    db.import_records([record("b", of=digests(sha1=1), hashes=(pdq(1),))], source="s")
    lookup.catch_up()
    ids = lookup.range_search(query(1), 0).ids.tolist()
    with db.snapshot() as view:
        assert len({hit.media.media_id for hit in view.media_by_hash_ids(ids).values()}) == 2
    db.import_records([record("c", of=digests(md5=1, sha1=1))], source="t")
    lookup.catch_up()
    assert lookup.range_search(query(1), 0).ids.tolist() == ids
    with db.snapshot() as view:
        assert len({hit.media.media_id for hit in view.media_by_hash_ids(ids).values()}) == 1


def test_only_algorithms_that_compare_have_a_lookup(db: Database) -> None:
    with pytest.raises(InputError, match="Hamming"):
        HashLookup(db, "photodna")
    with pytest.raises(UnknownAlgorithmError):
        HashLookup(db, "imagehash")
