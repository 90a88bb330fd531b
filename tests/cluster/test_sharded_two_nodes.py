"""The sharded index on two nodes, one of which goes away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from clustered_hashes import clustered, local_index
from ray_sessions import TwoNodes
from shards_here import assert_same
from stopped_processes import stopped, wait_until

from hashmatch.cluster import ShardedIndex

IDS, HASHES = clustered(1500, seed=5)
LOCAL = local_index(IDS, HASHES)
QUERIES = HASHES[:60]


def assert_right(index: ShardedIndex) -> None:
    assert_same(index.range_search(QUERIES, 45), LOCAL.range_search(QUERIES, 45))


def test_machines_share_the_shards(ray_two_nodes: TwoNodes, tmp_path: Path) -> None:
    ShardedIndex.build(tmp_path, HASHES, IDS, n_shards=4)
    with ShardedIndex.open(tmp_path) as index:
        nodes = [one.node for one in index.state()]
        assert sorted(map(nodes.count, set(nodes))) == [2, 2]
        assert_right(index)


def test_a_node_removed_in_the_middle_of_searches(ray_two_nodes: TwoNodes, tmp_path: Path) -> None:
    import ray

    ShardedIndex.build(tmp_path, HASHES, IDS, n_shards=2)
    with ShardedIndex.open(tmp_path, replicas=2) as index:
        here = ray.get_runtime_context().get_node_id()
        states = index.state()
        for shard in (0, 1):
            nodes = {one.node for one in states if one.shard == shard}
            assert len(nodes) == 2, "replicas of a shard are on different nodes"
            assert here in nodes
        away = [one.pid for one in states if one.node != here]
        theirs = [(one.shard, one.replica) for one in states if one.node != here]
        with ThreadPoolExecutor() as pool, stopped(away):
            searching = [pool.submit(assert_right, index) for _ in range(4)]
            busy = index._replicas._busy
            wait_until(lambda: all(busy[shard][replica] for shard, replica in theirs))
            ray_two_nodes.remove_other()
            for one in searching:
                one.result(timeout=90)
        assert_right(index)
        states = index.state()
        assert {one.node for one in states} == {here}, "Ray has started them on the other node"
        assert len({one.pid for one in states}) == 4
        assert len(index.pairs(30)[0]) == len(LOCAL.pairs(30)[0]) > 0
