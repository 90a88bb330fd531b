"""Many files: which there are, and what is known of an exhibit."""

from hashmatch.scan.archives import ArchiveLimits
from hashmatch.scan.catalogue import FILE_NAME, Catalogue
from hashmatch.scan.hashes import PictureHashes, TrimHashes, VideoFrames
from hashmatch.scan.items import CatalogueContent, CatalogueItem
from hashmatch.scan.judge import Judge
from hashmatch.scan.listing import Entry, entries
from hashmatch.scan.ray_cluster import RayCluster
from hashmatch.scan.recipe import Recipe
from hashmatch.scan.remote_url import without_secrets
from hashmatch.scan.roots import checked_roots, require_outside
from hashmatch.scan.run import scan_into
from hashmatch.scan.statuses import ItemStatus
from hashmatch.scan.summary import ScanSummary
from hashmatch.scan.walk import Found, walk

__all__ = [
    "FILE_NAME",
    "ArchiveLimits",
    "Catalogue",
    "CatalogueContent",
    "CatalogueItem",
    "Entry",
    "Found",
    "ItemStatus",
    "Judge",
    "PictureHashes",
    "RayCluster",
    "Recipe",
    "ScanSummary",
    "TrimHashes",
    "VideoFrames",
    "checked_roots",
    "entries",
    "require_outside",
    "scan_into",
    "walk",
    "without_secrets",
]
