"""A lookup over shards answers as one over everything, at any later revision of the database."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from database.samples import digests, pdq, pdq_value, record
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shards_here import assert_same, opened_here

import hashmatch.database.segments.crowded as crowded
from hashmatch.cluster import CheckService, ShardedIndex
from hashmatch.cluster.cluster_lookup import ShardSource, shards_of
from hashmatch.cluster.cluster_lookup_overlay import ShardOverlay
from hashmatch.database import Database, HashLookup, open_database
from hashmatch.errors import IndexFileError, InputError, MissingExtraError, RevisionGoneError
from hashmatch.index import HammingIndex

Values = NDArray[np.uint8]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "national.db", create=True, actor="tester") as database:
        yield database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "shards"


def imported(db: Database, *numbers: int, source: str = "one") -> None:
    records = [record(f"k{n}", of=digests(md5=n), hashes=(pdq(n),)) for n in numbers]
    db.import_records(records, source=source)


def values(*numbers: int) -> Values:
    joined = b"".join(pdq_value(number) for number in numbers)
    return np.frombuffer(joined, np.uint8).reshape(-1, 32)


def over(shards: ShardedIndex, db: Database) -> HashLookup:
    lookup = HashLookup(db, source=ShardSource(shards))
    lookup.catch_up()
    return lookup


def assert_answers_alike(lookup: HashLookup, db: Database, queries: Values) -> None:
    """As a new lookup that has read all of the database."""
    everything = HashLookup(db)
    assert lookup.catch_up() == everything.catch_up() == db.revision
    mine, theirs = lookup.state, everything.state
    assert (len(mine), mine.n_excluded) == (len(theirs), theirs.n_excluded)
    for radius in (0, 31, 120):
        found = theirs.range_search(queries, radius)
        assert_same(mine.range_search(queries, radius), found)
        assert np.array_equal(mine.hashes(found.ids), theirs.hashes(found.ids))
        assert_same(mine.crowded_near(queries, radius), theirs.crowded_near(queries, radius))
    limited = {"prefilter_distance": 20}
    assert_same(
        mine.range_search(queries, 100, **limited), theirs.range_search(queries, 100, **limited)
    )


@pytest.mark.parametrize("seed", range(4))
def test_any_history(db: Database, folder: Path, seed: int) -> None:
    rng = random.Random(seed)
    imported(db, *range(10))
    shards_of(db, folder, 3)
    shards = opened_here(folder)
    lookup, queries, there = over(shards, db), values(*range(40)), set(range(10))
    for step in range(12):
        act = rng.choice(("import", "import", "withdraw", "withdraw", "switch", "nothing"))
        if act == "import":
            new = rng.sample(range(40), rng.randint(1, 5))
            imported(db, *new)
            there |= set(new)
        elif act == "withdraw" and there:
            gone = rng.choice(sorted(there))
            there.discard(gone)
            db.withdraw(source="one", record_key=f"k{gone}")
        elif act == "switch":
            shards.switch(shards_of(db, folder, 3))
        if step % 3 == 2:
            assert_answers_alike(lookup, db, queries)
    assert_answers_alike(lookup, db, queries)
    assert_answers_alike(over(shards, db), db, queries)


def test_crowds_are_left_out_before_and_after(
    db: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowded, "LEAST_LIMIT", 6)
    same = [
        record(f"c{n}", of=digests(md5=1000 + n), hashes=(pdq(7),), position=n) for n in range(12)
    ]
    imported(db, *range(100, 140))
    db.import_records(same[:5], source="two")
    shards_of(db, folder, 2)
    lookup = over(opened_here(folder), db)
    assert lookup.n_excluded == 0
    db.import_records(same[5:], source="three")
    assert_answers_alike(lookup, db, values(7, 100))
    assert lookup.n_excluded == 12  # those in the shards among them
    assert not len(lookup.range_search(values(7), 31).ids)
    shards_of(db, folder / "again", 2)
    assert over(opened_here(folder / "again"), db).n_excluded == 12
    for number in range(8):
        db.withdraw(source="two" if number < 5 else "three", record_key=f"c{number}")
    assert_answers_alike(lookup, db, values(7, 100))
    assert lookup.n_excluded == 0


def test_what_is_purged_matches_nothing_in_old_shards(db: Database, folder: Path) -> None:
    imported(db, 1, 2, 3)
    shards_of(db, folder, 2)
    lookup = over(opened_here(folder), db)
    db.withdraw(source="one", record_key="k3")
    assert_answers_alike(lookup, db, values(1, 2, 3))
    db.purge(withdrawn_before=datetime.now(UTC))
    imported(db, 4, 5)
    assert_answers_alike(lookup, db, values(1, 2, 3, 4, 5))
    shards = opened_here(folder)
    found = over(shards, db).range_search(values(3, 4, 5), 31)
    assert np.diff(found.offsets).tolist() == [1, 1, 1]
    with db.snapshot() as view:
        assert set(view.media_by_hash_ids(found.ids.tolist())) == set(found.ids[1:].tolist())
    shards.switch(shards_of(db, folder, 2))
    assert_answers_alike(over(shards, db), db, values(1, 2, 3, 4, 5))


def test_shards_of_a_revision_are_written_once(db: Database, folder: Path) -> None:
    imported(db, 1, 2)
    assert shards_of(db, folder, 2) == shards_of(db, folder, 2) == db.revision
    imported(db, 3)
    assert shards_of(db, folder, 2) == db.revision == opened_here(folder).revision + 1


def test_an_empty_database_has_empty_shards(db: Database, folder: Path) -> None:
    shards_of(db, folder, 2)
    lookup = over(opened_here(folder), db)
    assert len(lookup) == 0
    imported(db, 1)
    assert_answers_alike(lookup, db, values(1, 2))


def test_shards_of_another_database_are_refused(db: Database, folder: Path, tmp_path: Path) -> None:
    imported(db, 1, 2)
    shards_of(db, folder, 2)
    with open_database(tmp_path / "other.db", create=True, actor="tester") as other:
        imported(other, 1, 2)
        with pytest.raises(IndexFileError, match="made from database"):
            over(opened_here(folder), other)
        with pytest.raises(IndexFileError, match="another database"):
            shards_of(other, folder, 2)


def test_shards_that_do_not_hold_what_is_asked(db: Database, folder: Path, tmp_path: Path) -> None:
    imported(db, 1, 2)
    shards_of(db, folder, 2, "phash256")
    with pytest.raises(IndexFileError, match="expected hashes of pdq, got phash256"):
        over(opened_here(folder), db)
    ShardedIndex.build(tmp_path / "bare", values(1, 2), n_shards=2)
    with pytest.raises(IndexFileError, match="lookup"):
        over(opened_here(tmp_path / "bare"), db)


def test_shards_ahead_of_a_transaction_are_asked_again(db: Database, folder: Path) -> None:
    imported(db, 1, 2)
    with db.snapshot() as early:
        assert early.revision == 1
        imported(db, 3)
        shards_of(db, folder, 2)
        lookup = HashLookup(db, source=ShardSource(opened_here(folder)))
        with pytest.raises(RevisionGoneError, match="read at 1"):
            lookup.catch_up(early)
    assert lookup.catch_up() == 2


def test_a_state_answers_as_it_did_whatever_comes_after(db: Database, folder: Path) -> None:
    imported(db, 1, 2, 3)
    shards_of(db, folder, 2)
    shards = opened_here(folder)
    lookup = over(shards, db)
    before = lookup.state
    found = before.range_search(values(1, 2, 3, 4), 31)
    db.withdraw(source="one", record_key="k2")
    imported(db, 4)
    shards.switch(shards_of(db, folder, 2))
    lookup.catch_up()
    assert_same(before.range_search(values(1, 2, 3, 4), 31), found)
    assert lookup.range_search(values(2, 4), 31).offsets.tolist() == [0, 0, 1]


def test_encrypted_databases_have_no_shards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sqlcipher3")
    monkeypatch.setenv("HASHMATCH_KEY", "00" * 32)
    url = f"sqlite+cipher:///{tmp_path / 'secret.db'}"
    with (
        open_database(url, create=True) as secret,
        pytest.raises(InputError, match="not encrypted"),
    ):
        shards_of(secret, tmp_path / "shards", 2)
    assert not (tmp_path / "shards").exists()


def test_without_ray(db: Database, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    imported(db, 1)
    shards_of(db, folder, 2)  # needs none
    assert db.path is not None
    with pytest.raises(MissingExtraError, match=r"hashmatch\[ray\]"):
        CheckService(db.path)


class _OneIndex:
    """A local index in the place of shards."""

    bits = 256

    def __init__(self, index: HammingIndex) -> None:
        self._index = index

    def __len__(self) -> int:
        return len(self._index)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)


@settings(max_examples=60)
@given(
    stored=st.sets(st.integers(0, 20)),
    acts=st.lists(st.tuples(st.booleans(), st.integers(0, 25)), max_size=30),
)
def test_an_overlay_is_an_index(stored: set[int], acts: list[tuple[bool, int]]) -> None:
    base, expected = HammingIndex(256), HammingIndex(256)
    for index in (base, expected):
        if stored:
            ids = np.array(sorted(stored), np.int64)
            index.add(values(*sorted(stored)), ids)
    overlay = ShardOverlay(_OneIndex(base))
    for adding, number in acts:
        ids = np.array([number], np.int64)
        if adding and number not in expected:
            expected.add(values(number + 100), ids)
            overlay.add(values(number + 100), ids)
        elif not adding and number in expected:
            expected.remove(ids)
            overlay.remove(ids)
        elif not adding:
            with pytest.raises(InputError, match="expected ids of the index"):
                overlay.remove(ids)
    assert len(overlay) == len(expected)
    queries = values(*range(8), *range(100, 108))
    for radius in (0, 110):
        assert_same(overlay.range_search(queries, radius), expected.range_search(queries, radius))
    rows = {
        number: row.tobytes()
        for ids, block in overlay.blocks()
        for number, row in zip(ids.tolist(), block, strict=True)
    }
    assert rows == {
        number: row.tobytes()
        for ids, block in expected.blocks()
        for number, row in zip(ids.tolist(), block, strict=True)
    }
    everything = np.array(sorted(rows), np.int64)
    assert np.array_equal(overlay.hashes(everything), expected.hashes(everything))
    with pytest.raises(InputError, match="expected ids of the index"):
        overlay.hashes(np.array([99], np.int64))
