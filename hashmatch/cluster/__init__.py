"""Work that outgrows one machine, on a Ray cluster (extra ``ray``): the sharded index."""

from hashmatch.cluster.assignment import shard_of
from hashmatch.cluster.building import build_revision
from hashmatch.cluster.ray_library import connect, disconnect
from hashmatch.cluster.revision_files import verify_files
from hashmatch.cluster.sharded_index import ReplicaState, ShardedIndex, ShardedSnapshot

__all__ = [
    "ReplicaState",
    "ShardedIndex",
    "ShardedSnapshot",
    "build_revision",
    "connect",
    "disconnect",
    "shard_of",
    "verify_files",
]
