"""What the writers of one file have in common: it appears whole, or not at all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from hashmatch.exchange.atomic import AtomicFile


class FileWriter(ABC):
    """A context manager; leaving its block without an error puts ``_file`` in place."""

    _file: AtomicFile

    @abstractmethod
    def _finish(self) -> None:
        """Write what is still held."""

    def _discard(self) -> None:
        """Leave nothing behind."""
        self._file.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._discard()
            return
        try:
            self._finish()
        except BaseException:
            self._discard()
            raise
        self._file.commit()
