"""Shards to Ray actors: where they stand, what they reserve, that they are started again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from hashmatch.cluster.ray_library import ray_library
from hashmatch.cluster.revision_files import RevisionManifest
from hashmatch.cluster.shard import Shard
from hashmatch.errors import ClusterError

ADMIN = "admin"
"""Concurrency group of what must not wait for searches: switching, and being there."""

_LEAST_MEMORY = 1 << 20


@dataclass(frozen=True, slots=True)
class Placed:
    """Actors that were started.

    Attributes:
        actors: by shard, then by replica.
        groups: Ray's placement groups, to be removed with them.
        together: shards of one group; its bundles are their replicas, one shard after the other.
    """

    actors: tuple[tuple[Any, ...], ...]
    groups: tuple[Any, ...]
    together: int

    def nodes(self) -> dict[tuple[int, int], str]:
        """Id of the node of each shard and replica; after a node is gone, Ray chooses another."""
        from ray.util import placement_group_table

        tables = [placement_group_table(group)["bundles_to_node_id"] for group in self.groups]
        n = len(self.actors[0])
        return {
            (shard, replica): str(
                tables[shard // self.together][shard % self.together * n + replica]
            )
            for shard in range(len(self.actors))
            for replica in range(n)
        }

    def remove(self) -> None:
        """End the actors and give their places back."""
        ray = ray_library()
        from ray.util import remove_placement_group

        for actor in (actor for replicas in self.actors for actor in replicas):
            ray.kill(actor, no_restart=True)
        for group in self.groups:
            remove_placement_group(group)


def place_shards(
    folder: Path,
    manifest: RevisionManifest,
    replicas: int,
    *,
    cpus: float,
    searches: int,
    patience_s: float,
) -> Placed:
    """Start an actor for each replica of each shard.

    Each reserves as much memory as its files have, which are mapped, and ``cpus``. Ray's strategy
    SPREAD puts what is in one placement group on different machines while there are some left, and
    then does not care: so a group has as many whole shards as there are machines for, and each
    machine gets as many actors as any other. When a machine is gone, its actors are started again
    on others.

    Args:
        searches: how many an actor runs at once.
        patience_s: how long to wait for places.

    Raises:
        ClusterError: the cluster has no place for them.
    """
    ray = ray_library()
    from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

    n_nodes = sum(bool(node["Alive"]) for node in ray.nodes())
    together = max(1, n_nodes // replicas)
    needs = [_needs(shard.n_bytes, cpus) for shard in manifest.shards]
    bundles = [
        [need for need in needs[first : first + together] for _ in range(replicas)]
        for first in range(0, len(needs), together)
    ]
    groups = _groups(bundles, patience_s)
    shard_class = ray.remote(concurrency_groups={ADMIN: 1})(Shard)
    actors = [
        tuple(
            shard_class.options(
                num_cpus=cpus,
                memory=need["memory"],
                max_restarts=-1,
                max_concurrency=searches,
                scheduling_strategy=PlacementGroupSchedulingStrategy(
                    groups[number // together],
                    placement_group_bundle_index=number % together * replicas + replica,
                ),
            ).remote(str(folder), number)
            for replica in range(replicas)
        )
        for number, need in enumerate(needs)
    ]
    return Placed(tuple(actors), tuple(groups), together)


def _needs(n_bytes: int, cpus: float) -> dict[str, float]:
    memory = max(n_bytes, _LEAST_MEMORY)
    return {"memory": memory, "CPU": cpus} if cpus else {"memory": memory}


def _groups(wanted: Sequence[list[dict[str, float]]], patience_s: float) -> list[Any]:
    from ray.util import placement_group, remove_placement_group

    groups = [placement_group(bundles, strategy="SPREAD") for bundles in wanted]
    until = monotonic() + patience_s
    for group, bundles in zip(groups, wanted, strict=True):
        if not group.wait(max(1.0, until - monotonic())):
            for one in groups:
                remove_placement_group(one)
            raise ClusterError(
                f"the cluster has no place for the shards within {patience_s:g} s: "
                f"expected {len(bundles)} times {bundles[0]}, SPREAD"
            )
    return groups
