"""Which encoding a list's bytes are in, and the same text as UTF-8.

UTF-16 is known by its byte order mark or, without one, by the zero bytes of ASCII in it. One tool
wrote the mark of UTF-16 in front of UTF-8, and one declares UTF-16 in XML that has 8-bit bytes:
what the bytes are counts, and a warning says so. Lines that end in a carriage return alone end in
a line feed behind this room: a reader would take the whole file for its header. Bytes that are no
UTF-8 stay as they are; what to make of them is for the format to say (``decode_text``).
"""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import BinaryIO

MARK_OF_UTF16_BEFORE_UTF8 = "byte order mark of UTF-16 before UTF-8 text"
XML_DECLARES_UTF16 = "XML declares UTF-16, its bytes are not"
LONE_RETURNS = "lines end in a carriage return alone"
NOT_UTF8 = "text is not UTF-8"
LEGACY = "windows-1252"
"""What old Windows tools wrote; bytes that it leaves undefined are read as ISO-8859-1."""

_DECLARATION = re.compile(rb"""(<\?xml[^>]{0,200}?)\s+encoding\s*=\s*["']([^"'>]{0,40})["']""")
_WIDE = re.compile(rb"utf-?16|ucs-?2|unicode", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How to get at a list's text.

    Attributes:
        skip: bytes in front that are not of the text.
        utf16: codec of UTF-16 that it is in; None where it is 8-bit.
        redeclare: whether its XML declaration names an encoding that it will not be in.
        warning: what to count; None where nothing is wrong.
        lone_returns: whether its lines end in a carriage return alone.
    """

    skip: int = 0
    utf16: str | None = None
    redeclare: bool = False
    warning: str | None = None
    lone_returns: bool = False

    @property
    def changes(self) -> bool:
        return bool(self.skip or self.utf16 or self.redeclare or self.lone_returns)


def find_encoding(head: bytes) -> Encoding:
    """The encoding of a list, from its first bytes (some hundred are enough)."""
    for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            if _is_wide(head[2:], codec):
                return Encoding(2, codec, _declares_wide(head[2:], codec))
            if _is_text(head[2:]):
                declares = _declares_wide(head[2:], "utf-8")
                return Encoding(2, None, declares, MARK_OF_UTF16_BEFORE_UTF8)
            return Encoding()
    for codec in ("utf-16-le", "utf-16-be"):
        if _is_wide(head, codec):
            return Encoding(0, codec, _declares_wide(head, codec))
    declared = _DECLARATION.match(head.removeprefix(codecs.BOM_UTF8).lstrip())
    if declared is not None and _WIDE.search(declared[2]):
        return Encoding(redeclare=True, warning=XML_DECLARES_UTF16)
    return Encoding()


def has_lone_returns(head: bytes) -> bool:
    """Whether the lines of a text in UTF-8 end in a carriage return alone.

    JSON and XML have no lines, and there such a character may be part of a value.
    """
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    lines = b"\r" in text and b"\n" not in text and b"\0" not in text
    return lines and not text.startswith((b"{", b"[", b"<"))


def decoded(file: BinaryIO, encoding: Encoding) -> BinaryIO:
    """The text of ``file``, which is at its beginning, as UTF-8."""
    file.read(encoding.skip)
    return io.BufferedReader(_Utf8(file, encoding), 1 << 18)


def decode_text(data: bytes, warnings: Counter[str]) -> str:
    """Text of a format that old Windows tools write too: UTF-8, else Windows-1252.

    ``data`` is a whole line or value: one that is cut inside a character is no UTF-8.
    """
    try:
        return data.decode()
    except UnicodeDecodeError:
        warnings[f"{NOT_UTF8}, read as {LEGACY}"] += 1
    try:
        return data.decode(LEGACY)
    except UnicodeDecodeError:
        return data.decode("iso-8859-1")


def _is_wide(head: bytes, codec: str) -> bool:
    """Whether UTF-16 stands there: a list begins with two ASCII characters in every format."""
    start = head[:4]
    even, odd = start[0::2], start[1::2]
    zeros, letters = (odd, even) if codec == "utf-16-le" else (even, odd)
    return zeros == b"\0\0" and all(letter in b"\t\r\n" or 32 <= letter < 127 for letter in letters)


def _is_text(head: bytes) -> bool:
    return bool(head) and b"\0" not in head[:64]


def _declares_wide(head: bytes, codec: str) -> bool:
    text = head[:512].decode(codec, "replace").encode("utf-8", "replace")
    return _DECLARATION.match(text.lstrip()) is not None


class _Utf8(io.RawIOBase):
    """UTF-8 of a file; lone halves of UTF-16 pairs are kept in WTF-8."""

    def __init__(self, file: BinaryIO, encoding: Encoding) -> None:
        self._file = file
        self._redeclare = encoding.redeclare
        self._lone_returns = encoding.lone_returns
        self._decoder = (
            None
            if encoding.utf16 is None
            else codecs.getincrementaldecoder(encoding.utf16)("surrogatepass")
        )
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._ready and not self._ended:
            self._ready = self._next(len(buffer))
        data, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)

    def _next(self, size: int) -> bytes:
        data = self._file.read(max(size, 4096))
        self._ended = not data
        if self._decoder is not None:
            try:
                text = self._decoder.decode(data, final=self._ended)
            except UnicodeDecodeError:  # half a character at the end
                text = "\ufffd"
            data = text.encode("utf-8", "surrogatepass")
        if self._redeclare:
            self._redeclare = False
            data = _DECLARATION.sub(rb"\1", data, count=1)
        return data.replace(b"\r", b"\n") if self._lone_returns else data
