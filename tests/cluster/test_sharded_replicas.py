"""Which replica is asked; no Ray."""

from __future__ import annotations

import pickle

from hashmatch.cluster.replicas import Replicas
from hashmatch.errors import ShardUnavailableError


def test_idle_replicas_take_turns_in_every_shard() -> None:
    replicas = Replicas([["a", "b"], ["c", "d"], ["e", "f"]], patience_s=1, in_flight=1)
    asked = [[replicas._chosen(shard) for shard in range(3)] for _ in range(10)]
    for shard in range(3):
        mine = [row[shard] for row in asked]
        assert sorted(mine) == [0] * 5 + [1] * 5
        assert mine[:-1] != mine[1:]


def test_the_least_busy_one_is_asked_and_never_one_that_is_left_out() -> None:
    replicas = Replicas([["a", "b", "c"]], patience_s=1, in_flight=1)
    replicas._busy[0] = [2, 1, 1]
    assert {replicas._chosen(0) for _ in range(6)} == {1, 2}
    assert {replicas._chosen(0, frozenset({1, 2})) for _ in range(3)} == {0}


def test_what_is_sent_to_another_process_counts_for_itself() -> None:
    replicas = Replicas([["a", "b"]], patience_s=1, in_flight=2)
    replicas._busy[0][1] = 5
    again = pickle.loads(pickle.dumps(replicas))  # noqa: S301  # made here
    assert (again.actors, len(again), again._busy) == ((("a", "b"),), 1, [[0, 0]])


def test_the_error_that_names_a_shard_crosses_processes() -> None:
    error = pickle.loads(pickle.dumps(ShardUnavailableError("gone", shard=3)))  # noqa: S301
    assert (type(error), error.shard, str(error)) == (ShardUnavailableError, 3, "gone")
