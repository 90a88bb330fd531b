"""Pixels and bytes to hashes and digests. Knows no file formats."""

from hashmatch.hashing.cells import cell_scale, pdq_cells
from hashmatch.hashing.digest import digest_blocks, digest_bytes
from hashmatch.hashing.image import MIN_SIDE, ORIENTATIONS, pdq, pdq_dihedral, require_picture

__all__ = [
    "MIN_SIDE",
    "ORIENTATIONS",
    "cell_scale",
    "digest_blocks",
    "digest_bytes",
    "pdq",
    "pdq_cells",
    "pdq_dihedral",
    "require_picture",
]
