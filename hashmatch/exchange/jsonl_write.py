"""Writer of our own JSONL, which keeps everything that a reader gave: see docs/exchange.md.

The first line says what the file is and what list it was made from, the last line how many lines
stand between: a file that was cut short is seen. Records keep their order and their positions, by
which a person finds them in the list that they came from; the database exports them sorted.
"""

from __future__ import annotations

from os import PathLike
from typing import Any

from hashmatch.exchange.atomic import AtomicFile
from hashmatch.exchange.base import ListInfo
from hashmatch.exchange.file_writer import FileWriter
from hashmatch.exchange.jsonl_codec import encode_item, to_line
from hashmatch.exchange.jsonl_lines import END, HEAD, MADE_FROM, too_large
from hashmatch.ledger import Ledger
from hashmatch.types import Deletion, HashRecord


class JsonlWriter(FileWriter):
    """Writes records and deletions in the order in which they come.

    Args:
        path: where the file appears, mode 0600, when the ``with`` block ends without an error.
        overwrite: whether an existing file may be replaced.
        origin: what the list that the records were read from says of itself.

    Raises:
        ExchangeError: the file exists or can't be written.

    A record that the reader of this format would not take for its size is counted in ``ledger`` as
    rejected.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        overwrite: bool = False,
        origin: ListInfo | None = None,
    ) -> None:
        self.ledger = Ledger()
        self._lines = 0
        self._file = AtomicFile(path, overwrite=overwrite)
        head: dict[str, Any] = {"schema": HEAD}
        if origin is not None:
            head["origin"] = {
                "format": origin.facts.get(MADE_FROM, origin.format),
                "document": origin.document,
                "context": origin.context,
                "scheme": origin.scheme,
            }
        self._origin = origin
        self._put(to_line(head))

    def write(self, record: HashRecord | Deletion) -> None:
        """Add one record or deletion."""
        line = encode_item(record)
        reason = too_large(line)
        if reason is not None:
            self.ledger.add_rejected(reason)
            return
        self._put(line)
        self._lines += 1
        self.ledger.add_done()

    def _put(self, line: str) -> None:
        self._file.write(line.encode("ascii") + b"\n")

    def _end(self) -> dict[str, Any]:
        """A feed knows its facts, such as the link to its next page, after its last record."""
        end: dict[str, Any] = {"schema": END, "lines": self._lines}
        facts = {} if self._origin is None else self._origin.facts
        kept = {name: text for name, text in sorted(facts.items()) if name != MADE_FROM}
        if kept:
            end["facts"] = kept
        return end

    def _finish(self) -> None:
        self._put(to_line(self._end()))
