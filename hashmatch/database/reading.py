"""One revision of the database, read in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from hashmatch.database.frames import FRAME_COLUMNS, StoredFrames, stored_frames
from hashmatch.database.identity import COLUMNS, NOTHING_STATED
from hashmatch.database.rows import OPINION_COLUMNS, OPINION_TABLES, digests_of, stored_opinion
from hashmatch.database.views import HashHit, MediaView, StoredOpinion
from hashmatch.store import decode_text, read_revision, select_in, stream
from hashmatch.types import Digests, HashValue

# Everything here is made of constants: no statement contains a value.
_MEDIA_BY_DIGEST = """
SELECT wanted.k0, media.id FROM wanted CROSS JOIN media
WHERE media.{column} = wanted.k0 AND media.retired_revision IS NULL"""

_MEDIA = """
SELECT media.id, md5, sha1, sha256, exact_key
FROM wanted CROSS JOIN media WHERE media.id = wanted.k0"""

# NULLs first, as the "" of exchange.sort_key; blobs compare as their hex does.
DIGEST_ORDER = "ORDER BY {}, id".format(
    ", ".join(f"{name} NULLS FIRST" for name in (*COLUMNS, "exact_key"))
)
_LIVE = f"SELECT id FROM media WHERE retired_revision IS NULL {DIGEST_ORDER}"  # noqa: S608

_OPINIONS = f"""
SELECT opinion.media_id, {OPINION_COLUMNS}
FROM wanted CROSS JOIN {OPINION_TABLES}
WHERE opinion.media_id = wanted.k0 AND opinion.withdrawn_revision IS NULL"""  # noqa: S608

_HASHES = """
SELECT hash.id, opinion.media_id, source.name, algorithm, value, quality, frame, time_s
FROM wanted CROSS JOIN hash
    JOIN opinion ON opinion.id = hash.opinion_id
    JOIN source ON source.id = opinion.source_id
WHERE hash.id = wanted.k0 AND opinion.withdrawn_revision IS NULL"""

_MEDIA_HASHES = """
SELECT opinion.media_id, source.name, algorithm, value, quality, frame, time_s
FROM wanted CROSS JOIN opinion
    JOIN source ON source.id = opinion.source_id
    JOIN hash ON hash.opinion_id = opinion.id
WHERE opinion.media_id = wanted.k0 AND opinion.withdrawn_revision IS NULL"""

_FRAMES = f"""
SELECT {FRAME_COLUMNS.format(media="opinion.media_id")}
FROM wanted CROSS JOIN {{tables}}
WHERE {{key}} = wanted.k0 AND algorithm = ? AND opinion.withdrawn_revision IS NULL"""  # noqa: S608
FRAMES_BY_HASH = ("hash JOIN opinion ON opinion.id = hash.opinion_id", "hash.id")
FRAMES_BY_STATEMENT = ("opinion JOIN hash ON hash.opinion_id = opinion.id", "opinion.id")
"""Tables in the order in which they are looked into, and what the keys are."""


class SnapshotView:
    """The database as it was at ``revision``, whatever is written meanwhile.

    Lives as long as the ``with db.snapshot()`` block; use it in one thread at a time.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        # The first query fixes the state that every later one sees.
        self.revision = read_revision(connection)

    def media_by_digests(self, digests: Digests) -> list[MediaView]:
        """Every media that shares a digest, by media id.

        The caller judges: ``media.digests.contradicts(digests)`` means other bytes under one
        MD5 (or an error in a list).
        """
        found: set[int] = set()
        for name, value in Digests.parse(**dict(digests.items())).items():
            found.update(media_id for _, media_id in self.holders(name, [bytes.fromhex(value)]))
        views = self.media(found)
        return [views[media_id] for media_id in sorted(views)]

    def media_by_hash_ids(self, ids: Iterable[int]) -> dict[int, HashHit]:
        """What the ids of a search stand for; ids of withdrawn or later hashes are left out."""
        rows = list(self._hash_rows(_keys(int(hash_id) for hash_id in ids)))
        views = self.media({row[1] for row in rows})
        return {
            hash_id: HashHit(
                hash=HashValue(*stored),
                media=views[media_id],
                source=decode_text(source),
            )
            for hash_id, media_id, source, *stored in rows
        }

    def media(self, ids: Collection[int]) -> dict[int, MediaView]:
        """Views of media by id; unknown ids are left out."""
        keys = _keys(ids)
        opinions: dict[int, list[StoredOpinion]] = defaultdict(list)
        for media_id, row in self._opinion_rows(keys):
            opinions[media_id].append(stored_opinion(row))
        return {
            media_id: MediaView(
                media_id=media_id,
                digests=digests_of(stated),
                opinions=_ordered(opinions.get(media_id, [])),
                exact_key=key.hex() if tuple(stated) == NOTHING_STATED else None,
            )
            for media_id, *stated, key in self._media_rows(keys)
        }

    def digests(self, ids: Collection[int]) -> dict[int, Digests]:
        """Digests of media by id; unknown ids are left out."""
        return {row[0]: digests_of(row[1:4]) for row in self._media_rows(_keys(ids))}

    def hashes_of(self, ids: Collection[int]) -> dict[int, list[tuple[str, HashValue]]]:
        """Perceptual hashes that active statements assert of each media: (source, hash)."""
        found: dict[int, list[tuple[str, HashValue]]] = defaultdict(list)
        for media_id, source, *stored in self._media_hash_rows(_keys(ids)):
            found[media_id].append((decode_text(source), HashValue(*stored)))
        return found

    def frames_of_hashes(self, ids: NDArray[np.int64], algorithm: str = "pdq") -> StoredFrames:
        """The hashes under these ids of a search, as arrays; ids of withdrawn or later ones, or
        of another algorithm, are left out.

        Raises:
            DatabaseError: the database can't be read, or a hash is damaged.
        """
        return self._frames(FRAMES_BY_HASH, ids, algorithm)

    def frames_of_statements(self, ids: NDArray[np.int64], algorithm: str = "pdq") -> StoredFrames:
        """Every hash of the algorithm that these active statements assert, as arrays; also those
        that say too little to be matched.

        Args:
            ids: as ``StoredFrames.statement_ids``.

        Raises:
            DatabaseError: as ``frames_of_hashes``.
        """
        return self._frames(FRAMES_BY_STATEMENT, ids, algorithm)

    def _frames(self, by: tuple[str, str], ids: NDArray[np.int64], algorithm: str) -> StoredFrames:
        keys = _keys(np.unique(ids).tolist())
        return stored_frames(self._frame_rows(by, keys, algorithm), algorithm)

    def live_media(self, *, block: int) -> Iterator[list[int]]:
        """Ids of all media that an active statement belongs to, by digests, in blocks."""
        for rows in stream(self.connection, _LIVE, block=block):
            yield [int(row[0]) for row in rows]

    def holders(self, column: str, values: Collection[bytes]) -> Iterator[tuple[bytes, int]]:
        """(value, media id) of live media that have one of these in a column.

        Args:
            column: md5, sha1, sha256 or exact_key.
        """
        sql = _MEDIA_BY_DIGEST.format(column=column)
        for value, media_id in select_in(self.connection, sql, _keys(values)):
            yield bytes(value), int(media_id)

    def _media_rows(self, keys: list[tuple[int]]) -> Iterator[Sequence[Any]]:
        """Id, digests and exact key of each media."""
        return select_in(self.connection, _MEDIA, keys)

    def _opinion_rows(self, keys: list[tuple[int]]) -> Iterator[tuple[int, Sequence[Any]]]:
        """Each active statement of media: (media id, ``OPINION_COLUMNS``)."""
        for row in select_in(self.connection, _OPINIONS, keys):
            yield row[0], row[1:]

    def _hash_rows(self, keys: list[tuple[int]]) -> Iterator[Sequence[Any]]:
        """Id, media, source and value of hashes that active statements assert, by hash id."""
        return select_in(self.connection, _HASHES, keys)

    def _frame_rows(
        self, by: tuple[str, str], keys: list[tuple[int]], algorithm: str
    ) -> Iterator[Sequence[Any]]:
        """``FRAME_COLUMNS`` of hashes by their own ids or those of their statements."""
        tables, key = by
        sql = _FRAMES.format(tables=tables, key=key)
        return select_in(self.connection, sql, keys, (algorithm,))

    def _media_hash_rows(self, keys: list[tuple[int]]) -> Iterator[Sequence[Any]]:
        """Media, source and value of the hashes of media."""
        return select_in(self.connection, _MEDIA_HASHES, keys)


def _keys(wanted: Iterable[Any]) -> list[tuple[Any]]:
    return [(key,) for key in sorted(set(wanted))]


def _ordered(opinions: list[StoredOpinion]) -> tuple[StoredOpinion, ...]:
    if len(opinions) > 1:
        opinions.sort(key=lambda stored: stored.order)
    return tuple(opinions)
