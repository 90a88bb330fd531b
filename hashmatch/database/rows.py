"""From rows of the tables to the words of the field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from hashmatch.database.views import StoredOpinion
from hashmatch.facts import NO_FACTS, Facts
from hashmatch.store import decode_text
from hashmatch.types import NOTHING, Digests, Label, MediaKind, Opinion

OPINION_COLUMNS = """source.name, record_key, content_digest,
    first_snapshot_id, last_snapshot_id, opinion.first_revision,
    snapshot.file_name, snapshot.imported_at,
    stated_md5, stated_sha1, stated_sha256, kind, mime, opinion.size, opinion.scheme,
    raw_category, label, baseline, victim_identified, offender_identified, distributed,
    self_generated, suspected, precategorized, file_available, submissions, series, tags,
    updated_raw, extra, facts"""
"""What ``stored_opinion`` takes, of opinion, its source and its first snapshot."""
OPINION_TABLES = """opinion
    JOIN source ON source.id = opinion.source_id
    JOIN snapshot ON snapshot.id = opinion.first_snapshot_id"""

label_of = {label.value: label for label in Label}.__getitem__
_kind_of = {kind.value: kind for kind in MediaKind}.__getitem__
_FLAGS: dict[int | None, bool | None] = {None: None, 0: False, 1: True}
flag = _FLAGS.__getitem__  # true and false are 1 and 0 as well


def stored_opinion(row: Sequence[Any]) -> StoredOpinion:
    """The active statement that ``OPINION_COLUMNS`` tell."""
    (source, record_key, content, first_snapshot, last_snapshot, first_revision) = row[:6]
    (file_name, imported_at, md5, sha1, sha256, kind, mime, size) = row[6:14]
    (scheme, raw_category, label, baseline) = row[14:18]
    (submissions, series, tags, updated_raw, extra, facts) = row[25:]
    return StoredOpinion(
        source=decode_text(source),
        record_key=decode_text(record_key),
        opinion=Opinion(
            decode_text(scheme),
            None if raw_category is None else decode_text(raw_category),
            label_of(label),
            flag(baseline),
            **dict(zip(Opinion.FLAGS, map(flag, row[18:25]), strict=True)),
            submissions=submissions,
            series=() if series == "[]" else _texts(series),
            tags=() if tags == "[]" else _texts(tags),
            updated_raw=None if updated_raw is None else decode_text(updated_raw),
            facts=NO_FACTS if facts == "{}" else _facts(facts),
        ),
        kind=_kind_of(kind),
        mime=None if mime is None else decode_text(mime),
        size=size,
        digests=digests_of((md5, sha1, sha256)),
        extra=NOTHING if extra == "{}" else _members(extra),
        file_name=None if file_name is None else decode_text(file_name),
        snapshot_id=first_snapshot,
        last_snapshot_id=last_snapshot,
        first_revision=first_revision,
        imported_at=moment(imported_at),
        content=content.hex(),
    )


def digests_of(stated: Iterable[bytes | None]) -> Digests:
    """MD5, SHA-1 and SHA-256 as they are stored."""
    return Digests(*[None if value is None else value.hex() for value in stated])


@lru_cache(maxsize=1024)  # a few imports brought many statements
def moment(text: str) -> datetime:
    """A time as it is stored."""
    return datetime.fromisoformat(text)


@lru_cache(maxsize=1024)  # a few words in many opinions
def _facts(text: str) -> Facts:
    return Facts.parse(json.loads(text))


@lru_cache(maxsize=4096)  # series and tags of many opinions are the same
def _texts(value: str) -> tuple[str, ...]:
    return tuple(decode_text(text) for text in json.loads(value))


def _members(value: str) -> Mapping[str, str]:
    return {decode_text(name): decode_text(text) for name, text in json.loads(value).items()}
