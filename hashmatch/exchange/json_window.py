"""A JSON document as a window of text that slides over its bytes, in bounded memory.

The document may be one line of gigabytes. Bytes that are no UTF-8 become lone surrogates, so a
name with a broken character is kept and can be written as it was; raw NUL bytes are left out.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator

from hashmatch.exchange.source import Source

CHUNK = 1 << 18
MAX_BEHIND = 1 << 17
NUL = "NUL characters left out"
_BOM = "\ufeff"
# What C's parser takes without a word and a list should not hold: U+0000, halves of pairs.
_ODD_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])").search
_SURROGATE = re.compile("[\ud800-\udfff]").search
_ESCAPE_LENGTH = 6


def read_chunks(source: Source) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk


class TextWindow:
    """Text of the document from somewhere on.

    Args:
        chunks: the document's bytes, from its beginning.
        warnings: counts what is left out.

    Attributes:
        text: what is in the window.
        pos: the reader's position in it; what lies before may go when the window slides.
        mark: an earlier position that the reader may want to go back to; None where there is none.
            It comes along while it is not too far behind.
        dropped: characters that lay before the window.
        ended: whether the document's last byte is in the window.
        odd: whether so far anything stands there that ``clean_text`` would change or count.
    """

    def __init__(self, chunks: Iterator[bytes], warnings: Counter[str]) -> None:
        self._chunks = chunks
        self._warnings = warnings
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._fed = 0
        self.text = ""
        self.pos = 0
        self.mark: int | None = None
        self.dropped = 0
        self.ended = False
        self.odd = False

    def fill(self) -> bool:
        """Let go of what lies before ``pos`` and ``mark``, add a chunk; False where it ended."""
        if self.ended:
            return False
        chunk = next(self._chunks, b"")
        new = self._decode(chunk, not chunk)
        if self._fed == 0:
            new = new.removeprefix(_BOM)
        self._fed += len(chunk)
        self.ended = not chunk
        if "\0" in new:
            self._warnings[NUL] += new.count("\0")
            new = new.replace("\0", "")
        gone = self.pos
        if self.mark is not None:
            self.mark = max(self.mark, self.pos - MAX_BEHIND)
            gone = self.mark
            self.mark = 0
        rest = self.text[gone:]
        if not self.odd:
            self.odd = _is_odd(rest[1 - _ESCAPE_LENGTH :] + new)
        self.text = rest + new
        self.pos -= gone
        self.dropped += gone
        return not self.ended

    def near(self) -> int:
        """About which byte of the document ``pos`` is at; exact while all is ASCII."""
        return max(0, self._fed - (len(self.text) - self.pos))


def _is_odd(text: str) -> bool:
    # Looking for two characters first is many times as fast as the pattern.
    if "\\" in text and "\\u" in text and _ODD_ESCAPE(text) is not None:
        return True
    return not text.isascii() and _SURROGATE(text) is not None
