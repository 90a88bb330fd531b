"""MD5, SHA-1 and SHA-256 of a file in one pass over its bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from hashmatch.types import Digests


def digest_blocks(blocks: Iterable[bytes]) -> Digests:
    """All three digests of the concatenated blocks, as lower-case hex.

    MD5 and SHA-1 identify files in the lists that carry nothing else; they guard nothing here.
    """
    md5 = hashlib.md5(usedforsecurity=False)
    sha1 = hashlib.sha1(usedforsecurity=False)
    sha256 = hashlib.sha256()
    for block in blocks:
        md5.update(block)
        sha1.update(block)
        sha256.update(block)
    return Digests(md5=md5.hexdigest(), sha1=sha1.hexdigest(), sha256=sha256.hexdigest())


def digest_bytes(data: bytes, *, sha256: bytes | None = None) -> Digests:
    """All three digests of the bytes of one file.

    Args:
        sha256: 32 bytes, where that one was taken already.
    """
    if sha256 is None:
        return digest_blocks([data])
    return Digests(
        md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        sha1=hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        sha256=sha256.hex(),
    )
