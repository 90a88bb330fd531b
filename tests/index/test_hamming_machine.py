"""Any sequence of adds, removals and searches, beside a dict."""

from __future__ import annotations

from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hamming_samples import WITH_TABLES, expected, random_hashes, turned
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from reference import hamming as reference

from hashmatch.errors import InputError
from hashmatch.index import HammingIndex

ids_lists = st.lists(st.integers(-5, 30), max_size=12)


class IndexMachine(RuleBasedStateMachine):
    """Few bits and few ids, so that ties, repeats and holes happen all the time."""

    @initialize(bits=st.sampled_from([8, 64, 72, 256]))
    def start(self, bits: int) -> None:
        self.bits = bits
        self.index = HammingIndex(bits)
        self.model: dict[int, bytes] = {}
        self.next_id = 0

    def values(self, n: int, seed: int) -> Any:
        """Hashes with few set bits: many lie close together."""
        rng = np.random.default_rng(seed)
        flags = rng.random((n, self.bits)) < 0.1
        return np.packbits(flags, axis=1)

    def store(self, ids: list[int], hashes: Any) -> None:
        for id_, value in zip(ids, hashes, strict=True):
            self.model[id_] = value.tobytes()
            self.next_id = max(self.next_id, id_ + 1)

    def expected(self, query: Any) -> list[reference.Hit]:
        ids = np.array(list(self.model), np.int64)
        packed = np.frombuffer(b"".join(self.model.values()), np.uint8)
        return reference.hits(ids, packed.reshape(len(ids), self.bits // 8), query)

    @rule(n=st.integers(0, 20), seed=st.integers(0, 1000))
    def add(self, n: int, seed: int) -> None:
        hashes = self.values(n, seed)
        ids = self.index.add(hashes).tolist()
        assert ids == list(range(self.next_id, self.next_id + n))
        self.store(ids, hashes)

    @rule(ids=ids_lists, seed=st.integers(0, 1000))
    def add_with_ids(self, ids: list[int], seed: int) -> None:
        hashes = self.values(len(ids), seed)
        if len(set(ids)) < len(ids) or any(id_ in self.model for id_ in ids):
            with pytest.raises(InputError):
                self.index.add(hashes, np.array(ids, np.int64))
        else:
            assert self.index.add(hashes, np.array(ids, np.int64)).tolist() == ids
            self.store(ids, hashes)

    @rule(ids=ids_lists)
    def remove(self, ids: list[int]) -> None:
        if len(set(ids)) < len(ids) or any(id_ not in self.model for id_ in ids):
            with pytest.raises(InputError):
                self.index.remove(np.array(ids, np.int64))
        else:
            self.index.remove(np.array(ids, np.int64))
            for id_ in ids:
                del self.model[id_]

    @rule(data=st.data())
    def remove_known(self, data: st.DataObject) -> None:
        if not self.model:
            return
        ids = data.draw(st.lists(st.sampled_from(sorted(self.model)), unique=True))
        self.index.remove(np.array(ids, np.int64))
        for id_ in ids:
            del self.model[id_]

    @rule()
    def compact(self) -> None:
        self.index.compact()

    @rule()
    def save_and_open(self) -> None:
        """In place of the index: what was opened must do all that follows."""
        with TemporaryDirectory() as folder:
            self.index.save(folder)
            self.index = HammingIndex.open(folder)
            self.index.verify(samples=3)

    @rule(n=st.integers(0, 8), seed=st.integers(0, 1000), radius=st.integers(0, 60))
    def range_search(self, n: int, seed: int, radius: int) -> None:
        queries = self.values(n, seed)
        result = self.index.range_search(queries, radius)
        for i, query in enumerate(queries):
            ids, distances = result.of(i)
            found = list(zip(distances.tolist(), ids.tolist(), strict=True))
            assert found == reference.within(self.expected(query), radius)

    @rule(seed=st.integers(0, 1000), k=st.integers(1, 40))
    def knn(self, seed: int, k: int) -> None:
        query = self.values(1, seed)
        ids, distances = self.index.knn(query, k).of(0)
        found = list(zip(distances.tolist(), ids.tolist(), strict=True))
        assert found == self.expected(query[0])[:k]

    @invariant()
    def same_size(self) -> None:
        if hasattr(self, "index"):
            assert len(self.index) == len(self.model)


class LargeIndexMachine(RuleBasedStateMachine):
    """The same over segments that have tables; the model is a bare array."""

    @initialize(seed=st.integers(0, 1000))
    def start(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.hashes = random_hashes(WITH_TABLES, seed)
        self.ids = self.rng.permutation(np.arange(WITH_TABLES, dtype=np.int64))
        self.index = HammingIndex(256)
        self.index.add(self.hashes, self.ids)

    @rule(n=st.sampled_from([1, 10, 300, 9000]))
    def add(self, n: int) -> None:
        near = self.hashes[self.rng.integers(0, len(self.hashes), n)].copy()
        near[:, self.rng.integers(0, 32)] ^= np.uint8(1 << self.rng.integers(0, 8))
        ids = np.arange(n, dtype=np.int64) + self.ids.max() + 1
        self.index.add(near, ids)
        self.hashes, self.ids = np.concatenate([self.hashes, near]), np.append(self.ids, ids)

    @rule(share=st.sampled_from([0.0001, 0.01, 0.4]))
    def remove(self, share: float) -> None:
        gone = self.rng.random(len(self.ids)) < share
        self.index.remove(self.ids[gone])
        self.hashes, self.ids = self.hashes[~gone], self.ids[~gone]

    @rule()
    def compact(self) -> None:
        self.index.compact()

    @rule(radius=st.sampled_from([0, 8, 31, 45]), k=st.integers(1, 5))
    def search(self, radius: int, k: int) -> None:
        assert len(self.index) == len(self.ids)
        places = self.rng.integers(0, len(self.ids), 3)
        queries = self.hashes[places].copy()
        queries[1] = turned(queries[1], self.rng.choice(256, 20, replace=False).tolist())
        result, nearest = self.index.range_search(queries, radius), self.index.knn(queries, k)
        for i, query in enumerate(queries):
            known = expected(query, self.hashes, self.ids, max(radius, 60))
            ids, far = result.of(i)
            found = list(zip(far.tolist(), ids.tolist(), strict=True))
            assert found == reference.within(known, radius)
            ids, far = nearest.of(i)
            found = list(zip(far.tolist(), ids.tolist(), strict=True))
            assert found[: len(known)] == known[:k]


TestLargeIndexMachine = LargeIndexMachine.TestCase
TestLargeIndexMachine.settings = settings(max_examples=8, stateful_step_count=15)

TestIndexMachine = IndexMachine.TestCase
TestIndexMachine.settings = settings(max_examples=60, stateful_step_count=40)
