"""Where a file lay, as a case says it: from the exhibit's root on, never where it was mounted."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hashmatch.exchange.json_text import to_json
from hashmatch.report.text import path_bytes, unicode_text
from hashmatch.scan import CatalogueItem
from hashmatch.scan.items import SEPARATOR
from hashmatch.types import NOTHING, Sighting

PATH_HEX = "FilePathHex"
"""Member of a place whose path is no UTF-8: its bytes. ``FilePath`` has a readable version then."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RootNames:
    """What each root is called in a list.

    A root is called by the end of its path, as much of it as tells it from the others: of
    ``/mnt/a/DCIM`` and ``/mnt/b`` that is ``DCIM`` and ``b``, with ``/mnt/b/DCIM`` beside it
    ``a/DCIM`` and ``b/DCIM``. One that was not announced is called by its whole path.

    Args:
        roots: of the exhibit, as the catalogue has them.
    """

    def __init__(self, roots: Iterable[bytes] = ()) -> None:
        whole = {root: root.strip(b"/").split(b"/") for root in set(roots)}
        self._names: dict[bytes, bytes] = {}
        for root, parts in whole.items():
            others = [other for name, other in whole.items() if name != root]
            taken = next(
                (
                    n
                    for n in range(1, len(parts))
                    if all(other[-n:] != parts[-n:] for other in others)
                ),
                len(parts),
            )
            self._names[root] = b"/".join(parts[-taken:])

    def name(self, root: bytes) -> bytes:
        return self._names.get(root, root.strip(b"/"))

    def within(self, text: str) -> str:
        """A text in which paths of files begin as they do in a list."""
        for root in sorted(self._names, key=len, reverse=True):
            whole = os.fsdecode(root.rstrip(b"/") + b"/")
            name = os.fsdecode(self._names[root])
            text = text.replace(whole, f"{name}/") if name else text
        return text


def sighting_of(item: CatalogueItem, roots: RootNames) -> Sighting:
    """The place of an item; a member lies below its archive, which is its parent."""
    path = b"/".join(part for part in (roots.name(item.root), item.path) if part)
    parents = [path, *item.member.split(SEPARATOR)] if item.member else [path]
    whole = b"/".join(parents)
    text = _text(whole)
    return Sighting(
        file_name=_text(whole.rpartition(b"/")[2]),
        file_path=text,
        parent_path=_text(b"/".join(parents[:-1])) if item.member else None,
        # Of a member the archive's time is known, which is not its own.
        written_raw=None if item.member else time_text(item.mtime_ns),
        extra=NOTHING if path_bytes(text) == whole else {PATH_HEX: to_json(whole.hex())},
    )


def time_text(ns: str) -> str | None:
    """Nanoseconds since 1970 as ISO 8601 in UTC; None for a time that no reader takes."""
    try:
        time = _EPOCH + timedelta(microseconds=int(ns) // 1000)
    except (OverflowError, ValueError):
        return None
    form = "%Y-%m-%dT%H:%M:%S.%fZ" if time.microsecond else "%Y-%m-%dT%H:%M:%SZ"
    # Years below 1000 lose their zeros on some systems.
    return None if time.year < 1000 else time.strftime(form)


def _text(path: bytes) -> str:
    return unicode_text(os.fsdecode(path))
