"""Items and contents of a catalogue by a name that a person gives."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from hashmatch.scan.items import SEPARATOR, SHOWN, CatalogueItem, read_item


def find_item(connection: sqlite3.Connection, name: bytes) -> CatalogueItem | None:
    """The item with a full path; a member of an archive by what ``CatalogueItem.name`` shows."""
    roots = connection.execute("SELECT id, path FROM roots").fetchall()
    for path, member in _splits(name):
        for root, place in roots:
            within = _within(path, place)
            if within is None:
                continue
            found = read_item(connection, root, within, member)
            if found is not None:
                return found
    return None


def numbers_of_digest(connection: sqlite3.Connection, beginning: str, most: int) -> list[int]:
    """Contents, at most so many, whose SHA-256 begins so."""
    first = bytes.fromhex(beginning.ljust(64, "0"))
    last = bytes.fromhex(beginning.ljust(64, "f"))
    rows = connection.execute(
        "SELECT DISTINCT contents.id FROM contents JOIN items ON items.content = contents.id "
        "WHERE sha256 BETWEEN ? AND ? AND gone = 0 AND contents.recipe = "
        "(SELECT recipe FROM runs ORDER BY id DESC LIMIT 1) ORDER BY sha256 LIMIT ?",
        (first, last, most),
    ).fetchall()
    return [number for (number,) in rows]


def _splits(name: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The whole as a file's path, then each way of taking its end as a member."""
    yield name, b""
    mark = SHOWN.encode()
    at = name.rfind(mark)
    while at > 0:
        yield name[:at], name[at + len(mark) :].replace(mark, SEPARATOR)
        at = name.rfind(mark, 0, at)


def _within(path: bytes, root: bytes) -> bytes | None:
    if path == root:
        return b""
    folder = root.rstrip(b"/") + b"/"
    return path[len(folder) :] if path.startswith(folder) else None
