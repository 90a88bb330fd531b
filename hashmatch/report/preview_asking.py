"""Asks for previews of a stream's entries, several at a time: each costs the decoding of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from hashmatch.closing import Closing
from hashmatch.report.model import FileEntry, TriageClass
from hashmatch.report.previews import Preview

E = TypeVar("E")
PreviewOf = Callable[[FileEntry], Preview | None]
"""Gives the preview of a file; None where there is none."""

_AT_ONCE = 200
"""Entries that are held while their previews are made."""


class PreviewAsker(Closing):
    """Asks ``preview_of``, in ``threads`` threads; None: nobody is asked.

    Never asked for are files that lists know or an examiner has decided: to see them again helps
    nobody.
    """

    def __init__(self, preview_of: PreviewOf | None, threads: int) -> None:
        self._preview_of = preview_of
        self._crew = None
        if preview_of is not None and threads > 1:
            self._crew = ThreadPoolExecutor(threads, thread_name_prefix="previews")

    def each(
        self, entries: Iterable[E], file_of: Callable[[E], FileEntry]
    ) -> Iterator[tuple[E, Preview | None]]:
        """Entries in their order, each with the preview of its file."""
        if self._crew is None:
            for entry in entries:
                yield entry, self._ask(file_of(entry))
            return
        rest = iter(entries)
        while held := list(islice(rest, _AT_ONCE)):
            made = self._crew.map(self._ask, [file_of(entry) for entry in held])
            yield from zip(held, made, strict=True)

    def close(self) -> None:
        """Wait for nobody: after an error what is still asked is not needed."""
        if self._crew is not None:
            self._crew.shutdown(wait=False, cancel_futures=True)

    def _ask(self, file: FileEntry) -> Preview | None:
        settled = file.triage.known or file.triage is TriageClass.DECIDED
        if self._preview_of is None or settled or file.decision is not None:
            return None
        return self._preview_of(file)
