"""One revision of the database, read in one transaction."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from hashmatch.database.identity import COLUMNS, NOTHING_STATED
from hashmatch.database.views import HashHit, MediaView, StoredOpinion
from hashmatch.facts import NO_FACTS, Facts
from hashmatch.store import decode_text, read_revision, select_in
from hashmatch.types import Digests, HashValue, Label, MediaKind, Opinion

_MEDIA_BY_DIGEST = """
SELECT media.id FROM wanted CROSS JOIN media
WHERE media.{column} = wanted.k0 AND media.retired_revision IS NULL"""

_MEDIA = """
SELECT media.id, md5, sha1, sha256, exact_key
FROM wanted CROSS JOIN media WHERE media.id = wanted.k0"""

_OPINIONS = """
SELECT opinion.media_id, source.name, record_key, content_digest,
    first_snapshot_id, last_snapshot_id, opinion.first_revision, file_name, imported_at,
    stated_md5, stated_sha1, stated_sha256, kind, mime, opinion.size, opinion.scheme,
    raw_category, label, baseline, victim_identified, offender_identified, distributed,
    self_generated, suspected, precategorized, file_available, submissions, series, tags,
    updated_raw, extra, facts
FROM wanted CROSS JOIN opinion
    JOIN source ON source.id = opinion.source_id
    JOIN snapshot ON snapshot.id = opinion.first_snapshot_id
WHERE opinion.media_id = wanted.k0 AND opinion.withdrawn_revision IS NULL"""

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
            sql = _MEDIA_BY_DIGEST.format(column=name)
            found.update(
                row[0] for row in select_in(self.connection, sql, [(bytes.fromhex(value),)])
            )
        views = self.media(found)
        return [views[media_id] for media_id in sorted(views)]

    def media_by_hash_ids(self, ids: Iterable[int]) -> dict[int, HashHit]:
        """What the ids of a search stand for; ids of withdrawn or later hashes are left out."""
        keys = [(hash_id,) for hash_id in sorted({int(hash_id) for hash_id in ids})]
        rows = list(select_in(self.connection, _HASHES, keys))
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
        keys = [(media_id,) for media_id in sorted(ids)]
        opinions: dict[int, list[StoredOpinion]] = defaultdict(list)
        for media_id, *row in select_in(self.connection, _OPINIONS, keys):
            opinions[media_id].append(_stored_opinion(row))
        return {
            media_id: MediaView(
                media_id=media_id,
                digests=_digests(stated),
                opinions=tuple(sorted(opinions[media_id], key=lambda stored: stored.order)),
                exact_key=key.hex() if tuple(stated) == NOTHING_STATED else None,
            )
            for media_id, *stated, key in select_in(self.connection, _MEDIA, keys)
        }

    def hashes_of(self, ids: Collection[int]) -> dict[int, list[tuple[str, HashValue]]]:
        """Perceptual hashes that active statements assert of each media: (source, hash)."""
        keys = [(media_id,) for media_id in sorted(ids)]
        found: dict[int, list[tuple[str, HashValue]]] = defaultdict(list)
        for media_id, source, *stored in select_in(self.connection, _MEDIA_HASHES, keys):
            found[media_id].append((decode_text(source), HashValue(*stored)))
        return found


def _stored_opinion(row: list[Any]) -> StoredOpinion:
    (source, record_key, content, first_snapshot, last_snapshot, first_revision) = row[:6]
    (file_name, imported_at, md5, sha1, sha256, kind, mime, size) = row[6:14]
    (scheme, raw_category, label, baseline, *flags) = row[14:25]
    (submissions, series, tags, updated_raw, extra, facts) = row[25:]
    return StoredOpinion(
        source=decode_text(source),
        record_key=decode_text(record_key),
        opinion=Opinion(
            scheme=decode_text(scheme),
            raw_category=_text(raw_category),
            label=Label(label),
            baseline=_flag(baseline),
            submissions=submissions,
            series=_texts(series),
            tags=_texts(tags),
            updated_raw=_text(updated_raw),
            facts=_facts(facts),
            **{name: _flag(flag) for name, flag in zip(Opinion.FLAGS, flags, strict=True)},
        ),
        kind=MediaKind(kind),
        mime=_text(mime),
        size=size,
        digests=_digests((md5, sha1, sha256)),
        extra={decode_text(k): decode_text(v) for k, v in json.loads(extra).items()},
        file_name=_text(file_name),
        snapshot_id=first_snapshot,
        last_snapshot_id=last_snapshot,
        first_revision=first_revision,
        imported_at=datetime.fromisoformat(imported_at),
        content=content.hex(),
    )


def _digests(stated: Iterable[bytes | None]) -> Digests:
    return Digests(
        **{
            name: None if value is None else value.hex()
            for name, value in zip(COLUMNS, stated, strict=True)
        }
    )


@lru_cache(maxsize=1024)  # a few words in many opinions
def _facts(text: str) -> Facts:
    return Facts.parse(json.loads(text)) if text != "{}" else NO_FACTS


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def _text(value: str | None) -> str | None:
    return None if value is None else decode_text(value)


def _texts(value: str) -> tuple[str, ...]:
    return tuple(decode_text(text) for text in json.loads(value))
