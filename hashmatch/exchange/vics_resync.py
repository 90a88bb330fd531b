"""Where the next record of a broken VICS document begins.

Records of one document begin with the same member, so the last good one says what to look for. An
object inside a record must not be taken for a record: ``MediaFiles`` repeat the medium's MD5.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from hashmatch.exchange.json_cursor import CutShortError, JsonCursor
from hashmatch.exchange.json_lenient import Pairs
from hashmatch.exchange.json_plain import MAX_VALUE, PARSE_ERRORS
from hashmatch.exchange.vics_context import CONTEXT_KEYS

_OBJECT = re.compile(r'\{[ \t\r\n]*"([^"\\]{1,64})"[ \t\r\n]*:')
_KEY = re.compile(r'"([^"\\]{1,64})"[ \t\r\n]*:')
_OVERLAP = 256
_PIECES = (1 << 12, MAX_VALUE)
_MARGIN = 16
"""Characters before the end of a piece in which an error may be due to that end."""
_SHOWN = re.compile(
    r'"(MediaID|MD5|SHA1)"[ \t\r\n]*:[ \t\r\n]*"?([0-9A-Fa-f]{1,64})', re.IGNORECASE
)
_MAX_SHOWN = 1 << 14
_CONTEXT = re.compile(
    f'"(?:{"|".join(map(re.escape, sorted(CONTEXT_KEYS)))})"'
    r'[ \t\r\n]*:[ \t\r\n]*"([^"\\]{1,1024})"',
    re.IGNORECASE,
)
_WHOLE = re.compile(r"[\]}][ \t\r\n]*\Z")

_parse = json.JSONDecoder(object_pairs_hook=tuple, parse_float=Decimal, strict=False).raw_decode
"""Takes raw control characters, as the reader does."""

_SURE = frozenset(("mediaid", "odata.id", "@odata.id", "category", "caseid", "casenumber"))
"""Members that begin a record and nothing else."""
_ALSO_INSIDE = frozenset(
    (
        *("md5", "hashname", "hashvalue", "propertyname", "propertyvalue", "filename", "filepath"),
        *("segmentindex", "start", "repositoryname", "caseid", "name"),
    )
)
"""Members that begin objects inside a record too."""
_INSIDE = frozenset(
    (
        *("filename", "filepath", "hashname", "hashvalue", "propertyname", "propertyvalue"),
        *("segmentindex", "repositoryname", "parentmd5"),
    )
)
_RECORD = frozenset(("mediaid", "category", "mediasize", "sha1", "photodna", "relativefilepath"))


class DocumentEndError(Exception):
    """After a loss the document ended, and nothing says that it was cut short."""


class Resync:
    """Finds records at a cursor.

    Attributes:
        good: the last record that was read.
        context: the document's context, where it was met on the way.
    """

    def __init__(self, cursor: JsonCursor) -> None:
        self._window = cursor.window
        self.good: Pairs | dict[str, Any] = ()
        self.context: str | None = None
        self._cut: int | None = None

    def find(self) -> None:
        """Step to the next record.

        Raises:
            DocumentEndError, CutShortError: there is none.
        """
        window = self._window
        window.mark = None
        while True:
            at = self._search(window.text, window.pos)
            if at is not None:
                window.pos = at
                return
            if self._cut is not None:
                window.pos = self._cut  # by the window's end: more of it tells
                window.fill()
                continue
            self._note_context()
            if window.ended:
                if _WHOLE.search(window.text, window.pos) is None:
                    raise CutShortError
                raise DocumentEndError
            window.pos = max(window.pos, len(window.text) - _OVERLAP)
            window.fill()

    def finds_another(self) -> bool:
        """Whether at the document's end a record stands behind the one at the mark."""
        window = self._window
        start = window.pos if window.mark is None else window.mark
        return self._search(window.text, start + 1) is not None

    def telling_text(self) -> str:
        """What of the broken record here may be shown: its number and digests, nothing else."""
        text, pos = self._window.text, self._window.pos
        end = self._search(text, pos + 1)
        end = min(len(text) if end is None else end, pos + _MAX_SHOWN)
        found: dict[str, str] = {}
        for match in _SHOWN.finditer(text, pos, end):
            found.setdefault(match[1], match[2])
        return "; ".join(f"{name}={value}" for name, value in found.items())

    def _search(self, text: str, pos: int) -> int | None:
        keys = [key[0] if isinstance(key, tuple) else key for key in self.good]
        # What looks like no record says nothing about how records begin.
        expected = keys[0] if _are_of_record({key.casefold() for key in keys}) else None
        self._cut = None
        for match in _OBJECT.finditer(text, pos):
            key, folded = match[1], match[1].casefold()
            if folded in _SURE - _ALSO_INSIDE or (key == expected and folded not in _ALSO_INSIDE):
                return match.start()
            if key == expected or expected is None:
                found = _is_record(text, match.start())
                if found is None and not self._window.ended:
                    self._cut = match.start()
                    return None
                if found:
                    return match.start()
        return None

    def _note_context(self) -> None:
        for match in _CONTEXT.finditer(self._window.text, self._window.pos):
            self.context = match[1]


def _is_record(text: str, pos: int) -> bool | None:
    """Whether the object at ``pos`` is a record, perhaps a broken one; None where it is cut off.

    It is taken in pieces: the parser's error costs as much as the text that it is given is long.
    """
    for size in _PIECES:
        piece = text[pos : pos + size]
        try:
            value, _ = _parse(piece)
        except json.JSONDecodeError as error:
            if error.pos + _MARGIN < len(piece) and not error.msg.startswith("Unterminated"):
                break
        except PARSE_ERRORS:
            break
        else:
            return _are_of_record({key.casefold() for key, _ in value})
        if len(piece) < size:
            return None
    # Broken: it counts as what its first members say, and its reader refuses it.
    return _are_of_record({match[1].casefold() for match in _KEY.finditer(_first_members(piece))})


def _first_members(piece: str) -> str:
    """The text of an object up to where it ends or another one begins."""
    ends = [at for at in (piece.find("{", 1), piece.find("}")) if at >= 0]
    return piece[: min([*ends, _PIECES[0]])]


def _are_of_record(names: set[str]) -> bool:
    """Whether members, in lower case, are those of a record and not of an object inside one."""
    return bool(names & _RECORD) or ("md5" in names and not names & _INSIDE)
