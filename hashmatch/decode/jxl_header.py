"""Width and height of a JPEG XL picture from its header, before anything is decoded.

Source: ISO/IEC 18181-1 (SizeHeader), 18181-2 (container boxes).
"""

from __future__ import annotations

from hashmatch.errors import CorruptMediaError

_CODESTREAM = b"\xff\x0a"
_CONTAINER = b"\x00\x00\x00\x0cJXL "
_EXTRA_BITS = (9, 13, 18, 30)
_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}


def jxl_size(data: bytes) -> tuple[int, int]:
    """Width and height as stored.

    Raises:
        CorruptMediaError: no codestream header where one has to be.
    """
    stream = _codestream(data)
    if stream[:2] != _CODESTREAM or len(stream) < 12:
        raise CorruptMediaError("JPEG XL: the header can't be read")
    bits = _Bits(int.from_bytes(stream[2:12], "little"))
    small = bits.take(1)
    height = _side(bits, small)
    ratio = _RATIOS.get(bits.take(3))
    width = _side(bits, small) if ratio is None else height * ratio[0] // ratio[1]
    return width, height


class _Bits:
    def __init__(self, value: int) -> None:
        self._value = value

    def take(self, count: int) -> int:
        taken = self._value & ((1 << count) - 1)
        self._value >>= count
        return taken


def _side(bits: _Bits, small: int) -> int:
    if small:
        return 8 * (bits.take(5) + 1)
    return 1 + bits.take(_EXTRA_BITS[bits.take(2)])


def _codestream(data: bytes) -> bytes:
    """The first bytes of the codestream."""
    if not data.startswith(_CONTAINER):
        return data[:16]
    at = 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        body = at + 8
        if length == 1:
            length = int.from_bytes(data[body : body + 8], "big")
            body += 8
        if kind == b"jxlc":
            return data[body : body + 16]
        if kind == b"jxlp":
            return data[body + 4 : body + 20]
        if length < 8:
            break
        at += length
    return b""
