"""A PNG reduced to what its picture needs; used only after a decode has failed.

Text, profiles and unknown chunks can be bombs or broken; none of them changes a pixel here.

Source: PNG specification, third edition, section 5.3.
"""

from __future__ import annotations

import zlib

_SIGNATURE_BYTES = 8
_NEEDED = (b"IHDR", b"PLTE", b"tRNS", b"eXIf", b"IDAT")


def mend_png(data: bytes) -> bytes:
    """The file with the chunks of its picture only, their checksums made right, and an end."""
    parts = [data[:_SIGNATURE_BYTES]]
    at = _SIGNATURE_BYTES
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        name = data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + length]
        if name == b"IEND":
            break
        if name in _NEEDED:
            parts.append(_chunk(name, body))
        at += 12 + length
    return b"".join((*parts, _chunk(b"IEND", b"")))


def _chunk(name: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(body, zlib.crc32(name))
    return len(body).to_bytes(4, "big") + name + body + checksum.to_bytes(4, "big")
