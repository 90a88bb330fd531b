"""Untrusted bytes to pixels. Knows no hashes. Pillow is imported when a picture is decoded."""

from hashmatch.decode.image import BACKGROUND, DecodedImage, decode_image, decode_pillow
from hashmatch.decode.limits import DEFAULT_LIMITS, Limits
from hashmatch.decode.sniff import SNIFF_BYTES, UNKNOWN_TYPE, MediaType, sniff
from hashmatch.decode.source import Source, open_source, read_blocks, source_name

__all__ = [
    "BACKGROUND",
    "DEFAULT_LIMITS",
    "SNIFF_BYTES",
    "UNKNOWN_TYPE",
    "DecodedImage",
    "Limits",
    "MediaType",
    "Source",
    "decode_image",
    "decode_pillow",
    "open_source",
    "read_blocks",
    "sniff",
    "source_name",
]
