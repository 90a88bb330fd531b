"""One medium of any kind in, one fingerprint out: its bytes say which kind."""

from __future__ import annotations

from hashmatch.decode import Limits
from hashmatch.fingerprinting.image import ImageSource, hash_image
from hashmatch.fingerprinting.model import ImageFingerprint


def fingerprint(source: ImageSource, *, limits: Limits | None = None) -> ImageFingerprint:
    """Digests and all hashes of one medium, by what its bytes are.

    Pictures are the kind that this version hashes; see ``hash_image`` for sources and errors.

    Raises:
        UnsupportedMediaError: the bytes are of another kind, which the message names.
        DecodeError, InputError: as ``hash_image``.
    """
    return hash_image(source, limits=limits)
