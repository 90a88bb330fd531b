"""An earlier revision of the database, from what the tables keep of it.

At revision R a statement was active if it had come by then and was not withdrawn yet. Its media
was that of its row in ``opinion_history`` with the smallest ``until_revision`` above R, else the
one that it has now. A media was as its row is since ``since_revision``, and before that as the row
of ``media_history`` that spans R says; one that was live at R and is retired now has such a row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from hashmatch.database.frames import FRAME_COLUMNS
from hashmatch.database.reading import DIGEST_ORDER, SnapshotView
from hashmatch.database.rows import OPINION_COLUMNS, OPINION_TABLES
from hashmatch.errors import InputError, InputTypeError
from hashmatch.store import read_meta, select_in, stream

# Each statement takes R for every "?" of its own; nothing else is a value.
_THEN = "opinion.first_revision <= ?"
_WITHDRAWN_LATER = "opinion.withdrawn_revision IS NOT NULL AND opinion.withdrawn_revision > ?"
_ACTIVE = f"{_THEN} AND (opinion.withdrawn_revision IS NULL OR opinion.withdrawn_revision > ?)"
_NOT_MOVED_LATER = """NOT EXISTS (
    SELECT 1 FROM opinion_history AS moved
    WHERE moved.opinion_id = opinion.id AND moved.until_revision > ?)"""
# Active and withdrawn apart: each has an index of its own over the media.
_STAYED = (
    f"""
SELECT opinion.id, opinion.media_id FROM wanted CROSS JOIN opinion
WHERE opinion.media_id = wanted.k0 AND opinion.withdrawn_revision IS NULL
    AND {_THEN} AND {_NOT_MOVED_LATER}""",  # noqa: S608 - made of constants here
    f"""
SELECT opinion.id, opinion.media_id FROM wanted CROSS JOIN opinion
WHERE opinion.media_id = wanted.k0 AND {_WITHDRAWN_LATER}
    AND {_THEN} AND {_NOT_MOVED_LATER}""",  # noqa: S608 - made of constants here
)
_MOVED_AWAY = f"""
SELECT opinion.id, kept.media_id
FROM wanted CROSS JOIN opinion_history AS kept JOIN opinion ON opinion.id = kept.opinion_id
WHERE kept.media_id = wanted.k0 AND kept.until_revision > ? AND {_ACTIVE}
    AND NOT EXISTS (
        SELECT 1 FROM opinion_history AS moved
        WHERE moved.opinion_id = kept.opinion_id AND moved.until_revision > ?
            AND moved.until_revision < kept.until_revision)"""  # noqa: S608 - made of constants here
PLACE_THEN = """coalesce((
    SELECT kept.media_id FROM opinion_history AS kept
    WHERE kept.opinion_id = opinion.id AND kept.until_revision > ?
    ORDER BY kept.until_revision LIMIT 1), opinion.media_id)"""
"""The media that a statement of ``opinion`` belonged to at the revision of the ``?``."""

_OPINIONS = f"""
SELECT opinion.id, {OPINION_COLUMNS} FROM wanted CROSS JOIN {OPINION_TABLES}
WHERE opinion.id = wanted.k0"""  # noqa: S608 - made of constants here
_HASHES = f"""
SELECT hash.id, {PLACE_THEN}, source.name, algorithm, value, quality, frame, time_s
FROM wanted CROSS JOIN hash
    JOIN opinion ON opinion.id = hash.opinion_id
    JOIN source ON source.id = opinion.source_id
WHERE hash.id = wanted.k0 AND {_ACTIVE}"""  # noqa: S608 - made of constants here
_FRAMES = f"""
SELECT {FRAME_COLUMNS.format(media=PLACE_THEN)}
FROM wanted CROSS JOIN {{tables}}
WHERE {{key}} = wanted.k0 AND algorithm = ? AND {_ACTIVE}"""  # noqa: S608 - made of constants here
_OPINION_HASHES = """
SELECT opinion.id, source.name, algorithm, value, quality, frame, time_s
FROM wanted CROSS JOIN opinion
    JOIN source ON source.id = opinion.source_id
    JOIN hash ON hash.opinion_id = opinion.id
WHERE opinion.id = wanted.k0"""

_DIGESTS = "md5, sha1, sha256, exact_key"
_SPANS = "media_history.from_revision <= ? AND media_history.until_revision > ?"
_MEDIA = (
    f"""
SELECT media.id, {_DIGESTS} FROM wanted CROSS JOIN media
WHERE media.id = wanted.k0 AND since_revision <= ?""",  # noqa: S608 - made of constants here
    f"""
SELECT media_history.media_id, {_DIGESTS} FROM wanted CROSS JOIN media_history
WHERE media_history.media_id = wanted.k0 AND {_SPANS}""",  # noqa: S608 - made of constants here
)
_HOLDERS = (
    """
SELECT wanted.k0, media.id FROM wanted CROSS JOIN media
WHERE media.{column} = wanted.k0 AND media.retired_revision IS NULL AND since_revision <= ?""",
    """
SELECT wanted.k0, media_history.media_id FROM wanted CROSS JOIN media_history
WHERE media_history.{column} = wanted.k0 AND """
    + _SPANS,
)
_LIVE = f"""
SELECT id FROM (
    SELECT id, {_DIGESTS} FROM media WHERE retired_revision IS NULL AND since_revision <= ?
    UNION ALL SELECT media_id AS id, {_DIGESTS} FROM media_history WHERE {_SPANS}
) AS live {DIGEST_ORDER}"""  # noqa: S608 - made of constants here


class PastView(SnapshotView):
    """The database as a view of an earlier revision answered, read in one transaction of today.

    Only ``StoredOpinion.last_snapshot_id`` is today's: a list that says the same again confirms
    its statements without a new revision.

    Args:
        as_of: the revision; from the one at which the history begins to the newest.
        name: of the argument that gave it, for the message.

    Raises:
        InputError: it is outside of these.
    """

    def __init__(self, connection: Connection, as_of: int, *, name: str = "as_of") -> None:
        super().__init__(connection)
        self.revision = require_revision(name, as_of, connection, newest=self.revision)

    def holders(self, column: str, values: Collection[bytes]) -> Iterator[tuple[bytes, int]]:
        """(value, media id) of media that had one of these in a column then."""
        keys = [(value,) for value in sorted(set(values))]
        for sql in _HOLDERS:
            for value, media_id in self._at(sql.format(column=column), keys):
                yield bytes(value), int(media_id)

    def live_media(self, *, block: int) -> Iterator[list[int]]:
        """Ids of all media that a statement belonged to then, by their digests of then."""
        then = (self.revision,) * _LIVE.count("?")
        for rows in stream(self.connection, _LIVE, then, block=block):
            yield [int(row[0]) for row in rows]

    def places(self, media_ids: Collection[int]) -> dict[int, int]:
        """The media of each statement that was active then and belonged to one of these media."""
        return self._places([(media_id,) for media_id in sorted(set(media_ids))])

    def _places(self, keys: list[tuple[int]]) -> dict[int, int]:
        placed: dict[int, int] = {}
        for sql in (*_STAYED, _MOVED_AWAY):
            placed.update((row[0], row[1]) for row in self._at(sql, keys))
        return placed

    def _media_rows(self, keys: list[tuple[int]]) -> Iterator[Sequence[Any]]:
        for sql in _MEDIA:
            yield from self._at(sql, keys)

    def _opinion_rows(self, keys: list[tuple[int]]) -> Iterator[tuple[int, Sequence[Any]]]:
        placed = self._places(keys)
        wanted = [(opinion_id,) for opinion_id in sorted(placed)]
        for row in select_in(self.connection, _OPINIONS, wanted):
            yield placed[row[0]], row[1:]

    def _hash_rows(self, keys: list[tuple[int]]) -> Iterator[Sequence[Any]]:
        return self._at(_HASHES, keys)

    def _frame_rows(
        self, by: tuple[str, str], keys: list[tuple[int]], algorithm: str
    ) -> Iterator[Sequence[Any]]:
        tables, key = by
        sql = _FRAMES.format(tables=tables, key=key)
        then = self.revision
        return select_in(self.connection, sql, keys, (then, algorithm, then, then))

    def _media_hash_rows(self, keys: list[tuple[int]]) -> Iterator[Sequence[Any]]:
        placed = self._places(keys)
        wanted = [(opinion_id,) for opinion_id in sorted(placed)]
        for row in select_in(self.connection, _OPINION_HASHES, wanted):
            yield placed[row[0]], *row[1:]

    def _at(self, sql: str, keys: list[tuple[Any]]) -> Iterator[tuple[Any, ...]]:
        return select_in(self.connection, sql, keys, (self.revision,) * sql.count("?"))


def require_revision(name: str, value: int, connection: Connection, *, newest: int) -> int:
    """Refuse a revision that the database can say nothing about.

    Raises:
        InputError: it is before the history begins, or has not been yet.
    """
    if type(value) is not int:
        raise InputTypeError(f"{name}: expected a revision, got {type(value).__name__}")
    earliest = int(read_meta(connection, "history_from"))
    if not earliest <= value <= newest:
        raise InputError(
            f"{name}: expected a revision from {earliest} (what was before it was purged, or an "
            f"older hashmatch did not keep it) to {newest} (the newest), got {value}"
        )
    return value
