"""Pixels and bytes to hashes and digests. Knows no file formats."""

from hashmatch.hashing.cells import cell_scale, pdq_cells
from hashmatch.hashing.classic import (
    ahash,
    blockhash,
    blockhash_precise,
    dhash,
    pdq_cpp,
    phash,
    phash256,
    whash,
)
from hashmatch.hashing.compact import COMPACT_SIDE, compact_luma, luma_of
from hashmatch.hashing.digest import digest_blocks, digest_bytes
from hashmatch.hashing.image import MIN_SIDE, ORIENTATIONS, pdq, pdq_dihedral
from hashmatch.hashing.pixels import require_picture
from hashmatch.hashing.plane import pdq_feature, pdq_plane, pdq_plane_dihedral
from hashmatch.hashing.table import dihedral_pixels, hash_pixels, min_side
from hashmatch.hashing.tmk import Resampler, TmkBuilder, TmkFeatures, tmk_level1, tmk_level2
from hashmatch.hashing.turns import rows_as_shown, turned_pixels
from hashmatch.hashing.views import Box, pictures, trims

__all__ = [
    "COMPACT_SIDE",
    "MIN_SIDE",
    "ORIENTATIONS",
    "Box",
    "Resampler",
    "TmkBuilder",
    "TmkFeatures",
    "ahash",
    "blockhash",
    "blockhash_precise",
    "cell_scale",
    "compact_luma",
    "dhash",
    "digest_blocks",
    "digest_bytes",
    "dihedral_pixels",
    "hash_pixels",
    "luma_of",
    "min_side",
    "pdq",
    "pdq_cells",
    "pdq_cpp",
    "pdq_dihedral",
    "pdq_feature",
    "pdq_plane",
    "pdq_plane_dihedral",
    "phash",
    "phash256",
    "pictures",
    "require_picture",
    "rows_as_shown",
    "tmk_level1",
    "tmk_level2",
    "trims",
    "turned_pixels",
    "whash",
]
