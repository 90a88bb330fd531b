"""One medium in, one fingerprint out: decode and hashing put together."""

from hashmatch.fingerprinting.image import ImageSource, examine_image, hash_image
from hashmatch.fingerprinting.model import FingerprintStatus, ImageFingerprint
from hashmatch.fingerprinting.sniffed import fingerprint

__all__ = [
    "FingerprintStatus",
    "ImageFingerprint",
    "ImageSource",
    "examine_image",
    "fingerprint",
    "hash_image",
]
