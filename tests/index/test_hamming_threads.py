"""Writers and readers at once: every search sees the index before or after a change, whole."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from hashmatch.index import HammingIndex

BATCH = 50


def batch_hashes(batch: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """One batch is one hash, BATCH times: a search for it must find all of them or none."""
    value = np.random.default_rng(batch).integers(0, 256, 32, dtype=np.uint8)
    return np.tile(value, (BATCH, 1))


@pytest.mark.parametrize("readers", [1, 4])
def test_searches_see_whole_batches(readers: int) -> None:
    index = HammingIndex(256)
    batches = 60
    done = threading.Event()
    torn: list[tuple[int, int]] = []
    counted = [0] * readers

    def ids(batch: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        return np.arange(batch * BATCH, (batch + 1) * BATCH)

    def read(reader: int) -> None:
        rng = np.random.default_rng(reader)
        while not done.is_set() or counted[reader] == 0:
            batch = int(rng.integers(0, batches))
            query = batch_hashes(batch)[:1]
            for result in (index.range_search(query, 0), index.knn(query, BATCH)):
                exact = result.ids[result.distances == 0].tolist()
                if exact not in ([], ids(batch).tolist()):
                    torn.append((batch, len(exact)))
            counted[reader] += 1

    def write() -> None:
        try:
            for turn in range(4):
                for batch in range(batches):
                    index.add(batch_hashes(batch), ids(batch))
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
    assert len(index) == batches // 2 * BATCH
    for batch in range(batches):
        found = index.range_search(batch_hashes(batch)[:1], 0).ids.tolist()
        assert found == (ids(batch).tolist() if batch % 2 else [])


def test_writers_at_once_lose_nothing() -> None:
    index = HammingIndex(256)
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda b: index.add(batch_hashes(b)).tolist(), range(200)))
    assert len(index) == 200 * BATCH
    assert sorted(id_ for ids in given for id_ in ids) == list(range(200 * BATCH))
    for batch in range(0, 200, 7):
        assert index.range_search(batch_hashes(batch)[:1], 0).ids.tolist() == given[batch]
