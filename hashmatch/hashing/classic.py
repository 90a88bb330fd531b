"""The classic hashes from pixels, bit-exact with the packages that stored values come from.

Sources: imagehash 4.3.2 over Pillow 13 (ahash, dhash, phash, phash256, whash), blockhash-python
(blockhash, blockhash_precise), ThreatExchange's pdq/cpp (pdq_cpp). docs/hashes.md has a section
for each.

All functions share this contract.

Args:
    pixels: uint8, shape (h, w, 3) RGB or (h, w) grey, any strides; each side at least the hash's
        minimum (``hashmatch.hashing.min_side``).

Returns:
    The hash, uint8 of shape (n_bytes,), in the byte order of its hex text; its quality, 0..100.
    For all but ``pdq_cpp`` the quality is the percentage of bits that are firm: decided by a
    difference that a faint change of the picture does not turn over. Below 50 the hash says too
    little about the picture to be matched.

Raises:
    InputTypeError: not an array of uint8.
    InputError: another shape, or too small a side.
    CpuFeatureError: ``HASHMATCH_ISA`` asks for what this CPU lacks.

The GIL is released.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native
from hashmatch.hashing.image import MIN_SIDE
from hashmatch.hashing.pixels import checked

Pixels: TypeAlias = NDArray[np.uint8]
Hashed: TypeAlias = tuple[NDArray[np.uint8], int]

IMAGEHASH_MIN_SIDE = 1
"""imagehash hashes whatever is not empty; a tiny picture is enlarged."""

BLOCKHASH_MIN_SIDE = 16
"""Below it a block has no pixel of its own, and blockhash-python's value means nothing."""


def ahash(pixels: Pixels) -> Hashed:
    """``imagehash.average_hash(image)``: 64 bits, 8x8 pixels against their mean."""
    return _native.ahash(checked(pixels, IMAGEHASH_MIN_SIDE, "ahash"))


def dhash(pixels: Pixels) -> Hashed:
    """``imagehash.dhash(image)``: 64 bits, each of 8x8 pixels against its left neighbour."""
    return _native.dhash(checked(pixels, IMAGEHASH_MIN_SIDE, "dhash"))


def phash(pixels: Pixels) -> Hashed:
    """``imagehash.phash(image)``: 64 bits, 8x8 low frequencies against their median."""
    return _native.phash(checked(pixels, IMAGEHASH_MIN_SIDE, "phash"))


def phash256(pixels: Pixels) -> Hashed:
    """``imagehash.phash(image, hash_size=16, highfreq_factor=4)``: 256 bits."""
    return _native.phash256(checked(pixels, IMAGEHASH_MIN_SIDE, "phash256"))


def whash(pixels: Pixels) -> Hashed:
    """``imagehash.whash(image)``: 64 bits, 8x8 Haar block means against their median."""
    return _native.whash(checked(pixels, IMAGEHASH_MIN_SIDE, "whash"))


def blockhash(pixels: Pixels) -> Hashed:
    """``blockhash.blockhash_even(image, 16)``: 256 bits, blocks of whole pixels."""
    return _native.blockhash(checked(pixels, BLOCKHASH_MIN_SIDE, "blockhash"))


def blockhash_precise(pixels: Pixels) -> Hashed:
    """``blockhash.blockhash(image, 16)``: 256 bits, blocks of fractions of pixels."""
    return _native.blockhash_precise(checked(pixels, BLOCKHASH_MIN_SIDE, "blockhash-precise"))


def pdq_cpp(pixels: Pixels) -> Hashed:
    """PDQ as Meta's C++ tool and WASM build give it: over 512 pixels a side, of the picture
    stretched to 512x512 by nearest neighbour; else as ``pdq``. Quality as ``pdq``."""
    square = _native.stretched(checked(pixels, MIN_SIDE, "pdq-cpp"))
    value, quality, _ = _native.pdq(square)
    return value, quality
