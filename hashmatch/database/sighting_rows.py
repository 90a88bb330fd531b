"""Where cases saw a medium, as rows: each place once, however often it is stated."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

from hashmatch.store import decode_text, encode_text
from hashmatch.types import Sighting

SightingRow = tuple[bytes, *tuple[str | None, ...]]
"""Content digest and ``case_key`` to ``extra``: the end of a row of table ``sighting``."""


def sighting_rows(places: Iterable[Sighting]) -> tuple[SightingRow, ...]:
    """Rows in the order of their digests."""
    rows: dict[bytes, SightingRow] = {}
    for place in places:
        values = (
            *(place.case, place.file_name, place.file_path, place.parent_path),
            *(place.created_raw, place.written_raw, place.accessed_raw),
        )
        extra = {encode_text(k): encode_text(v) for k, v in sorted(place.extra.items())}
        columns = [None if value is None else encode_text(value) for value in values]
        columns.append(json.dumps(extra))
        # No stored text contains U+0000 or a bare U+001A: see store.text.
        stated = "\0".join("\x1a" if value is None else value for value in columns)
        digest = hashlib.sha256(stated.encode("utf-8")).digest()[:16]
        rows[digest] = (digest, *columns)
    return tuple(rows[digest] for digest in sorted(rows))


def sighting(columns: Sequence[str | None]) -> Sighting:
    """The place that ``case_key`` to ``extra`` of a row stand for."""
    case, name, path, parent, created, written, accessed = (
        None if value is None else decode_text(value) for value in columns[:-1]
    )
    members = json.loads(columns[-1] or "{}")
    return Sighting(
        case=case,
        file_name=name,
        file_path=path,
        parent_path=parent,
        created_raw=created,
        written_raw=written,
        accessed_raw=accessed,
        extra={decode_text(k): decode_text(v) for k, v in members.items()},
    )
