"""Pairs within a radius to groups: deterministic, whatever the order of pairs and threads."""

from hashmatch.clustering.complete import complete_linkage
from hashmatch.clustering.medoids import medoid_clusters
from hashmatch.clustering.near import Linkage, NearGroups, near_groups
from hashmatch.clustering.unions import components

__all__ = [
    "Linkage",
    "NearGroups",
    "complete_linkage",
    "components",
    "medoid_clusters",
    "near_groups",
]
