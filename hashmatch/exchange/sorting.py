"""Records of any list in the order that writers ask for, in bounded memory: an external sort.

Up to a weight of ``MAX_WEIGHT`` records are sorted where they are. Beyond it sorted runs go to
unnamed temporary files and are merged; nothing is left of them. No other process reads them, so
they are in Python's own binary form of plain values, which holds any text.
"""

from __future__ import annotations

import heapq
import marshal
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import fields, replace
from operator import attrgetter
from typing import IO, Any

from hashmatch.exchange.source import foreign_errors
from hashmatch.exchange.vics_order import SortKey, sort_key
from hashmatch.facts import Facts
from hashmatch.types import (
    NOTHING,
    Digests,
    HashRecord,
    HashValue,
    Label,
    MediaKind,
    Opinion,
    Reject,
    Sighting,
)

MAX_WEIGHT = 128 << 20
"""Bytes of records that are held at once, estimated from above: the memory that a sort takes,
however long the list is."""
MAX_RUNS = 64
"""Files that are merged at once; more are merged to one first."""
_BASE, _PER_VALUE, _PER_TEXT = 2_500, 400, 180
_DOING = "can't sort the list in a temporary file"

Plain = tuple[Any, ...]
"""The attributes of an object of ``hashmatch.types``, in their order, down to plain values."""

_Keyed = tuple[SortKey, int, Plain]
"""Sort key, number in the order of coming, record."""


def sorted_records(
    records: Iterable[HashRecord], *, max_weight: int = MAX_WEIGHT
) -> Iterator[HashRecord]:
    """The records in the order of ``sort_key``; those of one key in the order in which they came.

    Raises:
        ExchangeError: the folder for temporary files (``TMPDIR``) is full or can't be written.
    """
    with ExitStack() as files:
        runs: list[IO[bytes]] = []
        held: list[HashRecord] = []
        weight = done = 0
        for record in records:
            held.append(record)
            weight += _weight(record)
            if weight > max_weight:
                runs.append(_spill(_keyed(held, done), files))
                done += len(held)
                held, weight = [], 0
                if len(runs) == MAX_RUNS:
                    runs = [_merged(runs, files)]
        held.sort(key=sort_key)
        if not runs:
            yield from held
            return
        for _, _, plain in heapq.merge(*map(_read, runs), _keyed(held, done)):
            yield _record(plain)


def _keyed(records: list[HashRecord], before: int) -> Iterator[_Keyed]:
    """Sorted; ``before`` records came before these."""
    numbered = [(sort_key(record), number) for number, record in enumerate(records)]
    numbered.sort()
    for key, number in numbered:
        yield key, before + number, _plain(records[number])


def _spill(keyed: Iterable[_Keyed], files: ExitStack) -> IO[bytes]:
    with foreign_errors(_DOING):
        file = tempfile.TemporaryFile(buffering=1 << 16)  # noqa: SIM115 - closed by ``files``
        files.enter_context(file)
        for item in keyed:
            file.write(marshal.dumps(item))
        file.flush()
    return file


def _merged(runs: list[IO[bytes]], files: ExitStack) -> IO[bytes]:
    merged = _spill(heapq.merge(*map(_read, runs)), files)
    for run in runs:
        run.close()
    return merged


def _read(file: IO[bytes]) -> Iterator[_Keyed]:
    with foreign_errors(_DOING):
        file.seek(0)
        while True:
            try:
                yield marshal.load(file)  # noqa: S302 - what this process wrote
            except EOFError:
                return


def _attributes(kind: Any) -> Any:
    """Takes the attributes out of an object, in the order in which its type takes them."""
    return attrgetter(*(field.name for field in fields(kind)))


_of_digests, _of_opinion, _of_value, _of_reject, _of_place = map(
    _attributes, (Digests, Opinion, HashValue, Reject, Sighting)
)


def _plain(record: HashRecord) -> Plain:
    scheme, raw, label, *rest, facts = _of_opinion(record.opinion)
    return (
        record.record_key,
        record.position,
        _of_digests(record.digests),
        (scheme, raw, label.value, *rest, facts.to_dict() if facts else None),
        record.kind.value,
        record.mime,
        record.size,
        tuple(map(_of_value, record.hashes)),
        dict(record.extra),
        tuple(map(_of_reject, record.rejects)),
        tuple((*_of_place(place)[:-1], dict(place.extra)) for place in record.seen_at),
    )


def _record(plain: Plain) -> HashRecord:
    key, position, digests, opinion, kind, mime, size, hashes, extra, rejects, seen_at = plain
    scheme, raw, label, *rest = opinion[:-1]
    facts = opinion[-1]
    return HashRecord(
        key,
        position,
        Digests(*digests),
        replace(Opinion(scheme, raw, Label(label), *rest), facts=Facts.parse(facts or {})),
        MediaKind(kind),
        mime,
        size,
        tuple(HashValue(*value) for value in hashes),
        extra or NOTHING,
        tuple(Reject(*reject) for reject in rejects),
        tuple(_place(place) for place in seen_at),
    )


def _place(plain: Plain) -> Sighting:
    *texts, extra = plain
    return replace(Sighting(*texts), extra=extra or NOTHING)


def _weight(record: HashRecord) -> int:
    """More bytes than the record takes in memory."""
    texts = [*record.opinion.series, *record.opinion.tags, record.opinion.raw_category or ""]
    texts += [*record.extra, *record.extra.values()]
    texts += [reject.raw for reject in record.rejects]
    for place in record.seen_at:
        texts += [text or "" for text in _of_place(place)[:-1]]
        texts += [*place.extra, *place.extra.values()]
    return (
        _BASE
        + _PER_TEXT * len(texts)
        + 4 * sum(map(len, texts))
        + sum(_PER_VALUE + len(item.value) for item in record.hashes)
    )
