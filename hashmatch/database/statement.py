"""One record of a list as rows: checked, normalised, and with a digest of all that it states."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring_ascii as _quoted
from operator import attrgetter
from typing import Any

from hashmatch.database.identity import NOTHING_STATED, Stated, hash_set_key
from hashmatch.database.matchable import why_not_matchable
from hashmatch.database.sighting_rows import SightingRow, sighting_rows
from hashmatch.exchange.memory import Memory
from hashmatch.exchange.rejects_file import bounded
from hashmatch.facts import NO_FACTS
from hashmatch.store import encode_text
from hashmatch.types import DIGEST_BYTES, HashRecord, Opinion, Reject

MAX_INTEGER = 2**63 - 1
"""Largest number that a database column holds."""

MAX_KEY_BYTES = 1_000
"""Longest key of an entry, and name of a source; an index entry of PostgreSQL holds 2,704 bytes."""

# A digest of nothing, or a filler, would make one media of files that have nothing in common.
_WORTHLESS = frozenset(
    (
        *(bytes((fill,)) * size for fill in (0, 255) for size in DIGEST_BYTES.values()),
        hashlib.md5(b"", usedforsecurity=False).digest(),
        hashlib.sha1(b"", usedforsecurity=False).digest(),
        hashlib.sha256(b"").digest(),
    )
)

HashRow = tuple[str, bytes, int | None, bool, str | None, int | None, float | None]
"""Algorithm, value, quality, matchable, reason, frame, time: the end of a row of table ``hash``."""
Statement = tuple[
    str, bytes, Stated, bytes | None, tuple[Any, ...], list[HashRow], Sequence[SightingRow]
]
"""What one record states, ready for the tables.

- the record's key as it is stored;
- digest of everything stated but where it was seen; with source and key it identifies the
  statement, and the order of hashes and of ``extra`` does not matter;
- the digests;
- ``hash_set_key`` where no digest is stated, else None;
- ``kind`` to ``facts`` of table ``opinion``;
- hashes: at most one for each algorithm, value, frame and time;
- places where a case saw it, each once.

A plain tuple of plain values: millions of them are made, and cross from one process to another.
"""
Refused = tuple[Reject, str | None]
"""What was refused, and the key of the record that it was a field of; None: the whole record."""
NO_FACTS_TEXT = "{}"
"""Column ``facts`` of a statement that has none."""
_Place = tuple[str, bytes, int | None, float | None]
"""Algorithm, value, frame, time: what one row of a statement's hashes is known by."""


def admit(record: HashRecord, rejects: list[Refused]) -> Statement | None:
    """Turn a record into a statement; None where nothing identifies its medium.

    Args:
        rejects: takes what could not be kept, the reader's and what is found here.
    """
    too_long = refuse_key(record.record_key, record.position)
    if too_long is not None:
        rejects.append((too_long, None))
        return None
    refused: list[Reject] = []
    stated = _stated_digests(record, refused)
    hashes = _hash_rows(record, refused)
    if stated == NOTHING_STATED and not hashes:
        no_hash = Reject(record.position, None, "no usable hash", bounded(record.record_key), True)
        rejects.append((no_hash, None))
        return None
    columns = _columns(record, refused)
    if refused or record.rejects:
        rejects.extend((field, record.record_key) for field in (*record.rejects, *refused))
    return (
        encode_text(record.record_key),
        _content_digest(stated, columns, hashes),
        stated,
        hash_set_key((row[0], row[1]) for row in hashes) if stated == NOTHING_STATED else None,
        columns,
        hashes,
        sighting_rows(record.seen_at) if record.seen_at else (),
    )


def refuse_key(key: str, position: int) -> Reject | None:
    """The refusal of an entry whose key no index holds; None where it is short enough."""
    # A character takes at most five bytes as it is stored.
    if len(key) * 5 <= MAX_KEY_BYTES or len(encode_text(key).encode("utf-8")) <= MAX_KEY_BYTES:
        return None
    return Reject(position, "record_key", "record key too long", bounded(key), True)


def _content_digest(stated: Stated, columns: tuple[Any, ...], hashes: Sequence[HashRow]) -> bytes:
    """16 bytes of SHA-256 over all values in a fixed order, separated and unambiguous.

    No stored text contains U+0000 (see ``store.text``), so that separates; nor does one begin with
    a bare U+001A, so that stands for None and begins the marks of what schema version 1 did not
    have. Such a mark is there only where something follows it: whatever else is stated keeps the
    digest that it always had.
    """
    parts = ["\x1a" if value is None else value.hex() for value in stated]
    parts.extend(["\x1a" if value is None else str(value) for value in columns[:-1]])
    in_frames = False
    for algorithm, value, quality, _, _, frame, time_s in hashes:
        parts += (algorithm, value.hex(), "\x1a" if quality is None else str(quality))
        in_frames = in_frames or frame is not None or time_s is not None
    if in_frames:
        parts.append("\x1aframes")
        for row in hashes:
            parts.extend(["\x1a" if value is None else repr(value) for value in row[5:]])
    if columns[-1] != NO_FACTS_TEXT:
        parts += ("\x1afacts", columns[-1])
    return hashlib.sha256("\0".join(parts).encode("utf-8")).digest()[:16]


_flags = attrgetter(*Opinion.FLAGS)


def _columns(record: HashRecord, refused: list[Reject]) -> tuple[Any, ...]:
    opinion = record.opinion
    size, submissions = record.size, opinion.submissions
    return (
        record.kind.value,
        _text(record.mime),
        None if size is None else _integer(record, "size", size, refused),
        encode_text(opinion.scheme),
        _text(opinion.raw_category),
        opinion.label.value,
        opinion.baseline,
        *_flags(opinion),
        None if submissions is None else _integer(record, "submissions", submissions, refused),
        _lists[opinion.series],
        _lists[opinion.tags],
        _text(opinion.updated_raw),
        _json_object(record.extra),
        NO_FACTS_TEXT if opinion.facts is NO_FACTS else _json_object(opinion.facts.to_dict()),
    )


def _stated_digests(record: HashRecord, refused: list[Reject]) -> Stated:
    digests = record.digests
    md5, sha1, sha256 = digests.md5, digests.sha1, digests.sha256
    return (
        None if md5 is None else _digest(record, "md5", md5, refused),
        None if sha1 is None else _digest(record, "sha1", sha1, refused),
        None if sha256 is None else _digest(record, "sha256", sha256, refused),
    )


def _digest(record: HashRecord, name: str, text: str, refused: list[Reject]) -> bytes | None:
    try:
        value = bytes.fromhex(text)
    except ValueError:
        reason = f"{name} is not hex"
    else:
        if len(value) != DIGEST_BYTES[name] or len(text) != 2 * len(value):
            reason = f"{name} length"
        elif value in _WORTHLESS:
            reason = f"{name} of nothing"
        else:
            return value
    refused.append(Reject(record.position, name, reason, bounded(text), False))
    return None


def _hash_rows(record: HashRecord, refused: list[Reject]) -> list[HashRow]:
    given = record.hashes
    if not given:
        return []
    if len(given) == 1 or (len(given) == 2 and given[0].algorithm < given[1].algorithm):
        rows: list[HashRow] = []
        for one in given:
            if one.quality is not None or one.frame is not None or one.time_s is not None:
                break
            flaw = why_not_matchable(one.algorithm, one.value, None)
            rows.append((one.algorithm, one.value, None, flaw is None, flaw, None, None))
        else:
            return rows  # most records of most lists
    best: dict[_Place, int | None] = {}
    for hash_value in given:
        quality = hash_value.quality
        if quality is not None and not 0 <= quality <= 100:
            field = f"{hash_value.algorithm} quality"
            reason = "quality out of range"
            refused.append(Reject(record.position, field, reason, bounded(hex(quality)), False))
            quality = None
        frame, time_s = hash_value.frame, hash_value.time_s
        if frame is not None:
            frame = _integer(record, "frame", frame, refused)
        if time_s is not None:
            time_s = _seconds(record, time_s, refused)
        key = (hash_value.algorithm, hash_value.value, frame, time_s)
        known = best.get(key)
        if known is None or (quality is not None and quality > known):
            best[key] = quality
    rows = []
    places = best.items()
    for place, quality in sorted(places, key=_order) if len(best) > 1 else places:
        algorithm, value, frame, time_s = place
        flaw = why_not_matchable(algorithm, value, quality)
        rows.append((algorithm, value, quality, flaw is None, flaw, frame, time_s))
    return rows


def _order(item: tuple[_Place, object]) -> tuple[str, bytes, int, float]:
    algorithm, value, frame, time_s = item[0]
    return (algorithm, value, -1 if frame is None else frame, -1.0 if time_s is None else time_s)


def _seconds(record: HashRecord, value: float, refused: list[Reject]) -> float | None:
    if math.isfinite(value) and value >= 0:
        return float(value) + 0.0  # a database gives back 0.0 for -0.0
    refused.append(
        Reject(record.position, "time", "time out of range", bounded(repr(value)), False)
    )
    return None


def _integer(record: HashRecord, field: str, value: int, refused: list[Reject]) -> int | None:
    if 0 <= value <= MAX_INTEGER:
        return value
    # hex() and not str(), which refuses numbers of thousands of digits
    raw = bounded(hex(value))
    refused.append(Reject(record.position, field, f"{field} out of range", raw, False))
    return None


def _json_list(texts: tuple[str, ...]) -> str:
    return f"[{', '.join([_quoted(encode_text(text)) for text in texts])}]"


def _characters(texts: tuple[str, ...]) -> int:
    return len(texts) + sum(map(len, texts))


def _json_name(name: str) -> str:
    """A member's name as JSON, with what stands behind it."""
    return f"{_quoted(encode_text(name))}: "


# Series and tags are few, names of members fewer, and stand in many records.
_lists = Memory(_json_list, weigh=_characters)
_names = Memory(_json_name)


def _json_object(texts: Mapping[str, str]) -> str:
    if not texts:
        return "{}"
    members = [_names[name] + _quoted(encode_text(texts[name])) for name in sorted(texts)]
    return f"{{{', '.join(members)}}}"


def _text(text: str | None) -> str | None:
    # What encode_text asks first, without the call.
    return text if text is None or text.isprintable() else encode_text(text)
