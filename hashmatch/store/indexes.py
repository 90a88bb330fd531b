"""The indexes of the schema's tables; they belong to its metadata once this module is loaded."""

from __future__ import annotations

from sqlalchemy import Connection, Index, text

from hashmatch.store.schema import (
    hash_value,
    media,
    media_history,
    opinion,
    opinion_history,
    reject,
    sighting,
)
from hashmatch.store.sql import is_postgres

_ACTIVE = text("withdrawn_revision IS NULL")
_ACTIVE_KNOWN = text("label = 'known_ignorable' AND withdrawn_revision IS NULL")

Index(
    "opinion_statement",
    opinion.c.source_id,
    opinion.c.record_key,
    opinion.c.content_digest,
    unique=True,
    sqlite_where=_ACTIVE,
    postgresql_where=_ACTIVE,
)
Index("opinion_media", opinion.c.media_id, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE)
# The label stands first so that a query for it searches this index and walks no other.
Index(
    "opinion_known",
    opinion.c.label,
    opinion.c.media_id,
    sqlite_where=_ACTIVE_KNOWN,
    postgresql_where=_ACTIVE_KNOWN,
)
_WITHDRAWN = text("withdrawn_revision IS NOT NULL")
Index(
    "opinion_withdrawn",
    opinion.c.withdrawn_revision,
    sqlite_where=_WITHDRAWN,
    postgresql_where=_WITHDRAWN,
)
Index(
    "opinion_withdrawn_media",
    opinion.c.media_id,
    sqlite_where=_WITHDRAWN,
    postgresql_where=_WITHDRAWN,
)
Index("hash_opinion", hash_value.c.opinion_id)
Index("sighting_statement", sighting.c.opinion_id, sighting.c.content_digest, unique=True)
Index("media_history_media", media_history.c.media_id)
Index("opinion_history_opinion", opinion_history.c.opinion_id)
Index("opinion_history_media", opinion_history.c.media_id)
for _column in (
    media_history.c.md5,
    media_history.c.sha1,
    media_history.c.sha256,
    media_history.c.exact_key,
):
    _stated = text(f"{_column.name} IS NOT NULL")
    Index(
        f"media_history_{_column.name}",
        _column,
        sqlite_where=_stated,
        postgresql_where=_stated,
    )
Index("reject_snapshot", reject.c.snapshot_id)
# Not unique: two files may share an MD5, and a list may be wrong. Only live media are found.
for _column in (media.c.md5, media.c.sha1, media.c.sha256, media.c.exact_key):
    _live = text(f"{_column.name} IS NOT NULL AND retired_revision IS NULL")
    Index(f"media_{_column.name}", _column, sqlite_where=_live, postgresql_where=_live)

_LOADED = (media, opinion, hash_value)
_IN_ORDER = frozenset(("opinion_media", "hash_opinion"))
"""Indexes that new rows come to in order, at the end: to keep them up costs next to nothing."""


def drop_indexes(connection: Connection) -> list[Index]:
    """Drop the indexes of the large tables where that is cheap, for as long as they are filled.

    Only SQLite: its indexes are the writer's until it commits. A PostgreSQL server's are in use,
    and an importer may not drop them.

    Returns:
        What ``restore_indexes`` has to build within the same transaction.
    """
    if is_postgres(connection):
        return []
    found = [
        index
        for loaded in _LOADED
        for index in sorted(loaded.indexes, key=_name)
        if index.name not in _IN_ORDER
    ]
    for index in found:
        index.drop(connection)
    return found


def restore_indexes(connection: Connection, indexes: list[Index]) -> None:
    """Build what was dropped, each by one sort."""
    for index in indexes:
        index.create(connection)


def _name(index: Index) -> str:
    return str(index.name)
