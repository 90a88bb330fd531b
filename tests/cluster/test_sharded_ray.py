"""The sharded index on real Ray actors: answers, killed processes, switches."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from clustered_hashes import clustered, local_index
from hypothesis import given, settings
from hypothesis import strategies as st
from ray_sessions import RaySessions
from shards_here import assert_same, segment_of
from stopped_processes import kill, stopped, wait_until

from hashmatch.cluster import ShardedIndex
from hashmatch.cluster.placing import ADMIN
from hashmatch.cluster.replicas import Replicas
from hashmatch.cluster.revision_files import committed
from hashmatch.errors import (
    ClusterError,
    IndexCorruptError,
    IndexFileError,
    ShardUnavailableError,
)
from hashmatch.index import SearchResult

N = 2400
SETS = {revision: clustered(N - 100 * revision, seed=revision) for revision in (1, 2, 3)}
LOCAL = {revision: local_index(*content) for revision, content in SETS.items()}
QUERIES = np.concatenate([hashes[:40] for _, hashes in SETS.values()])
RADIUS = 50
IN_FLIGHT = 3


@pytest.fixture(scope="module")
def index(
    ray_sessions: RaySessions, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ShardedIndex]:
    """Two shards, two replicas each. Revision 1 counts at first, 2 and 3 are there."""
    ray_sessions.local()
    folder = tmp_path_factory.mktemp("shards")
    for ids, hashes in SETS.values():
        ShardedIndex.build(folder, hashes, ids, n_shards=2)
    with ShardedIndex.open(folder, replicas=2, in_flight=IN_FLIGHT) as opened:
        yield opened


@pytest.fixture(autouse=True)
def begins_with_revision_1(index: ShardedIndex) -> None:
    if index.revision != 1:
        index.switch(1)


def assert_right(index: ShardedIndex) -> None:
    assert_same(
        index.range_search(QUERIES, RADIUS), LOCAL[index.revision].range_search(QUERIES, RADIUS)
    )


def pids(index: ShardedIndex, shard: int) -> list[int]:
    return [one.pid for one in index.state() if one.shard == shard]


def busy(index: ShardedIndex, shard: int) -> list[int]:
    """Searches that each replica of a shard is asked for now."""
    return list(index._replicas._busy[shard])


def test_the_index_says_what_it_holds(index: ShardedIndex) -> None:
    assert (len(index), index.bits, index.n_shards, index.replicas) == (N - 100, 256, 2, 2)
    assert index.memory_bytes > 40 * len(index)
    states = index.state()
    assert [(one.shard, one.replica) for one in states] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert len({one.pid for one in states} - {os.getpid()}) == 4
    assert len({one.node for one in states}) == 1


@given(
    rows=st.lists(st.integers(0, len(QUERIES) - 1), max_size=12),
    radius=st.integers(0, 256),
    prefilter=st.none() | st.integers(0, 64),
    k=st.integers(1, 3000),
)
@settings(max_examples=20)
def test_answers_are_those_of_one_index(
    index: ShardedIndex, rows: list[int], radius: int, prefilter: int | None, k: int
) -> None:
    queries = QUERIES[np.array(rows, np.int64)]
    assert_same(
        index.range_search(queries, radius, prefilter_distance=prefilter),
        LOCAL[1].range_search(queries, radius, prefilter_distance=prefilter),
    )
    assert_same(index.knn(queries, k), LOCAL[1].knn(queries, k))


def test_large_arrays_go_through_the_object_store(index: ShardedIndex) -> None:
    queries = np.tile(QUERIES, (30, 1))
    assert queries.nbytes > 100_000
    found = index.range_search(queries, RADIUS)
    assert_same(found, LOCAL[1].range_search(queries, RADIUS))
    assert found.ids.flags.writeable
    ids, hashes = SETS[1]
    assert np.array_equal(index.hashes(ids[::-1]), hashes[::-1])


def test_all_pairs_shard_by_shard(index: ShardedIndex) -> None:
    found, expected = index.pairs(60), LOCAL[1].pairs(60)
    for place in range(3):
        assert found[place].dtype == expected[place].dtype
        assert np.array_equal(found[place], expected[place])
    blocks = index.pair_blocks(60, block_pairs=100)
    assert 0 < len(next(blocks)) < len(LOCAL[1].pairs(60)[0])
    blocks.close()  # type: ignore[attr-defined]  # tasks that run are not needed any more


def test_pairs_of_files_that_are_gone(index: ShardedIndex, tmp_path: Path) -> None:
    ShardedIndex.build(tmp_path, SETS[1][1], n_shards=2)
    other = ShardedIndex(tmp_path, index._replicas, index._manifest)
    assert sum(map(len, index.cross_pairs(other, 0))) >= len(index)
    segment_of(tmp_path, 1, 1).unlink()
    with pytest.raises(IndexFileError, match="segment"):
        list(other.pair_blocks(3))


def test_another_process_of_the_cluster_asks_the_same_actors(index: ShardedIndex) -> None:
    import ray

    def ask(one: ShardedIndex) -> tuple[SearchResult, int, list[str]]:
        return one.range_search(QUERIES, RADIUS), one.state()[0].pid, [s.node for s in one.state()]

    found, pid, nodes = ray.get(ray.remote(ask).remote(index))
    assert_same(found, LOCAL[1].range_search(QUERIES, RADIUS))
    assert (pid, nodes) == (index.state()[0].pid, [""] * 4)


def test_a_replica_killed_in_the_middle_of_a_search(index: ShardedIndex) -> None:
    mine = pids(index, 0)
    with ThreadPoolExecutor() as pool:
        with stopped(mine):
            searching = pool.submit(assert_right, index)
            wait_until(lambda: sum(busy(index, 0)) == 1)
            asked = busy(index, 0).index(1)
            kill(mine[asked])
        searching.result(timeout=60)
    again = pids(index, 0)
    assert again[asked] != mine[asked], "Ray has started it again"
    assert again[1 - asked] == mine[1 - asked]


def test_all_replicas_of_a_shard_killed_in_the_middle_of_searches(index: ShardedIndex) -> None:
    mine = pids(index, 1)
    with ThreadPoolExecutor() as pool:
        with stopped(mine):
            searching = [pool.submit(assert_right, index) for _ in range(2)]
            wait_until(lambda: sum(busy(index, 1)) == 2)
            for pid in mine:
                kill(pid)
        for one in searching:
            one.result(timeout=60)
    assert set(pids(index, 1)).isdisjoint(mine)


def test_questions_under_way_are_bounded(index: ShardedIndex) -> None:
    with ThreadPoolExecutor() as pool:
        with stopped(pids(index, 0)):
            searching = [pool.submit(assert_right, index) for _ in range(IN_FLIGHT + 4)]
            wait_until(lambda: sum(busy(index, 0)) == IN_FLIGHT)
            assert index._replicas._free.acquire(timeout=0.3) is False
            assert busy(index, 0) in ([1, 2], [2, 1]), "replicas share the work"
        for one in searching:
            one.result(timeout=60)
    assert busy(index, 0) == [0, 0]


def test_a_replica_killed_in_the_middle_of_a_switch(index: ShardedIndex) -> None:
    one = index.state()[3]
    with ThreadPoolExecutor() as pool:
        with stopped([one.pid]):
            switching = pool.submit(index.switch, 2)
            wait_until(lambda: {s.revisions for s in _others(index, one.pid)} == {(1, 2)})
            assert (index.revision, committed(index._folder)) == (1, 1), "one has not prepared it"
            kill(one.pid)
        switching.result(timeout=60)
    assert (index.revision, committed(index._folder), len(index)) == (2, 2, N - 200)
    assert all(2 in state.revisions for state in index.state())
    assert_right(index)


def _others(index: ShardedIndex, pid: int) -> list[Any]:
    """What the replicas hold that do not stand still."""
    import ray

    from hashmatch.cluster.sharded_index import ReplicaState

    handles = [actor for replicas in index._replicas.actors for actor in replicas][:3]
    found = ray.get([h.state.options(concurrency_group=ADMIN).remote() for h in handles])
    return [ReplicaState(0, 0, "", number, revisions) for number, revisions in found]


def test_a_switch_that_takes_too_long_is_none(index: ShardedIndex) -> None:
    with stopped(pids(index, 1)[:1]), pytest.raises(ShardUnavailableError, match="shard 1") as seen:
        index.switch(2, timeout_s=0.5)
    assert seen.value.shard == 1
    assert (index.revision, committed(index._folder)) == (1, 1)
    assert_right(index)


def test_a_switch_to_a_bad_revision_is_none(index: ShardedIndex) -> None:
    revision = ShardedIndex.build(index._folder, SETS[3][1], n_shards=2)
    path = segment_of(index._folder, revision, 1)
    data = bytearray(path.read_bytes())
    data[5000] ^= 1
    path.write_bytes(data)
    with pytest.raises(IndexCorruptError, match="checksum"):
        index.switch(revision)
    assert (index.revision, committed(index._folder)) == (1, 1)
    assert all(revision not in state.revisions for state in index.state()), "all have let it go"
    assert_right(index)
    with pytest.raises(IndexFileError):
        index.switch(revision + 1)
    index.switch(3)
    assert_right(index)


def test_a_process_killed_after_the_preparation_holds_what_counts(index: ShardedIndex) -> None:
    index._replicas.everywhere("prepare", (3,), timeout_s=30)
    assert all(state.revisions == (1, 3) for state in index.state())
    kill(index.state()[0].pid)
    wait_until(lambda: index.state()[0].revisions == (1,))
    assert_right(index)


def test_each_answer_is_of_one_revision(index: ShardedIndex) -> None:
    """Searches while it is switched to and fro, and a process killed: all of the old or the new."""
    expected = {revision: LOCAL[revision].range_search(QUERIES, RADIUS) for revision in (1, 2)}
    assert len(expected[1].ids) != len(expected[2].ids)

    def search() -> int:
        found = index.range_search(QUERIES, RADIUS)
        revision = next(r for r, one in expected.items() if len(one.ids) == len(found.ids))
        assert_same(found, expected[revision])
        return revision

    def searches() -> list[int]:
        return [search() for _ in range(12)]

    with ThreadPoolExecutor() as pool:
        running = [pool.submit(searches) for _ in range(2)]
        for turn in range(6):
            index.switch(2 - turn % 2)
            if turn == 2:
                kill(index.state()[1].pid)
        assert {r for one in running for r in one.result(timeout=90)} <= {1, 2}
    assert search() == index.revision == 1


def test_a_shard_that_stays_dead_is_named(ray_local: None, tmp_path: Path) -> None:
    import ray

    ids, hashes = SETS[1]
    ShardedIndex.build(tmp_path, hashes, ids, n_shards=3)
    with ShardedIndex.open(tmp_path) as opened:
        assert_same(opened.range_search(QUERIES, RADIUS), LOCAL[1].range_search(QUERIES, RADIUS))
        assert opened.replicas == 1
        ray.kill(opened._replicas.actors[2][0], no_restart=True)
        with pytest.raises(ShardUnavailableError, match="shard 2") as seen:
            opened.range_search(QUERIES, RADIUS)
        assert seen.value.shard == 2
        with pytest.raises(ShardUnavailableError, match="shard 2"):
            opened.state()
    opened.close()


def test_no_place_for_the_shards(ray_local: None, tmp_path: Path) -> None:
    ShardedIndex.build(tmp_path, SETS[1][1], n_shards=2)
    with pytest.raises(ClusterError, match="no place"):
        ShardedIndex.open(tmp_path, cpus=50.0, patience_s=1.0)


class _Deadly:
    def ping(self) -> None:
        pass

    def search(self) -> None:
        os._exit(1)


def test_a_question_that_ends_every_process_ends(
    ray_local: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray

    monkeypatch.setattr("hashmatch.cluster.replicas._RESTARTS", 1)
    deadly = ray.remote(concurrency_groups={ADMIN: 1})(_Deadly)
    actor = deadly.options(num_cpus=0, max_restarts=-1).remote()
    asking = Replicas([[actor]], patience_s=30, in_flight=1)
    with pytest.raises(ShardUnavailableError, match="ended every process"):
        asking.ask("search", {0: ()})
    ray.kill(actor, no_restart=True)
