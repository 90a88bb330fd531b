"""Pairs within a radius to groups: deterministic, whatever the order of pairs and threads."""

from hashmatch.clustering.complete import complete_linkage
from hashmatch.clustering.distances import Distances
from hashmatch.clustering.faces import Faces
from hashmatch.clustering.linking import Linkage
from hashmatch.clustering.medoids import medoid_clusters
from hashmatch.clustering.near import NearGroups, face_groups, near_groups, pair_groups
from hashmatch.clustering.unions import components

__all__ = [
    "Distances",
    "Faces",
    "Linkage",
    "NearGroups",
    "complete_linkage",
    "components",
    "face_groups",
    "medoid_clusters",
    "near_groups",
    "pair_groups",
]
