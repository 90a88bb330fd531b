"""Untrusted bytes to pixels. Knows no hashes. Pillow is imported when a picture is decoded."""

from hashmatch.decode.image import (
    MIN_FRACTION,
    Admit,
    DecodedImage,
    Reduce,
    decode_image,
    decode_pillow,
)
from hashmatch.decode.limits import DEFAULT_LIMITS, Limits
from hashmatch.decode.modes import BACKGROUND
from hashmatch.decode.orientation import apply_orientation
from hashmatch.decode.sequence import later_frames
from hashmatch.decode.sniff import SNIFF_BYTES, UNKNOWN_TYPE, MediaType, sniff
from hashmatch.decode.source import Source, open_source, read_blocks, source_name

__all__ = [
    "BACKGROUND",
    "DEFAULT_LIMITS",
    "MIN_FRACTION",
    "SNIFF_BYTES",
    "UNKNOWN_TYPE",
    "Admit",
    "DecodedImage",
    "Limits",
    "MediaType",
    "Reduce",
    "Source",
    "apply_orientation",
    "decode_image",
    "decode_pillow",
    "later_frames",
    "open_source",
    "read_blocks",
    "sniff",
    "source_name",
]
