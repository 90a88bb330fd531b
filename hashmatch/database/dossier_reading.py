"""Gathering the dossier of one medium from the tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection

from hashmatch.database.dossier import Dossier, OpinionRecord, StatedHash, StatedSighting
from hashmatch.database.dossier_history import events, spans
from hashmatch.database.reading import SnapshotView
from hashmatch.database.rows import OPINION_COLUMNS, OPINION_TABLES, digests_of, stored_opinion
from hashmatch.database.sighting_rows import sighting
from hashmatch.database.statement import MAX_INTEGER
from hashmatch.errors import InputError, InputTypeError
from hashmatch.store import decode_text, run, select_in
from hashmatch.types import Digests, HashValue

_OPINIONS = f"""
SELECT opinion.id, opinion.media_id, withdrawn_revision, withdrawn_at, withdrawn_reason,
    latest.imported_at, latest.file_name, {OPINION_COLUMNS}
FROM wanted CROSS JOIN {OPINION_TABLES}
    JOIN snapshot AS latest ON latest.id = opinion.last_snapshot_id
WHERE opinion.media_id = wanted.k0 AND opinion.withdrawn_revision IS {{}} NULL"""  # noqa: S608
_HASHES = """
SELECT hash.id, opinion_id, matchable, reason, algorithm, value, quality, frame, time_s
FROM wanted CROSS JOIN hash WHERE hash.opinion_id = wanted.k0"""
_SIGHTINGS = """
SELECT opinion_id, first_revision, case_key, file_name, file_path, parent_path, created_raw,
    written_raw, accessed_raw, extra
FROM wanted CROSS JOIN sighting WHERE sighting.opinion_id = wanted.k0"""
_FORMER_PLACES = """
SELECT DISTINCT media_id
FROM wanted CROSS JOIN opinion_history WHERE opinion_id = wanted.k0"""
_ONCE_HELD = """
SELECT DISTINCT opinion_id FROM wanted CROSS JOIN opinion_history
WHERE opinion_history.media_id = wanted.k0"""
_MEDIA = "SELECT retired_revision, merged_into FROM media WHERE id = ?"
_FORMER_HOLDERS = """
SELECT media_id, md5, sha1, sha256 FROM media_history WHERE {column} = ?"""
_RETIRED_HOLDERS = """
SELECT id, md5, sha1, sha256 FROM media WHERE retired_revision IS NOT NULL AND {column} = ?"""


def dossier(view: SnapshotView, media_id: int) -> Dossier:
    """Everything on one medium.

    Raises:
        InputError: there is no such media.
    """
    connection = view.connection
    if type(media_id) is not int:
        raise InputTypeError(f"media: expected the id of one, got {type(media_id).__name__}")
    known = view.media([media_id]) if 0 < media_id <= MAX_INTEGER else {}
    media = known.get(media_id)
    if media is None:
        raise InputError(f"media: expected the id of one in the database, got {media_id}")
    retired, merged_into = run(connection, _MEDIA, (media_id,)).one()
    same = {media_id, *_retired_before(connection, media.digests, media.exact_key)}
    records, former = _with_merged(connection, same)
    ordered = dict(sorted(records.items(), key=lambda item: _order(item[1])))
    return Dossier(
        media=media,
        live=retired is None,
        merged_into=merged_into,
        former_ids=tuple(sorted((same | former) - {media_id})),
        revision=view.revision,
        sources=spans(ordered.values()),
        opinions=tuple(ordered.values()),
        hashes=_hashes(connection, ordered),
        sightings=_sightings(connection, ordered),
        history=events(connection, media_id, same, records.keys() | _once_there(connection, same)),
    )


def media_of_digest(view: SnapshotView, digests: Digests) -> list[int]:
    """The media that hold a digest; where none does, those that did, or what took their place."""
    live = {
        media_id
        for name, text in digests.items()
        for _, media_id in view.holders(name, [bytes.fromhex(text)])
    }
    if live:
        return sorted(live)
    former = {
        media_id
        for name, text in digests.items()
        for media_id, _ in _once_holding(view.connection, name, bytes.fromhex(text))
    }
    return sorted({_successor(view.connection, media_id) for media_id in former})


def _successor(connection: Connection, media_id: int) -> int:
    while (into := run(connection, _MEDIA, (media_id,)).one()[1]) is not None:
        media_id = int(into)
    return media_id


def _once_holding(
    connection: Connection, column: str, value: bytes
) -> Iterator[tuple[int, Digests]]:
    for sql in (_FORMER_HOLDERS, _RETIRED_HOLDERS):
        for media_id, *digests in run(connection, sql.format(column=column), (value,)):
            yield int(media_id), digests_of(digests)


def _retired_before(connection: Connection, digests: Digests, exact_key: str | None) -> set[int]:
    """Media that were this file until all that was said of them was withdrawn."""
    keys = [*digests.items(), *([] if exact_key is None else [("exact_key", exact_key)])]
    found = set()
    for name, text in keys:
        for media_id, held in _once_holding(connection, name, bytes.fromhex(text)):
            if held.contradicts(digests):
                continue
            retired, merged_into = run(connection, _MEDIA, (media_id,)).one()
            if retired is not None and merged_into is None:
                found.add(media_id)
    return found


def _with_merged(
    connection: Connection, same: Iterable[int]
) -> tuple[dict[int, OpinionRecord], set[int]]:
    """Statements of these media, and of all that were merged into them."""
    records: dict[int, OpinionRecord] = {}
    seen = set(same)
    waiting = sorted(seen)
    former: set[int] = set()
    while waiting:
        found = dict(_opinions(connection, waiting))
        records.update(found)
        elsewhere = {
            int(row[0]) for row in select_in(connection, _FORMER_PLACES, [(key,) for key in found])
        } - seen
        waiting = sorted(
            media_id for media_id in elsewhere if _successor(connection, media_id) in seen
        )
        seen |= elsewhere
        former |= set(waiting)
    return records, former


def _opinions(connection: Connection, media_ids: list[int]) -> Iterator[tuple[int, OpinionRecord]]:
    keys = [(media_id,) for media_id in media_ids]
    for word in ("", "NOT"):  # an index each
        for row in select_in(connection, _OPINIONS.format(word), keys):
            opinion_id, media_id, went, went_at, reason, last_at, last_file, *stated = row
            yield (
                int(opinion_id),
                OpinionRecord(
                    stored=stored_opinion(stated),
                    media_id=int(media_id),
                    last_seen_at=last_at,
                    last_file_name=None if last_file is None else decode_text(last_file),
                    withdrawn_revision=went,
                    withdrawn_at=went_at,
                    withdrawn_reason=reason,
                ),
            )


def _once_there(connection: Connection, same: Iterable[int]) -> set[int]:
    """Statements that belonged to these media before media were merged or separated."""
    keys = [(media_id,) for media_id in sorted(same)]
    return {int(row[0]) for row in select_in(connection, _ONCE_HELD, keys)}


def _hashes(connection: Connection, records: dict[int, OpinionRecord]) -> tuple[StatedHash, ...]:
    rows: dict[int, list[StatedHash]] = {}
    for hash_id, opinion_id, matchable, reason, *value in select_in(
        connection, _HASHES, [(key,) for key in sorted(records)]
    ):
        record = records[opinion_id]
        rows.setdefault(opinion_id, []).append(
            StatedHash(
                hash_id=int(hash_id),
                value=HashValue(*value),
                source=record.stored.source,
                record_key=record.stored.record_key,
                active=record.active,
                matchable=bool(matchable),
                reason=reason,
            )
        )
    return tuple(row for key in records for row in sorted(rows.get(key, ()), key=_hash_id))


def _hash_id(row: StatedHash) -> int:
    return row.hash_id


def _sightings(
    connection: Connection, records: dict[int, OpinionRecord]
) -> tuple[StatedSighting, ...]:
    rows: dict[int, list[StatedSighting]] = {}
    for opinion_id, first_revision, *columns in select_in(
        connection, _SIGHTINGS, [(key,) for key in sorted(records)]
    ):
        record = records[opinion_id]
        rows.setdefault(opinion_id, []).append(
            StatedSighting(
                place=sighting(columns),
                source=record.stored.source,
                record_key=record.stored.record_key,
                first_revision=int(first_revision),
                active=record.active,
            )
        )
    return tuple(row for key in records for row in rows.get(key, ()))


def _order(record: OpinionRecord) -> tuple[Any, ...]:
    went = record.withdrawn_revision
    return (went is not None, -(went or 0), *record.stored.order)
