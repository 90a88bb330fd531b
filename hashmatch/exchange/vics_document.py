"""A VICS document from its first byte to its last: what stands around the records.

The records are an array under ``value``. Seen too, and read with a warning: an array under another
word, an array without anything around it, one object alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hashmatch.errors import ExchangeError
from hashmatch.exchange.json_cursor import CutShortError, JsonCursor
from hashmatch.exchange.json_lenient import MalformedError, Pairs
from hashmatch.exchange.json_window import TextWindow
from hashmatch.exchange.vics_keys import CASE_REFERENCES, MEDIA_KEY
from hashmatch.exchange.vics_resync import DocumentEndError
from hashmatch.exchange.vics_walk import MediaWalk, Members, Refusal

RECORDS_KEY = "value"
OTHER_KEYS = ("media", "objects", "data")
"""Other words for ``value``, in no order."""
ROOT_ARRAY = "[]"
ROOT_OBJECT = "{}"
"""Places of records that are no member's name."""


def open_cursor(chunks: Iterator[bytes], name: str, warnings: Counter[str]) -> JsonCursor:
    return JsonCursor(TextWindow(chunks, warnings), name, warnings)


class VicsDocument:
    """One pass over the records.

    Args:
        chunks: the document's bytes.
        name: the document's name in messages.
        place: where the records are: a member's name in lower case, ``ROOT_ARRAY`` or
            ``ROOT_OBJECT``.
        warnings: counts what is tolerated.
        salvage: whether a document that is cut short just ends.

    Attributes:
        incomplete: why a salvaged document ended before its end.
    """

    def __init__(
        self,
        chunks: Iterator[bytes],
        name: str,
        place: str,
        warnings: Counter[str],
        *,
        salvage: bool = False,
    ) -> None:
        self._cursor = open_cursor(chunks, name, warnings)
        self._place = place
        self._salvage = salvage
        self._walk = MediaWalk(self._cursor)
        self.incomplete: str | None = None

    @property
    def around(self) -> Pairs | None:
        """``MediaWalk.around`` of the current record."""
        return self._walk.around

    def records(self) -> Iterator[Members | Refusal]:
        """The members of one media object after the other, or why there are none.

        Raises (while iterating):
            ExchangeError: malformed outside of the records, cut short, nested too deeply.
        """
        try:
            yield from self._root()
            if self._cursor.peek():
                raise MalformedError("something after the end")
        except DocumentEndError:
            return
        except CutShortError:
            near = self._cursor.window.near()
            self._end(ExchangeError(f"{self._cursor.name}: document cut short at byte {near}"))
        except MalformedError as error:
            self._end(self._cursor.malformed(str(error)))

    def _end(self, error: ExchangeError) -> None:
        if not self._salvage:
            raise error
        self.incomplete = str(error)

    def _root(self) -> Iterator[Members | Refusal]:
        cursor = self._cursor
        if self._place == ROOT_ARRAY:
            cursor.expect("[")
            yield from self._walk.elements(1)
            return
        if self._place == ROOT_OBJECT:
            cursor.peek()
            yield from self._walk.single(0)
            return
        around: list[tuple[str, object]] = []
        for key in members(cursor):
            if key.casefold() == self._place and cursor.peek() == "[":
                cursor.window.pos += 1
                references = tuple(around) if around and self._place == MEDIA_KEY else None
                yield from self._walk.elements(2, references)
                continue
            value = cursor.value(1)
            if key.casefold() in CASE_REFERENCES:
                around.append((key, value))


def members(cursor: JsonCursor) -> Iterator[str]:
    """The keys of the object here; whoever takes one reads its value before the next.

    Raises (while iterating):
        MalformedError, CutShortError: see ``JsonCursor``.
    """
    cursor.expect("{")
    commas = 1
    while cursor.next_item("}", commas=commas, start=commas == 1):
        commas = 0
        key = cursor.key(1)
        yield key if isinstance(key, str) else ""
