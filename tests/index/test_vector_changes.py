"""VectorIndex under add and remove: against a dict, and with readers and writers at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from numpy.typing import NDArray
from reference import vectors as reference

from hashmatch.errors import InputError
from hashmatch.index import VectorIndex

DIMS = 7
BATCH = 50


def some_vectors(n: int, seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 4, (n, DIMS), dtype=np.uint8)


class AgainstADict(RuleBasedStateMachine):
    """Any history of changes; the index answers as a dict of the same vectors would."""

    def __init__(self) -> None:
        super().__init__()
        self.index = VectorIndex(DIMS)
        self.model: dict[int, NDArray[np.uint8]] = {}
        self.next_id = 0

    def remember(self, ids: list[int], vectors: NDArray[np.uint8]) -> None:
        self.model.update(zip(ids, vectors, strict=True))
        self.next_id = max([self.next_id, *(id_ + 1 for id_ in ids)])

    @rule(n=st.integers(0, 40), seed=st.integers(0, 999))
    def append(self, n: int, seed: int) -> None:
        vectors = some_vectors(n, seed)
        given = self.index.add(vectors).tolist()
        assert given == list(range(self.next_id, self.next_id + n))
        self.remember(given, vectors)

    @rule(ids=st.lists(st.integers(-50, 120), max_size=30), seed=st.integers(0, 999))
    def add(self, ids: list[int], seed: int) -> None:
        vectors = some_vectors(len(ids), seed)
        if len(set(ids)) < len(ids) or set(ids) & set(self.model):
            with pytest.raises(InputError, match=r"stands twice|is already in the index"):
                self.index.add(vectors, np.array(ids, np.int64))
        else:
            self.index.add(vectors, np.array(ids, np.int64))
            self.remember(ids, vectors)

    @rule(share=st.sampled_from([0.1, 0.6, 1.0]), seed=st.integers(0, 999))
    def remove(self, share: float, seed: int) -> None:
        have = sorted(self.model)
        count = int(share * len(have))
        gone = np.random.default_rng(seed).permutation(np.array(have, np.int64))[:count]
        self.index.remove(gone)
        for id_ in gone.tolist():
            del self.model[id_]

    @rule(id_=st.integers(-50, 200))
    def remove_what_is_not_there(self, id_: int) -> None:
        if id_ not in self.model:
            with pytest.raises(InputError, match=f"id {id_} is not in the index"):
                self.index.remove(np.array([*list(self.model)[:1], id_], np.int64))

    @invariant()
    def answers_alike(self) -> None:
        assert len(self.index) == len(self.model)
        ids = np.array(list(self.model), np.int64)
        vectors = np.array(list(self.model.values()), np.uint8).reshape(-1, DIMS)
        query = some_vectors(1, len(ids))
        expected = reference.hits(ids, vectors, query[0])
        for result, wanted in (
            (self.index.range_search(query, 12), [hit for hit in expected if hit[0] <= 12]),
            (self.index.knn(query, 9), expected[:9]),
        ):
            found_ids, distances = result.of(0)
            assert list(zip(distances.tolist(), found_ids.tolist(), strict=True)) == wanted


AgainstADict.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestAgainstADict = AgainstADict.TestCase


def test_single_adds_stay_few_parts() -> None:
    """A row an add: memory grows with the rows and not with the number of adds."""
    index = VectorIndex(144)
    row = np.zeros((1, 144), np.uint8)
    for _ in range(3000):
        index.add(row)
    bulk = VectorIndex(144)
    bulk.add(np.zeros((3000, 144), np.uint8))
    assert len(index) == len(bulk) == 3000
    assert index.memory_bytes < 1.1 * bulk.memory_bytes
    assert bulk.memory_bytes < 3000 * (144 + 8 + 8) + 16 * 160
    index.remove(np.arange(2900))
    assert index.memory_bytes < 0.1 * bulk.memory_bytes
    index.remove(np.arange(2900, 3000))
    assert index.memory_bytes == 0


def batch_vectors(batch: int) -> NDArray[np.uint8]:
    """One batch is one vector, BATCH times: a search for it must find all of them or none."""
    return np.tile(np.random.default_rng(batch).integers(0, 256, 144, dtype=np.uint8), (BATCH, 1))


@pytest.mark.parametrize("readers", [1, 4])
def test_searches_see_whole_batches(readers: int) -> None:
    index = VectorIndex()
    batches = 40
    done = threading.Event()
    torn: list[tuple[int, int]] = []
    counted = [0] * readers

    def ids(batch: int) -> NDArray[np.int64]:
        return np.arange(batch * BATCH, (batch + 1) * BATCH)

    def read(reader: int) -> None:
        rng = np.random.default_rng(reader)
        while not done.is_set() or counted[reader] == 0:
            batch = int(rng.integers(0, batches))
            query = batch_vectors(batch)[:1]
            for result in (index.range_search(query, 0, threads=2), index.knn(query, BATCH)):
                exact = result.ids[result.distances == 0].tolist()
                if exact not in ([], ids(batch).tolist()):
                    torn.append((batch, len(exact)))
            counted[reader] += 1

    def write() -> None:
        try:
            for turn in range(4):
                for batch in range(batches):
                    index.add(batch_vectors(batch), ids(batch))
                for batch in range(0, batches, 2 if turn == 3 else 1):
                    index.remove(ids(batch))
        finally:
            done.set()

    with ThreadPoolExecutor(readers + 1) as pool:
        tasks = [pool.submit(read, reader) for reader in range(readers)] + [pool.submit(write)]
        for task in tasks:
            task.result()
    assert torn == []
    assert min(counted) > 0
    for batch in range(batches):
        found = index.range_search(batch_vectors(batch)[:1], 0).ids.tolist()
        assert found == (ids(batch).tolist() if batch % 2 else [])


def test_writers_at_once_lose_nothing() -> None:
    index = VectorIndex()
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda b: index.add(batch_vectors(b)).tolist(), range(100)))
    assert sorted(id_ for ids in given for id_ in ids) == list(range(100 * BATCH))
    for batch in range(0, 100, 7):
        assert index.range_search(batch_vectors(batch)[:1], 0).ids.tolist() == given[batch]
