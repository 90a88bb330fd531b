"""What segments are made of, read from the store in narrow streams: ids and values, no more.

A digest stands under the *opinion* that states it, a hash under its own row. Neither ever changes
its value, so nothing here depends on which media an opinion belongs to: when media are merged or
separated no entry changes, and the store says where an entry belongs when it is hit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from hashmatch.algorithms import ALGORITHMS, Comparison
from hashmatch.errors import DatabaseError
from hashmatch.store import read_meta, read_revision, run, select_in, stream
from hashmatch.types import DIGEST_BYTES

HAMMING = frozenset(
    name for name, known in ALGORITHMS.items() if known.comparison is Comparison.HAMMING
)
VECTORS = frozenset({"photodna"})
"""Algorithms whose values are compared as vectors."""

Values = NDArray[np.uint8]
Ids = NDArray[np.int64]
_BLOCK = 4096  # rows: larger ones keep the cyclic collector busy
GATHERED = 65_536
"""Rows that are handed on together."""

_STATED = """
SELECT id, stated_md5, stated_sha1, stated_sha256 FROM opinion
WHERE id >= ? AND withdrawn_revision IS NULL ORDER BY id"""
_HASHES = """
SELECT hash.id, algorithm, value FROM hash JOIN opinion ON opinion.id = hash.opinion_id
WHERE hash.id >= ? AND matchable AND withdrawn_revision IS NULL ORDER BY hash.id"""
# Where nothing was ever withdrawn, nothing has to be looked up.
_HASHES_OF_ALL = "SELECT id, algorithm, value FROM hash WHERE id >= ? AND matchable ORDER BY id"
_ANY_WITHDRAWN = "SELECT EXISTS (SELECT 1 FROM opinion WHERE withdrawn_revision IS NOT NULL)"
_HASHES_OF_ONE = """
SELECT hash.id, algorithm, value FROM hash JOIN opinion ON opinion.id = hash.opinion_id
WHERE hash.id >= ? AND algorithm = ? AND matchable AND withdrawn_revision IS NULL
ORDER BY hash.id"""
_WITHDRAWN = "SELECT id FROM opinion WHERE withdrawn_revision > ? AND id < ? ORDER BY id"
# The opinions first: they are few, and have an index by the revision of their withdrawal.
_WITHDRAWN_HASHES = """
SELECT hash.id, algorithm FROM opinion CROSS JOIN hash
WHERE hash.opinion_id = opinion.id AND opinion.withdrawn_revision > ? AND hash.id < ? AND matchable
ORDER BY hash.id"""
_ADDED = "SELECT min(first_opinion_id), min(first_hash_id) FROM revision_log WHERE revision > ?"
_STAMP = "SELECT at, first_opinion_id, first_hash_id FROM revision_log WHERE revision = ?"
_MEDIA = """
SELECT hash.id, opinion.media_id FROM wanted CROSS JOIN hash
    JOIN opinion ON opinion.id = hash.opinion_id WHERE hash.id = wanted.k0"""
_HASH_ROWS = """
SELECT hash.id, opinion.media_id, value FROM wanted CROSS JOIN hash
    JOIN opinion ON opinion.id = hash.opinion_id WHERE hash.id = wanted.k0"""
_MEDIA_COUNT = """
SELECT count(DISTINCT media_id) FROM opinion JOIN hash ON hash.opinion_id = opinion.id
WHERE algorithm = ? AND matchable AND withdrawn_revision IS NULL"""

_AT = "first_revision <= ? AND (withdrawn_revision IS NULL OR withdrawn_revision > ?)"
_DIGESTS_AT = f"""
SELECT id, stated_{{name}} FROM opinion
WHERE id >= ? AND id < ? AND stated_{{name}} IS NOT NULL AND {_AT} ORDER BY id"""  # noqa: S608
_HASHES_AT = f"""
SELECT hash.id, value FROM hash JOIN opinion ON opinion.id = hash.opinion_id
WHERE hash.id >= ? AND hash.id < ? AND algorithm = ? AND matchable AND {_AT}
ORDER BY hash.id"""  # noqa: S608
_THERE = {
    "opinion": "SELECT opinion.id FROM wanted CROSS JOIN opinion WHERE opinion.id = wanted.k0",
    "hash": "SELECT hash.id FROM wanted CROSS JOIN hash WHERE hash.id = wanted.k0",
}


@dataclass(frozen=True, slots=True)
class Marks:
    """Where a revision ends: ids from these on came later."""

    next_opinion_id: int
    next_hash_id: int


def marks_now(connection: Connection) -> Marks:
    """Ids from which on nothing stands in the tables."""
    opinion = run(connection, "SELECT max(id) FROM opinion").scalar()
    value = run(connection, "SELECT max(id) FROM hash").scalar()
    return Marks((opinion or 0) + 1, (value or 0) + 1)


def marks_after(connection: Connection, revision: int) -> Marks:
    """The first ids that were given out after a revision.

    From the log, not from the largest id known: a purge may free ids that are given out again.
    """
    opinion, value = run(connection, _ADDED, (revision,)).one()
    return marks_now(connection) if opinion is None else Marks(int(opinion), int(value))


def stamp_of(connection: Connection, revision: int) -> str:
    """What the log says of a revision; empty where it says nothing, before the log began."""
    row = run(connection, _STAMP, (revision,)).first()
    return "" if row is None else " ".join(map(str, row))


def identity_of(connection: Connection) -> tuple[str, int]:
    """(database id, revision)."""
    return read_meta(connection, "database_id"), read_revision(connection)


def history_of(connection: Connection) -> int:
    """The earliest revision that can be asked for; a purge moves it."""
    return int(read_meta(connection, "history_from"))


def stated_digests(
    connection: Connection, first_id: int
) -> Iterator[dict[str, tuple[Ids, Values]]]:
    """Digests that active opinions state, from an opinion id on, by name, in blocks."""
    for rows in _gathered(stream(connection, _STATED, (first_id,), block=_BLOCK)):
        found = {}
        for place, (name, width) in enumerate(DIGEST_BYTES.items(), start=1):
            stated = [row for row in rows if row[place] is not None]
            if stated:
                found[name] = _arrays(stated, place, width, f"stated_{name} of opinions")
        yield found


def matchable_hashes(
    connection: Connection, first_id: int, algorithm: str | None = None
) -> Iterator[tuple[str, Ids, Values]]:
    """Hashes that may match, from a hash id on: (algorithm, ids, values) in blocks.

    Args:
        algorithm: of this one only; None: of all that are compared.
    """
    sql = _HASHES
    parameters: tuple[Any, ...] = (first_id,)
    if algorithm is not None:
        sql, parameters = _HASHES_OF_ONE, (first_id, algorithm)
    elif not run(connection, _ANY_WITHDRAWN).scalar_one():
        sql = _HASHES_OF_ALL
    for rows in _gathered(stream(connection, sql, parameters, block=_BLOCK)):
        for name in sorted({row[1] for row in rows}):
            if name in HAMMING or name in VECTORS:
                found = [row for row in rows if row[1] == name]
                yield name, *_arrays(found, 2, ALGORITHMS[name].n_bytes, f"{name} hashes")


def withdrawn_opinions(connection: Connection, after: int, before_id: int) -> Ids:
    """Opinions withdrawn after a revision, of ids below ``before_id``, ascending."""
    return _ids(connection, _WITHDRAWN, (after, before_id))


def withdrawn_hashes(connection: Connection, after: int, before_id: int) -> dict[str, Ids]:
    """Hashes of such opinions by algorithm, ascending."""
    found: dict[str, list[int]] = {}
    for rows in stream(connection, _WITHDRAWN_HASHES, (after, before_id), block=_BLOCK):
        for number, name in rows:
            found.setdefault(name, []).append(number)
    return {name: np.array(ids, dtype=np.int64) for name, ids in found.items()}


def media_of_hashes(connection: Connection, ids: Ids) -> Ids:
    """The media of each hash; -1, which is no media, for one that is gone."""
    known: dict[int, int] = dict(
        select_in(connection, _MEDIA, [(number,) for number in ids.tolist()])
    )
    return np.array([known.get(number, -1) for number in ids.tolist()], dtype=np.int64)


def hash_rows(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[int, bytes]]:
    """(media id, value) of hashes, by id; those that are gone are left out."""
    rows = select_in(connection, _HASH_ROWS, [(number,) for number in ids])
    return {number: (media_id, bytes(value)) for number, media_id, value in rows}


def media_count(connection: Connection, algorithm: str) -> int:
    """Media with a hash of the algorithm that may match."""
    return int(run(connection, _MEDIA_COUNT, (algorithm,)).scalar_one())


def digests_at(
    connection: Connection, revision: int, name: str, first_id: int, end_id: int
) -> tuple[Ids, Values]:
    """Digests that opinions stated that were active at a revision, by opinion id."""
    sql, parameters = _DIGESTS_AT.format(name=name), (first_id, end_id, revision, revision)
    return _all(connection, sql, parameters, DIGEST_BYTES[name], f"stated_{name} of opinions")


def hashes_at(
    connection: Connection, revision: int, algorithm: str, first_id: int, end_id: int
) -> tuple[Ids, Values]:
    """Hashes that could match at a revision, by id."""
    parameters = (first_id, end_id, algorithm, revision, revision)
    width = ALGORITHMS[algorithm].n_bytes
    return _all(connection, _HASHES_AT, parameters, width, f"{algorithm} hashes")


def gone(connection: Connection, row: str, ids: Ids) -> Ids:
    """Those ids of "opinion" or "hash" that no row has any more, ascending."""
    keys = [(number,) for number in ids.tolist()]
    there = [found for (found,) in select_in(connection, _THERE[row], keys)]
    return np.setdiff1d(ids, np.array(there, dtype=np.int64))


def _all(
    connection: Connection, sql: str, parameters: tuple[Any, ...], width: int, what: str
) -> tuple[Ids, Values]:
    blocks = [
        _arrays(rows, 1, width, what)
        for rows in _gathered(stream(connection, sql, parameters, block=_BLOCK))
    ]
    ids = np.concatenate([np.empty(0, np.int64), *(ids for ids, _ in blocks)])
    empty = np.empty((0, width), np.uint8)
    return ids, np.concatenate([empty, *(values for _, values in blocks)])


def _gathered(blocks: Iterator[Sequence[Any]]) -> Iterator[list[Any]]:
    waiting: list[Any] = []
    for block in blocks:
        waiting += block
        if len(waiting) >= GATHERED:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _arrays(rows: Sequence[Sequence[Any]], place: int, width: int, what: str) -> tuple[Ids, Values]:
    """Ids, the first of each row, and values, at ``place`` of it."""
    ids = np.array([row[0] for row in rows], dtype=np.int64)
    packed = np.frombuffer(b"".join([row[place] for row in rows]), dtype=np.uint8)
    if len(packed) != width * len(rows):
        raise DatabaseError(
            f"{what}: expected {width} bytes each, got {len(packed)} for {len(rows)}"
        )
    return ids, packed.reshape(len(rows), width)


def _ids(connection: Connection, sql: str, parameters: tuple[int, ...]) -> Ids:
    found = [row[0] for rows in stream(connection, sql, parameters, block=_BLOCK) for row in rows]
    return np.array(found, dtype=np.int64)
