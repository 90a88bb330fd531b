"""Work that outgrows one machine, on a Ray cluster (extra ``ray``): the sharded index, the matching
service."""

from hashmatch.cluster.assignment import shard_of
from hashmatch.cluster.building import build_revision
from hashmatch.cluster.cluster_lookup import ShardSource, shards_of
from hashmatch.cluster.ray_library import connect, disconnect
from hashmatch.cluster.revision_files import remove_revision, verify_files
from hashmatch.cluster.service import CheckService
from hashmatch.cluster.service_checker import CheckerState
from hashmatch.cluster.sharded_index import ReplicaState, ShardedIndex, ShardedSnapshot

__all__ = [
    "CheckService",
    "CheckerState",
    "ReplicaState",
    "ShardSource",
    "ShardedIndex",
    "ShardedSnapshot",
    "build_revision",
    "connect",
    "disconnect",
    "remove_revision",
    "shard_of",
    "shards_of",
    "verify_files",
]
