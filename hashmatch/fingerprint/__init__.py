"""One medium in, one fingerprint out: decode and hashing put together."""

from hashmatch.fingerprint.image import examine_image, hash_image
from hashmatch.fingerprint.model import FingerprintStatus, ImageFingerprint

__all__ = ["FingerprintStatus", "ImageFingerprint", "examine_image", "hash_image"]
