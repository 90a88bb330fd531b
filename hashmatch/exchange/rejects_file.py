"""Everything that one reading of a list refused, as a file: JSON, one object a line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from os import PathLike
from types import TracebackType
from typing import Self

from hashmatch.errors import ExchangeError
from hashmatch.exchange.atomic import AtomicFile
from hashmatch.types import Deletion, HashRecord, Reject

MAX_TEXT = 500
"""Characters of a text that are kept."""


def bounded(text: str) -> str:
    """The text, or its beginning."""
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"


class RejectsFile:
    """Lines that stand at ``path``, mode 0600, when the ``with`` block ends, in error or not.

    After an error they are what was refused until then. There is no file where nothing was refused.

    Args:
        path: where no file stands yet; None to write nothing.

    Raises:
        ExchangeError: the file exists or can't be written. Where the block itself failed, what it
            raised passes, with a note.
    """

    def __init__(self, path: str | PathLike[str] | None) -> None:
        self._path = path
        self._file = None if path is None else AtomicFile(path, overwrite=False)
        self._lines = 0
        self._digest = hashlib.sha256()

    @property
    def written(self) -> str | None:
        """The path, if there is anything in the file."""
        return str(self._path) if self._file is not None and self._lines else None

    @property
    def sha256(self) -> str | None:
        """Of the lines so far, hex; None where ``written`` is."""
        return self._digest.hexdigest() if self.written is not None else None

    def add(self, refused: Reject, record_key: str | None) -> None:
        """Add one line; ``record_key`` is that of a record of which only a field was refused."""
        if self._file is None:
            return
        line = {
            "position": refused.position,
            "record_key": record_key,
            "field": None if refused.field is None else bounded(refused.field),
            "reason": bounded(refused.reason),
            "raw": bounded(refused.raw),
            "whole_record": refused.whole_record,
        }
        written = json.dumps(line, ensure_ascii=True).encode("ascii") + b"\n"
        self._file.write(written)
        self._digest.update(written)
        self._lines += 1

    def add_from(self, items: Iterable[HashRecord | Reject | Deletion]) -> None:
        """Add what a reader refused, of items that are not imported."""
        for item in items:
            if isinstance(item, Reject):
                self.add(item, None)
            elif isinstance(item, HashRecord):
                for refused in item.rejects:
                    self.add(refused, item.record_key)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is None:
            return
        if not self._lines:
            self._file.discard()
            return
        try:
            self._file.commit()
        except ExchangeError as failure:
            if error is None:
                raise
            error.add_note(f"what was refused could not be kept: {failure}")
